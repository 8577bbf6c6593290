import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/model/json.ts';
import { header, runWorkflow } from '../../support/workflow.ts';

const output = async (tasks: string, input?: Json) => {
  const bench = await runWorkflow(`${header()}${tasks}`, input === undefined ? {} : { input });
  expect(bench.error).toBeUndefined();
  return bench.output;
};

const add = (name: string, word: string, more = '') => `
  - ${name}:
      set:
        words: '\${ .words + ["${word}"] }'${more}`;

describe('do', () => {
  it('runs tasks in the order they are declared, each with the output of the one before', async () => {
    expect(await output(`do:${add('a', 'x')}${add('b', 'y')}${add('c', 'z')}`)).toEqual({ words: ['x', 'y', 'z'] });
  });

  it('runs a list within a list', async () => {
    const inner = `
  - outer:
      do:
        - a: { set: { n: '\${ .n + 1 }' } }
        - b: { set: { n: '\${ .n * 10 }' } }
  - after: { set: { n: '\${ .n + 5 }' } }`;
    expect(await output(`do:${inner}`, { n: 1 })).toEqual({ n: 25 });
  });

  it('takes a missing input for an empty object', async () => {
    expect(await output('do: [{ a: { set: { got: "${ . }", sum: "${ .x + [1] }" } } }]')).toEqual({
      got: {},
      sum: [1],
    });
  });
});

describe('then', () => {
  it('goes on at the task it names', async () => {
    const tasks = `do:${add('a', 'red', '\n      then: c')}${add('b', 'blue', '\n      then: end')}${add('c', 'green', '\n      then: b')}`;
    expect(await output(tasks)).toEqual({ words: ['red', 'green', 'blue'] });
  });

  it('leaves the list with exit, and goes on after it', async () => {
    const tasks = `
do:
  - outer:
      do:
        - a: { set: { at: a }, then: exit }
        - b: { set: { at: b } }
  - after: { set: { came: '\${ .at }' } }`;
    expect(await output(tasks)).toEqual({ came: 'a' });
  });

  it('ends the workflow from any depth with end; the outer tasks still shape the output', async () => {
    const tasks = `
do:
  - outer:
      do:
        - loop:
            for: { in: '[1, 2, 3]' }
            do:
              - a: { set: { at: '\${ $item }' }, then: end }
      output: { as: '{ outer: . }' }
  - never: { set: { at: never } }
output: { as: '. + { done: true }' }`;
    expect(await output(tasks)).toEqual({ outer: { at: 1 }, done: true });
  });

  it('leads back to a task that ran before, and each passage has a key of its own', async () => {
    const bench = await runWorkflow(`${header()}
do:
  - count: { set: { n: '\${ .n + 1 }' } }
  - pause: { wait: PT1S }
  - again: { switch: [{ more: { when: .n < 3, then: count } }] }`);
    expect(bench.output).toEqual({ n: 3 });
    expect(bench.waits.map((wait) => wait.key)).toEqual(['/do/1/pause', '/do/1/pause#2', '/do/1/pause#3']);
  });
});

describe('if', () => {
  it('skips a task: its raw input goes on, and its directive does not count', async () => {
    const tasks = `
do:
  - a: { if: .go, set: { at: a }, input: { from: .nope }, then: end }
  - b: { set: { before: '\${ . }' } }`;
    expect(await output(tasks, { go: false })).toEqual({ before: { go: false } });
    expect(await output(tasks, { go: true })).toEqual({ at: 'a' });
  });
});

describe('switch', () => {
  const tasks = `
do:
  - color:
      switch:
        - red: { when: '.color == "red"', then: setRed }
        - green: { when: '\${ .color == "green" }', then: setGreen }
        - other: { then: setOther }
  - setRed: { set: { is: red }, then: end }
  - setGreen: { set: { is: green }, then: end }
  - setOther: { set: { is: '\${ "not " + $input.color }' } }`;

  it.each([
    ['red', 'red'],
    ['green', 'green'],
    ['blue', 'not blue'],
  ])('goes where the case of %s says', async (color, is) => {
    expect(await output(tasks, { color })).toEqual({ is });
  });

  it('goes on to its own directive when no case matches', async () => {
    const none = `
do:
  - a: { switch: [{ one: { when: .x == 1, then: b } }], then: end }
  - b: { set: { at: b } }`;
    expect(await output(none, { x: 2 })).toEqual({ x: 2 });
    expect(await output(none, { x: 1 })).toEqual({ at: 'b' });
  });

  it('takes the default only when no other case matches, wherever it stands', async () => {
    const first = `
do:
  - a: { switch: [{ otherwise: { then: c } }, { one: { when: .x == 1, then: b } }] }
  - b: { set: { at: b }, then: end }
  - c: { set: { at: c } }`;
    expect(await output(first, { x: 1 })).toEqual({ at: 'b' });
    expect(await output(first, { x: 2 })).toEqual({ at: 'c' });
  });
});

describe('for', () => {
  it('hands what one round gives to the next, with item and index', async () => {
    const tasks = `
do:
  - loop:
      for: { each: color, in: .colors }
      do:
        - mark: { set: { seen: '\${ .seen + [{ ($color): $index }] }' } }`;
    expect(await output(tasks, { colors: ['a', 'b'] })).toEqual({ seen: [{ a: 0 }, { b: 1 }] });
  });

  it('names the variables as it is told, item by default', async () => {
    const tasks = `
do:
  - loop:
      for: { in: '\${ [5, 6] }', at: i }
      do: [{ a: { set: { sum: '\${ .sum + $item * $i }' } } }]`;
    expect(await output(tasks)).toEqual({ sum: 6 });
  });

  it('goes over a list written in the definition', async () => {
    expect(
      await output('do: [{ l: { for: { in: [1, "${ .n }"] }, do: [{ a: { set: { n: "${ .n + $item }" } } }] } }]', {
        n: 2,
      }),
    ).toEqual({ n: 5 });
  });

  it('stops before a round when "while" no longer holds', async () => {
    const tasks = `
do:
  - loop:
      for: { in: '[range(10)]' }
      while: .n == null or .n < 3
      do: [{ a: { set: { n: '\${ .n + 1 }' } } }]`;
    expect(await output(tasks)).toEqual({ n: 3 });
  });

  it('gives its input for an empty list, and for none', async () => {
    const tasks = 'do: [{ l: { for: { in: .list }, do: [{ a: { set: { never: 1 } } }] } }]';
    expect(await output(tasks, { list: [] })).toEqual({ list: [] });
    expect(await output(tasks, { x: 1 })).toEqual({ x: 1 });
  });

  it('refuses to go over what is no list', async () => {
    const { error } = await runWorkflow(`${header()}do: [{ l: { for: { in: .x }, do: [{ a: { set: { n: 1 } } }] } }]`, {
      input: { x: 'abc' },
    });
    expect(error).toMatchObject({
      type: expect.stringMatching(/errors\/expression$/),
      status: 400,
      instance: '/do/0/l',
      detail: '"for.in" must give a list; it gave "abc".',
    });
  });

  it('leaves a round, not the loop, with exit', async () => {
    const tasks = `
do:
  - loop:
      for: { in: '[1, 2, 3]' }
      do:
        - a: { set: { n: '\${ .n + [$item] }' } }
        - b: { switch: [{ odd: { when: $item % 2 == 1, then: exit } }] }
        - c: { set: { n: '\${ .n + ["even"] }' } }`;
    expect(await output(tasks)).toEqual({ n: [1, 2, 'even', 3] });
  });

  it('gives each round keys of its own', async () => {
    const bench = await runWorkflow(`${header()}
do:
  - outer:
      for: { in: '[0, 1]' }
      do: [{ inner: { for: { in: '[0, 1]' }, do: [{ nap: { wait: PT1S } }] } }]`);
    expect(bench.waits.map((wait) => wait.key)).toEqual([
      '/do/0/outer/for/0/do/0/inner/for/0/do/0/nap',
      '/do/0/outer/for/0/do/0/inner/for/1/do/0/nap',
      '/do/0/outer/for/1/do/0/inner/for/0/do/0/nap',
      '/do/0/outer/for/1/do/0/inner/for/1/do/0/nap',
    ]);
  });
});

describe('fork', () => {
  it('gives the outputs of its branches in the order they are declared, whichever is first', async () => {
    const tasks = `
do:
  - both:
      fork:
        branches:
          - slow: { do: [{ nap: { wait: PT1H } }, { a: { set: { is: slow } } }] }
          - fast: { set: { is: fast } }`;
    expect(await output(tasks)).toEqual([{ is: 'slow' }, { is: 'fast' }]);
  });

  it('gives every branch its own input', async () => {
    const tasks =
      'do: [{ f: { fork: { branches: [{ a: { set: { n: "${ .n + 1 }" } } }, { b: { set: { n: "${ .n + 2 }" } } }] } } }]';
    expect(await output(tasks, { n: 1 })).toEqual([{ n: 2 }, { n: 3 }]);
  });

  it('gives the output of the first when its branches compete, and stops the others', async () => {
    const bench = await runWorkflow(`${header()}
do:
  - first:
      fork:
        compete: true
        branches:
          - slow: { do: [{ nap: { wait: PT1H } }, { a: { set: { is: slow } } }] }
          - fast: { do: [{ nap: { wait: PT1M } }, { a: { set: { is: fast } } }] }
  - after: { set: { won: '\${ . }' } }`);
    expect(bench.output).toEqual({ won: { is: 'fast' } });
    expect(bench.waits.map((wait) => wait.ms)).toHaveLength(1);
  });

  it('fails with the first branch that fails', async () => {
    const { error } = await runWorkflow(`${header()}
do:
  - f:
      fork:
        branches:
          - slow: { wait: PT1H }
          - bad: { raise: { error: { type: 'https://x.org/bad', status: 409 } } }`);
    expect(error).toMatchObject({ type: 'https://x.org/bad', status: 409, instance: '/do/0/f/fork/branches/1/bad' });
  });

  it('joins what its branches export, in the order they are declared', async () => {
    const tasks = `
do:
  - start: { set: {x: 1}, export: { as: '{ a: 0, b: 0 }' } }
  - f:
      fork:
        branches:
          - one: { set: { n: 1 }, export: { as: '$context + { a: 1, c: 1 }' } }
          - two: { set: { n: 2 }, export: { as: '$context + { b: 2, c: 2 }' } }
  - end_: { set: '\${ $context }' }`;
    expect(await output(tasks)).toEqual({ a: 1, b: 2, c: 2 });
  });
});

describe('wait', () => {
  it.each([
    ['PT10S', 10_000],
    ['P1DT2H', 93_600_000],
    ['{ minutes: 1, milliseconds: 5 }', 60_005],
    ["'${ .pause }'", 3_000],
  ])('waits %s and passes its input on', async (text, ms) => {
    const bench = await runWorkflow(`${header()}do: [{ nap: { wait: ${text} } }]`, { input: { pause: 'PT3S' } });
    expect(bench.output).toEqual({ pause: 'PT3S' });
    expect(bench.waits[0]!.key).toBe('/do/0/nap');
    expect(Math.abs(bench.waits[0]!.ms! - ms)).toBeLessThan(1000);
  });

  it('refuses an expression that gives no duration', async () => {
    const { error } = await runWorkflow(`${header()}do: [{ nap: { wait: '\${ .pause }' } }]`, {
      input: { pause: 'a while' },
    });
    expect(error!.detail).toBe(
      'wait did not give a duration: found "a while"; accepted are ISO 8601 such as "PT30S" or "P1DT2H".',
    );
  });
});
