import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../../src/model/json.ts';
import {
  type Bench,
  type BenchOptions,
  header,
  runWorkflow,
  startServer,
  type TestServer,
} from '../../support/workflow.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer(({ url }) => (url.startsWith('/fail') ? { status: 503 } : { body: { url } }));
});
afterAll(() => server.close());

const call = (name: string, path = name) =>
  `{ ${name}: { call: http, with: { method: get, endpoint: 'https://api.example/${path}' } } }`;
const keep = (name: string) => `{ ${name}: { set: '\${ . }', export: { as: '$context + { ${name}: . }' } } }`;

/** A workflow with every kind of step that leaves something in the journal. */
const everything = `${header()}
timeout: { after: P1D }
use: { functions: { ask: ${call('ask').slice(7, -2)} } }
do:
  - ${call('first')}
  - ${keep('one')}
  - nap: { wait: PT1H }
  - loop:
      for: { in: '[0, 1, 2]' }
      do: [${call('visit')}, { n: { set: { url: '\${ .url + ($item | tostring) }' } } }]
  - ${keep('two')}
  - t:
      try: [${call('bad', 'fail')}]
      catch: { retry: { delay: PT1S, limit: { attempt: { count: 2 } } }, do: [${call('instead')}] }
  - ${keep('three')}
  - both: { fork: { branches: [${call('left')}, { right: { do: [{ rest: { wait: PT1M } }, ${call('late')}] } }] } }
  - ${keep('four')}
  - limited: { do: [${call('quick')}], timeout: { after: PT1H } }
  - child: { run: { workflow: { namespace: test, name: child, version: latest, input: { n: 1 } } } }
  - ${keep('five')}
  - script: { run: { script: { language: js, code: x } } }
  - f: { call: ask }
  - last: { set: { all: '\${ $context }', end: '\${ . }' } }
`;

/** The same without waits that end a life: everything happens in one. */
const straight = () =>
  everything
    .replace(/ {2}- nap: .*\n/, '')
    .replace('{ rest: { wait: PT1M } }, ', '')
    .replace('delay: PT1S, ', '');

const options = (more: BenchOptions = {}): BenchOptions => ({
  hostMap: { 'api.example': server.origin },
  child: (job) => ({ state: 'completed', output: { did: job.input } }),
  process: () => ({ value: { ran: true } }),
  ...more,
});

/** How often each effect was begun. */
const counts = (bench: Bench) => {
  const found = new Map<string, number>();
  for (const key of bench.begun) found.set(key, (found.get(key) ?? 0) + 1);
  return found;
};

describe('a run that is cut off', () => {
  let whole: Bench;
  let commits = 0;
  beforeAll(async () => {
    whole = await runWorkflow(everything, options());
    commits = whole.journal.size;
  });

  it('is long enough to tell something', () => {
    expect(whole.error).toBeUndefined();
    expect(commits).toBeGreaterThan(20);
    expect([...counts(whole).values()].every((count) => count === 1)).toBe(true);
  });

  it('gives the same output and repeats no finished step, after whichever commit it ends', async () => {
    const expected = await runWorkflow(straight(), options());
    const commits = expected.journal.size;
    expect(commits).toBeGreaterThan(12);
    for (let at = 1; at <= commits; at++) {
      const bench = await runWorkflow(straight(), options({ cutAfterCommits: at }));
      expect(bench.output).toEqual(expected.output);
      const again = [...counts(bench)].filter(([, count]) => count > 1).map(([key]) => key);
      // What runs beside the step that was committed is under way then.
      expect(again.every((key) => key.includes('/fork/branches/'))).toBe(true);
    }
  });

  it('gives the same output wherever a life of it ends, and repeats only the step under way', async () => {
    const expected = await runWorkflow(straight(), options());
    expect(expected.error).toBeUndefined();
    let repeated = 0;
    for (let at = 1; at <= expected.begun.length; at++) {
      const bench = await runWorkflow(straight(), options({ cutAtEffect: at }));
      expect(bench.output).toEqual(expected.output);
      const again = [...counts(bench).values()].filter((count) => count > 1);
      // The branches of a fork are under way side by side.
      expect(again.length).toBeLessThanOrEqual(2);
      expect(Math.max(1, ...again)).toBeLessThanOrEqual(2);
      repeated += again.length;
    }
    expect(repeated).toBeGreaterThan(2);
  });
});

describe('any workflow', () => {
  /** Workflows made at random: lists of effects and pure tasks, in loops, forks, tries and with timeouts. */
  const task: fc.Arbitrary<string> = fc.letrec<{ task: string }>((tie) => ({
    task: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'task' },
      fc.constant('{ set: { n: "${ .n + 1 }" } }'),
      fc.constant(
        '{ run: { shell: { command: x } }, output: { as: "$input + { n: (. | tonumber) }" }, export: { as: "$context + { last: . }" } }',
      ),
      fc.constant('{ wait: PT1S }'),
      fc.constant("{ run: { workflow: { namespace: '.', name: c, version: latest, input: '${ . }' } } }"),
      tie('task').map((inner) => `{ do: [{ a: ${inner} }, { b: ${inner} }] }`),
      tie('task').map((inner) => `{ for: { in: '[1, 2]' }, do: [{ a: ${inner} }] }`),
      fc
        .tuple(tie('task'), tie('task'))
        .map(
          ([a, b]) =>
            `{ fork: { branches: [{ a: ${a} }, { b: ${b} }] }, output: { as: "{ n: (map(.n // 0) | add) }" } }`,
        ),
      tie('task').map((inner) => `{ do: [{ a: ${inner} }], timeout: { after: P1D } }`),
      tie('task').map(
        (inner) =>
          `{ try: [{ a: ${inner} }, { x: { raise: { error: { type: 'https://x.org', status: 400 } } } }], catch: { retry: { limit: { attempt: { count: 1 } } }, do: [{ c: ${inner} }] } }`,
      ),
    ),
  })).task;

  it('ends with the same output when it is cut off after any commit or in any effect', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(task, { minLength: 1, maxLength: 4 }),
        fc.nat({ max: 12 }),
        fc.boolean(),
        async (tasks, at, inEffect) => {
          const list = tasks.map((one, i) => `  - t${i}: ${one}\n`).join('');
          const source = `${header()}do:\n${list}output: { as: '{ data: ., context: $context }' }\n`;
          const more = (): BenchOptions => ({
            input: { n: 0 },
            child: (job) => ({ state: 'completed', output: { n: ((job.input as { n: number }).n ?? 0) * 2 } as Json }),
            process: () => ({ stdout: '7' }),
          });
          const whole = await runWorkflow(source, more());
          const cut = await runWorkflow(source, {
            ...more(),
            ...(inEffect ? { cutAtEffect: at } : { cutAfterCommits: at }),
          });
          expect(whole.error).toBeUndefined();
          expect(cut.output).toEqual(whole.output);
          expect(cut.children).toHaveLength(whole.children.length);
          // After a commit nothing is repeated but what ran beside it.
          const repeated = [...counts(cut).values()].filter((count) => count > 1).length;
          if (!source.includes('fork')) expect(repeated).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a further attempt of a job', () => {
  it('counts waits and timeouts from its own begin, also when it is cut off', async () => {
    const source = `${header()}
timeout: { after: PT30M }
do:
  - work: { run: { shell: { command: x } } }
  - nap: { wait: PT10M }
  - last: { set: { done: true } }`;
    for (const cut of [{}, { cutAfterCommits: 1 }]) {
      const bench = await runWorkflow(source, { startedAgoMs: 3_600_000, process: () => ({}), ...cut });
      expect(bench.output).toEqual({ done: true });
      expect(Math.abs(bench.waits[0]!.ms! - 600_000)).toBeLessThan(1000);
    }
  });
});

describe('a run that must stop', () => {
  it('stops in a loop that does nothing but go round', async () => {
    const { createServerlessRuntime } = await import('../../../src/runtimes/serverless/index.ts');
    const { createRunContext } = await import('../../../src/worker/run-context.ts');
    const { fail } = await import('../../../src/model/errors.ts');
    const { createOutbound } = await import('../../../src/outbound/index.ts');
    const runtime = createServerlessRuntime();
    const definition = runtime.parse(`${header()}do: [{ a: { set: { n: '\${ .n + 1 }' }, then: a } }]`, 'a.yaml');
    const outbound = createOutbound({
      private: 'refuse',
      allow: [],
      maxBytes: 1,
      timeoutMs: 1,
      maxRedirects: 0,
      userAgent: 'x',
    });
    const job = {
      id: 1,
      uuid: 'u',
      workflow: '/a',
      version: 'v',
      input: {},
      owner: 'me',
      labels: {},
      dialect: 'native',
      attempt: 1,
      createdAt: 0,
      startedAt: 0,
      files: [],
    };
    const ports = {
      clock: Date.now,
      outbound,
      ask: async () => undefined,
      stored: () => undefined,
      begun() {},
      log() {},
      touch() {},
    };
    const { context, stop } = createRunContext(job, [], [], ports);
    const ended = runtime.run(definition, context).catch((error: unknown) => error);
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 5);
    setTimeout(() => stop(fail('run-time-exceeded', 'enough')), 200);
    expect(await ended).toMatchObject({ code: 'run-time-exceeded' });
    clearInterval(timer);
    // Others got their turn meanwhile.
    expect(turns).toBeGreaterThan(1);
    await outbound.close();
  });
});
