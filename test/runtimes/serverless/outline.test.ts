import { describe, expect, it } from 'vitest';
import type { OutlineStep } from '../../../src/model/outline.ts';
import { createServerlessRuntime } from '../../../src/runtimes/serverless/index.ts';

const runtime = createServerlessRuntime();
const head = "document: { dsl: '1.0.3', namespace: test, name: outline, version: '1.0.0' }\n";
const outline = (tasks: string): OutlineStep[] => runtime.outline(runtime.parse(head + tasks, 'a.yaml'));

/** One line a step: name, kind, where it may go on; parts below it. */
const show = (steps: readonly OutlineStep[], by = ''): string[] =>
  steps.flatMap(({ name, type, next, parts }) => [
    `${by}${name} ${type} > ${next.join(', ')}`,
    ...parts.flatMap(({ label, steps: inner }) => [`${by}  [${label}]`, ...show(inner, `${by}  `)]),
  ]);

describe('the outline of a definition', () => {
  it('has its steps in order, with those within them', () => {
    const steps = outline(`do:
  - first: { set: { a: 1 } }
  - each:
      for: { each: x, in: '\${ [1] }' }
      do:
        - look: { call: http, with: { method: get, endpoint: 'http://localhost' } }
  - tries:
      try:
        - run it: { run: { script: { language: javascript, code: 'return 1' } } }
      catch:
        do:
          - mend: { set: { ok: true } }
  - both:
      fork:
        branches:
          - left: { wait: { seconds: 1 } }
          - right: { do: [{ inner: { raise: { error: { type: 'https://x', status: 400 } } } }] }
`);
    expect(show(steps)).toEqual([
      'first set > each',
      'each for > tries',
      '  [do]',
      '  look call:http > ',
      'tries try > both',
      '  [try]',
      '  run it run:script > ',
      '  [catch]',
      '  mend set > ',
      'both fork > ',
      '  [left]',
      '  left wait > ',
      '  [right]',
      '  right do > ',
      '    [do]',
      '    inner raise > ',
    ]);
    expect(steps[1]!.parts[0]!.steps[0]!.pointer).toBe('/do/1/each/do/0/look');
    expect(steps[3]!.parts[1]!.steps[0]!.pointer).toBe('/do/3/both/fork/branches/1/right');
  });

  it('knows where a switch and a directive lead', () => {
    const steps = outline(`do:
  - choose:
      switch:
        - high: { when: .a > 1, then: last }
        - low: { when: .a < 0, then: end }
  - middle: { set: { a: 1 }, then: exit }
  - sure:
      switch:
        - one: { when: .a > 1, then: last }
        - other: { then: continue }
  - last: { set: { a: 1 }, then: choose }
`);
    expect(steps.map(({ name, next }) => [name, next])).toEqual([
      ['choose', ['last', 'middle']],
      ['middle', []],
      ['sure', ['last']],
      ['last', ['choose']],
    ]);
  });
});
