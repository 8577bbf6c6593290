import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/model/json.ts';
import { header, runWorkflow } from '../../support/workflow.ts';

const run = (tasks: string, input?: Json, more = {}) =>
  runWorkflow(`${header()}${tasks}`, { ...(input === undefined ? {} : { input }), ...more });

describe('input and output', () => {
  it('shapes the input of a task with from, and its output with as', async () => {
    const { output } = await run(
      `do: [{ a: { input: { from: .user.id }, set: { id: '\${ . }', same: '\${ $input }' }, output: { as: '. + { raw: $task.output, before: $task.input }' } } }]`,
      { user: { id: 7 } },
    );
    expect(output).toEqual({ id: 7, same: 7, raw: { id: 7, same: 7 }, before: { user: { id: 7 } } });
  });

  it('takes objects with expressions for from and as', async () => {
    const { output } = await run(
      `do: [{ a: { input: { from: { x: '\${ .n }', y: [1, '\${ .n + 1 }'], z: text } }, set: '\${ . }', output: { as: { got: '\${ . }' } } } }]`,
      { n: 1 },
    );
    expect(output).toEqual({ got: { x: 1, y: [1, 2], z: 'text' } });
  });

  it('passes data of any type from task to task', async () => {
    const { output } = await run(
      `do: [{ a: { set: { n: 1 }, output: { as: .n } } }, { b: { set: { ids: '\${ [$input, .] }' } } }]`,
    );
    expect(output).toEqual({ ids: [1, 1] });
  });

  it('shapes the input and output of the workflow', async () => {
    const { output } = await run(
      `input: { from: .order }\noutput: { as: '{ total: .sum, raw: $workflow.input }' }\ndo: [{ a: { set: { sum: '\${ .a + .b }' } } }]`,
      {
        order: { a: 1, b: 2 },
      },
    );
    expect(output).toEqual({ total: 3, raw: { order: { a: 1, b: 2 } } });
  });

  it('makes a list of several outputs, and null of none', async () => {
    const { output } = await run(
      `do: [{ a: { set: { many: '\${ .list[] }', none: '\${ empty }', one: '\${ .list[0] }' } } }]`,
      { list: [1, 2] },
    );
    expect(output).toEqual({ many: [1, 2], none: null, one: 1 });
  });
});

describe('schemas', () => {
  const schema =
    'schema: { format: json, document: { type: object, required: [n], properties: { n: { type: integer } } } }';

  it.each([
    ['the input of the workflow', `input: { ${schema} }\ndo: [{ a: { set: { n: 1 } } }]`, '/'],
    ['the raw input of a task', `do: [{ a: { input: { ${schema}, from: '{ n: 1 }' }, set: { n: 1 } } }]`, '/do/0/a'],
    [
      'the shaped output of a task',
      `do: [{ a: { set: { n: 1 }, output: { ${schema}, as: '{ n: "x" }' } } }]`,
      '/do/0/a',
    ],
    ['the exported context', `do: [{ a: { set: { n: 1 }, export: { ${schema}, as: '{ n: "x" }' } } }]`, '/do/0/a'],
    ['the output of the workflow', `output: { ${schema} }\ndo: [{ a: { set: { m: 1 } } }]`, '/'],
  ])('refuse %s when it does not fit, with every field', async (_what, tasks, instance) => {
    const { error } = await run(tasks, { n: 'x' });
    expect(error).toMatchObject({
      type: 'https://serverlessworkflow.io/spec/1.0.0/errors/validation',
      status: 400,
      instance,
    });
    expect(error!.errors).toHaveLength(1);
    expect(error!.errors![0]!.pointer).toBe('/n');
  });

  it('let pass what fits', async () => {
    expect((await run(`input: { ${schema} }\ndo: [{ a: { set: { n: '\${ .n }' } } }]`, { n: 1 })).output).toEqual({
      n: 1,
    });
  });
});

describe('export', () => {
  it('replaces the context, which begins empty and is seen by every later task', async () => {
    const tasks = `
do:
  - a: { set: { n: 1 }, output: { as: .n }, export: { as: '$context + { a: ., out: $output }' } }
  - b: { do: [{ c: { set: { n: 2 }, export: { as: '$context + { c: .n }' } } }] }
  - d: { set: '\${ $context }' }`;
    expect((await run(tasks)).output).toEqual({ a: 1, out: 1, c: 2 });
  });
});

describe('runtime arguments', () => {
  it('describe the workflow, the task and the runtime', async () => {
    const { output } = await run(
      `do: [{ a: { metadata: { m: 1 }, set: { wf: '\${ $workflow }', task: '\${ $task }', rt: '\${ $runtime }' } } }]`,
      { x: 1 },
    );
    const out = output as Record<string, Record<string, Json>>;
    expect(out['wf']).toMatchObject({
      id: '00000000-0000-4000-8000-000000000001',
      input: { x: 1 },
      definition: { document: { name: 'test' } },
    });
    expect(out['wf']!['startedAt']).toEqual({
      iso8601: expect.stringMatching(/^\d{4}-.*Z$/),
      epoch: { seconds: expect.any(Number), milliseconds: expect.any(Number) },
    });
    expect(out['task']).toMatchObject({
      name: 'a',
      reference: '/do/0/a',
      definition: { metadata: { m: 1 } },
      input: { x: 1 },
      output: null,
    });
    expect(out['rt']).toEqual({ name: 'Millrace', version: expect.stringMatching(/^\d+\.\d+/), metadata: {} });
  });

  it('give the secrets the definition names, to expressions that ask', async () => {
    const tasks = `use: { secrets: [db] }\ndo: [{ a: { set: { user: '\${ $secrets.db.user }' } } }]`;
    expect((await run(tasks, {}, { secrets: { db: { user: 'me' }, other: 'x' } })).output).toEqual({ user: 'me' });
  });

  it('refuse a secret that does not exist as not authorized, where it is asked for', async () => {
    const tasks = `use: { secrets: [db] }\ndo: [{ a: { set: { n: 1 } } }, { b: { set: { user: '\${ $secrets.db.user }' } } }]`;
    expect((await run(tasks)).error).toMatchObject({
      type: expect.stringMatching(/authorization$/),
      status: 403,
      instance: '/do/1/b',
    });
  });

  it('do not ask for secrets that no expression reads', async () => {
    expect((await run('use: { secrets: [db] }\ndo: [{ a: { set: { n: 1 } } }]')).output).toEqual({ n: 1 });
  });
});

describe('expressions', () => {
  it('are put together with the text around them', async () => {
    const { output } = await run(
      `do: [{ a: { set: { t: 'Hello \${ .name }, you are \${ .age } {braces} \${ "}" } \${ {a: 1}.b }!' } } }]`,
      { name: 'Ann', age: 7 },
    );
    expect(output).toEqual({ t: 'Hello Ann, you are 7 {braces} } !' });
  });

  it('are what the definition says only: expression syntax in data stays text', async () => {
    const evil = {
      text: '${ .secret }',
      uri: 'https://x.org/{secret}',
      nested: { deep: '${ $workflow }' },
      secret: 's3cret',
    };
    const tasks = `
do:
  - a: { set: { one: '\${ .text }', all: '\${ . }', mixed: 'x \${ .text } y' } }
  - b: { set: '\${ . }', export: { as: . } }
  - c: { set: '\${ $context }' }`;
    expect((await run(tasks, evil)).output).toEqual({ one: '${ .secret }', all: evil, mixed: 'x ${ .secret } y' });
  });

  it('stop with a limit error instead of running for ever', async () => {
    const { error } = await run(`do: [{ a: { set: { n: '\${ [repeat(1)] | length }' } } }]`);
    expect(error).toMatchObject({
      code: 'limit-exceeded',
      type: expect.stringMatching(/expression$/),
      instance: '/do/0/a',
    });
  });

  it('fail with the expression and the reason', async () => {
    const { error } = await run(`do: [{ a: { set: { n: '\${ .a.b + {} }' } } }]`, { a: { b: 1 } });
    expect(error).toMatchObject({
      code: 'expression-failed',
      type: 'https://serverlessworkflow.io/spec/1.0.0/errors/expression',
      status: 400,
      instance: '/do/0/a',
      detail: 'The expression `.a.b + {}` failed: number (1) and object ({}) cannot be added.',
    });
  });

  it('may fail in loose mode: then the text itself is the value', async () => {
    const tasks = `evaluate: { language: jq, mode: loose }\ndo: [{ a: { set: { n: '.n + 1', t: Hello there, bad: '.n | error', e: '\${ .n }' } } }]`;
    expect((await run(tasks, { n: 1 })).output).toEqual({ n: 2, t: 'Hello there', bad: '.n | error', e: 1 });
  });

  it('keep a member named __proto__ as data', async () => {
    const input = JSON.parse('{"__proto__": {"polluted": 1}, "a": 1}') as Json;
    const { output } = await run(`do: [{ a: { set: { copy: '\${ . }', __proto__: { x: '\${ .a }' } } } }]`, input);
    expect(JSON.stringify(output)).toBe('{"copy":{"__proto__":{"polluted":1},"a":1},"__proto__":{"x":1}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('bounds', () => {
  it('end data that doubles without taking memory', async () => {
    const tasks = `do: [{ loop: { for: { in: '[range(100)]' }, do: [{ a: { set: { a: '\${ . }', b: '\${ . }' } } }] } }]`;
    const { error } = await run(tasks, { text: 'x'.repeat(1000) });
    expect(error).toMatchObject({
      code: 'limit-exceeded',
      detail: 'The output is larger than 16 MiB.',
      instance: '/do/0/loop/do/0/a',
    });
  });

  it('end data that is nested ever deeper', async () => {
    const { error } = await run(
      `do: [{ loop: { for: { in: '[range(1000)]' }, do: [{ a: { set: { a: '\${ . }' } } }] } }]`,
    );
    expect(error!.code).toBe('limit-exceeded');
  });
});
