import { describe, expect, it } from 'vitest';
import type { ChildResult } from '../../../src/runtime.ts';
import { pathOf } from '../../../src/runtimes/serverless/steps/run-workflow.ts';
import { type BenchOptions, header, issuesOf, runWorkflow } from '../../support/workflow.ts';

const sub = (more = '', settings = 'namespace: test, name: child, version: latest') =>
  `${header()}do:\n  - start:\n      run:\n        workflow: { ${settings} }\n${more.replace(/^/gm, '        ')}`;
const run = (source: string, result?: ChildResult, options: BenchOptions = {}) =>
  runWorkflow(source, { ...options, ...(result ? { child: () => result } : {}) });

describe('run: workflow', () => {
  it('submits a job and goes on with its output', async () => {
    const bench = await run(
      sub('', "namespace: test, name: child, version: latest, input: { n: '${ .n }' }"),
      { state: 'completed', output: { ok: 1 } },
      { input: { n: 7 } },
    );
    expect(bench.children).toEqual([{ workflow: '/Folder/child', input: { n: 7 } }]);
    expect(bench.output).toEqual({ ok: 1 });
  });

  it('gives nothing when nothing is to be returned', async () => {
    expect((await run(sub('return: none'), { state: 'completed', output: { ok: 1 } })).output).toBeNull();
  });

  it('does not wait when it is told so', async () => {
    const bench = await run(sub('await: false'), undefined, { input: { n: 1 } });
    expect(bench.children).toHaveLength(1);
    expect(bench.output).toEqual({ n: 1 });
    expect(bench.waits).toEqual([]);
  });

  it('fails with the error of the job', async () => {
    const error = {
      type: 'https://x.org/e',
      title: 'E',
      status: 409,
      detail: 'no',
      instance: '/do/3/x',
      code: 'workflow-failed',
    };
    const bench = await run(sub(), { state: 'failed', error });
    expect(bench.error).toMatchObject({
      type: 'https://x.org/e',
      title: 'E',
      status: 409,
      detail: 'The job of /Folder/child failed: no',
      instance: '/do/0/start',
    });
  });

  it('fails when the job was cancelled', async () => {
    expect((await run(sub(), { state: 'cancelled' })).error).toMatchObject({
      type: expect.stringMatching(/runtime$/),
      detail: 'The job of /Folder/child was cancelled.',
    });
  });

  it('submits one job only, however often the run is cut off', async () => {
    for (const cut of [{ cutAfterCommits: 1 }, { cutAtEffect: 1 }]) {
      const bench = await run(sub(), { state: 'completed', output: 1 }, cut);
      expect(bench.lives).toBeGreaterThan(1);
      expect(bench.children).toHaveLength(1);
      expect(bench.output).toBe(1);
    }
  });

  it('ends the job when the step that waits for it runs out of time', async () => {
    const source = sub().replace('  - start:\n', '  - start:\n      timeout: { after: PT1M }\n');
    const bench = await run(source);
    expect(bench.error).toMatchObject({ status: 408 });
    expect(bench.cancelledChildren).toEqual([101]);
  });
});

describe('which workflow is meant', () => {
  it.each([
    ['test', '/A/B/child'],
    ['.', '/A/B/child'],
    ['', '/A/B/child'],
    ['etl', '/etl/child'],
    ['etl.nightly', '/etl/nightly/child'],
    ['etl/v1.2', '/etl/v1.2/child'],
    ['/etl', '/etl/child'],
    ['../../x', '/x/child'],
  ])('namespace "%s" is %s', (namespace, expected) => {
    expect(pathOf('/A/B/caller', 'test', namespace, 'child')).toBe(expected);
  });
});

describe('what is wrong at load', () => {
  const issues = (settings: string, more = '') =>
    issuesOf(sub(more, settings)).map((text) => text.replace(/^\d+:\d+ /, ''));

  it('is a missing name', () => {
    expect(issues('namespace: test, version: latest')).toEqual([
      '"workflow" needs the property "name", which is missing.',
    ]);
  });

  it('is a name with a folder', () => {
    expect(issues('namespace: test, name: a/b, version: latest, input: {}')).toEqual([
      'workflow.name is a name, without "/"; the folder belongs into "namespace".',
    ]);
    expect(issues('namespace: test, name: a/b, version: latest')).toHaveLength(1);
  });

  it('is a workflow that runs itself without end', () => {
    const settings = 'namespace: test, name: test, version: latest';
    expect(issues(settings)).toEqual(['This workflow runs itself under no condition, so without end.']);
    expect(issuesOf(sub('', settings).replace('- start:', '- start:\n      if: .more'))).toEqual([]);
  });
});
