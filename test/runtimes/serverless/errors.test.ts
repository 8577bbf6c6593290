import { describe, expect, it } from 'vitest';
import { sameType } from '../../../src/runtimes/serverless/errors.ts';
import { header, runWorkflow } from '../../support/workflow.ts';

const spec = 'https://serverlessworkflow.io/spec/1.0.0/errors';
const run = (tasks: string, options = {}) => runWorkflow(`${header()}${tasks}`, options);
const bad = `raise: { error: { type: ${spec}/communication, status: 503, title: Down, detail: 'no \${ .what }' } }`;

describe('raise', () => {
  it('fails the workflow with the error, and the pointer of the task', async () => {
    const { error } = await run(`do: [{ a: { set: { what: luck } } }, { b: { ${bad} } }]`);
    expect(error).toEqual({
      code: 'workflow-failed',
      type: `${spec}/communication`,
      status: 503,
      title: 'Down',
      detail: 'no luck',
      instance: '/do/1/b',
    });
  });

  it('takes an error by its name', async () => {
    const use = 'use: { errors: { mine: { type: https://x.org/mine, status: 418, title: "${ .t }" } } }';
    expect((await run(`${use}\ndo: [{ a: { raise: { error: mine } } }]`, { input: { t: 'Tea' } })).error).toMatchObject(
      {
        type: 'https://x.org/mine',
        status: 418,
        title: 'Tea',
      },
    );
  });

  it('escapes names in the pointer', async () => {
    expect((await run(`do: [{ 'a/b~c': { ${bad} } }]`)).error!.instance).toBe('/do/0/a~1b~0c');
  });

  it('points into the definition, through lists, loops and functions', async () => {
    const loop = `do: [{ l: { for: { in: '[1]' }, do: [{ t: { try: [{ x: { ${bad} } }], catch: { when: 'false' } } }] } }]`;
    expect((await run(loop)).error!.instance).toBe('/do/0/l/do/0/t/try/0/x');
    const call = `use: { functions: { f: { do: [{ x: { ${bad} } }] } } }\ndo: [{ c: { call: f } }]`;
    expect((await run(call)).error!.instance).toBe('/use/functions/f/do/0/x');
  });
});

describe('try', () => {
  const attempt = (more: string, thrown = bad) => `do: [{ t: { try: [{ x: { ${thrown} } }], catch: { ${more} } } }]`;

  it('hands the error to catch.do under its name, with the input of the try', async () => {
    const { output } = await run(attempt(`as: err, do: [{ h: { set: { e: '\${ $err }', in: '\${ . }' } } }]`), {
      input: { what: 'luck' },
    });
    expect(output).toEqual({
      e: { type: `${spec}/communication`, status: 503, title: 'Down', detail: 'no luck', instance: '/do/0/t/try/0/x' },
      in: { what: 'luck' },
    });
  });

  it('calls the error "error" unless told otherwise', async () => {
    expect((await run(attempt(`do: [{ h: { set: { s: '\${ $error.status }' } } }]`))).output).toEqual({ s: 503 });
  });

  it('gives the output of its tasks when nothing fails', async () => {
    expect((await run(attempt('do: [{ h: { set: { never: 1 } } }]', 'set: { ok: true }'))).output).toEqual({
      ok: true,
    });
  });

  it('goes on with its input when an error is caught and nothing is to be done', async () => {
    expect((await run(attempt(''), { input: { n: 1 } })).output).toEqual({ n: 1 });
  });

  it.each([
    ['the status', 'errors: { with: { status: 503 } }', true],
    ['another status', 'errors: { with: { status: 404 } }', false],
    ['the type', `errors: { with: { type: ${spec}/communication } }`, true],
    [
      'the type as the conformance kit spells it',
      'errors: { with: { type: https://serverlessworkflow.io/dsl/errors/types/communication } }',
      true,
    ],
    [
      'the type in its new home',
      'errors: { with: { type: https://open-workflow-specification.org/spec/1.0.0/errors/communication, status: 503 } }',
      true,
    ],
    ['another type', `errors: { with: { type: ${spec}/timeout } }`, false],
    ['the title', 'errors: { with: { title: Down } }', true],
    ['the detail, spelled either way', "errors: { with: { detail: 'no luck', details: 'no luck' } }", true],
    ['the instance', 'errors: { with: { instance: /do/0/t/try/0/x } }', true],
    ['a condition that holds', 'when: $error.status >= 500', true],
    ['a condition that does not hold', 'when: $error.status < 500', false],
    ['an exception', 'exceptWhen: $error.status == 503', false],
    ['the error under another name', 'as: e, when: $e.status == 503', true],
  ])('catches by %s', async (_what, filter, caught) => {
    const bench = await run(attempt(`${filter}, do: [{ h: { set: { caught: true } } }]`), { input: { what: 'luck' } });
    if (caught) expect(bench.output).toEqual({ caught: true });
    else expect(bench.error).toMatchObject({ status: 503, instance: '/do/0/t/try/0/x' });
  });

  it('goes where catch.then says', async () => {
    const tasks = `do: [{ t: { try: [{ x: { ${bad} } }], catch: { then: b } } }, { a: { set: { at: a }, then: end } }, { b: { set: { at: b } } }]`;
    expect((await run(tasks)).output).toEqual({ at: 'b' });
  });

  it('catches failed expressions and failed checks as the standard errors', async () => {
    const expression = attempt(
      `errors: { with: { type: ${spec}/expression } }, do: [{ h: { set: { s: '\${ $error.status }' } } }]`,
      `set: '\${ error("x") }'`,
    );
    expect((await run(expression)).output).toEqual({ s: 400 });
    const validation = attempt(
      `do: [{ h: { set: { e: '\${ $error.errors[0].pointer }' } } }]`,
      'set: { n: 1 }, output: { schema: { document: { required: [m] } } }',
    );
    expect((await run(validation)).output).toEqual({ e: '/m' });
  });

  it('lets an error within catch.do out', async () => {
    expect(
      (await run(attempt("do: [{ h: { raise: { error: { type: 'https://x.org/second', status: 400 } } } }]"))).error,
    ).toMatchObject({
      type: 'https://x.org/second',
      instance: '/do/0/t/catch/do/0/h',
    });
  });
});

describe('retry', () => {
  const failing = (retry: string, more = '') =>
    `use: { retries: { std: { delay: { seconds: 2 }, limit: { attempt: { count: 3 } } } } }
do: [{ t: { try: [{ x: { run: { shell: { command: x } } } }], catch: { retry: ${retry} ${more} } } }]`;
  const failures = (count: number) => {
    let calls = 0;
    return { process: () => ({ code: calls++ < count ? 1 : 0, stdout: `${calls}` }) };
  };
  const delays = async (retry: string, count = 99) => {
    const bench = await run(failing(retry), failures(count));
    return bench.waits.map((wait) => Math.round(wait.ms! / 100) / 10);
  };

  it('tries again after the delay until it works', async () => {
    const bench = await run(failing('std'), failures(2));
    expect(bench.output).toBe('3');
    expect(bench.begun).toEqual(['/do/0/t/try/0/x', '/do/0/t#retry1/try/0/x', '/do/0/t#retry2/try/0/x']);
    expect(bench.waits.map((wait) => [wait.key, wait.type])).toEqual([
      ['/do/0/t#retry1', 'retry'],
      ['/do/0/t#retry2', 'retry'],
    ]);
  });

  it('fails with the last error when the attempts are used up and nothing else is to be done', async () => {
    const bench = await run(failing('std'), failures(99));
    expect(bench.error).toMatchObject({ type: `${spec}/runtime`, instance: '/do/0/t/try/0/x' });
    expect(bench.begun).toHaveLength(4);
  });

  it('runs catch.do once the attempts are used up', async () => {
    const bench = await run(failing('std', ', do: [{ h: { set: { gave: up } } }]'), failures(99));
    expect(bench.output).toEqual({ gave: 'up' });
  });

  it.each([
    ['constant', '{ delay: PT2S, backoff: { constant: {} }, limit: { attempt: { count: 3 } } }', [2, 2, 2]],
    ['linear', '{ delay: PT2S, backoff: { linear: {} }, limit: { attempt: { count: 3 } } }', [2, 4, 6]],
    ['exponential', '{ delay: PT2S, backoff: { exponential: {} }, limit: { attempt: { count: 4 } } }', [2, 4, 8, 16]],
    ['by time', '{ delay: PT2S, backoff: { exponential: {} }, limit: { duration: PT7S } }', [2, 4]],
    ['only while a condition holds', '{ delay: PT2S, when: $error.status == 404 }', []],
    ['but not for an exception', '{ delay: PT2S, exceptWhen: $error.status == 500 }', []],
  ])('waits %s', async (_kind, retry, expected) => {
    const found = await delays(retry);
    expect(found).toHaveLength(expected.length);
    for (const [i, delay] of found.entries()) expect(Math.abs(delay - expected[i]!)).toBeLessThan(0.5);
  });

  it('adds a random share between from and to, the same again when the run is repeated', async () => {
    const retry = '{ delay: PT2S, jitter: { from: PT1S, to: PT9S }, limit: { attempt: { count: 4 } } }';
    const [first, second] = [await delays(retry), await delays(retry)];
    expect(first.every((delay) => delay >= 2.5 && delay <= 11)).toBe(true);
    expect(new Set(first).size).toBeGreaterThan(2);
    for (const [i, delay] of first.entries()) expect(Math.abs(delay - second[i]!)).toBeLessThan(0.5);
  });

  it('ends an attempt that takes too long, and tries again', async () => {
    const tasks = `
do:
  - t:
      try: [{ nap: { wait: '\${ if .n == 1 then "PT1H" else "PT1S" end }' } }]
      catch:
        retry: { limit: { attempt: { count: 1, duration: PT1M } } }
        do: [{ h: { set: { timedOut: '\${ $error.type }' } } }]`;
    expect((await run(tasks, { input: { n: 2 } })).output).toEqual({ n: 2 });
    expect((await run(tasks, { input: { n: 1 } })).output).toEqual({ timedOut: `${spec}/timeout` });
  });
});

describe('timeout', () => {
  it('ends a task with the timeout error, which can be caught', async () => {
    const task = 'a: { wait: PT1H, timeout: { after: { seconds: 5 } } }';
    expect((await run(`do: [{ ${task} }]`)).error).toEqual({
      code: 'workflow-failed',
      type: `${spec}/timeout`,
      status: 408,
      title: 'Timeout',
      detail: 'The task "a" did not finish within 5 seconds.',
      instance: '/do/0/a',
    });
    expect(
      (
        await run(`do: [{ t: { try: [{ ${task} }], catch: { errors: { with: { status: 408 } } } } }]`, {
          input: { n: 1 },
        })
      ).output,
    ).toEqual({ n: 1 });
  });

  it('does nothing to a task that is in time, and keeps what it exports', async () => {
    const tasks = `
do:
  - a: { do: [{ nap: { wait: PT1S } }, { b: { set: { n: 1 }, export: { as: '{ kept: true }' } } }], timeout: { after: PT1M } }
  - c: { set: { n: '\${ .n }', ctx: '\${ $context }' } }`;
    expect((await run(tasks)).output).toEqual({ n: 1, ctx: { kept: true } });
  });

  it('is taken by its name, and may be an expression', async () => {
    const tasks = "use: { timeouts: { short: { after: '${ .limit }' } } }\ndo: [{ a: { wait: PT1H, timeout: short } }]";
    expect((await run(tasks, { input: { limit: 'PT2S' } })).error!.detail).toMatch(/within 2 seconds/);
  });

  it('ends the whole workflow', async () => {
    expect((await run('timeout: { after: PT1M }\ndo: [{ a: { wait: PT1H } }]')).error).toMatchObject({
      type: `${spec}/timeout`,
      detail: 'The workflow did not finish within 60 seconds.',
    });
  });
});

describe('sameType', () => {
  const families = [
    'https://serverlessworkflow.io/spec/1.0.0/errors/',
    'https://serverlessworkflow.io/dsl/errors/types/',
    'https://open-workflow-specification.org/spec/1.0.0/errors/',
    'https://open-workflow-specification.org/dsl/errors/types/',
  ];

  it('takes the four spellings of a standard type for one', () => {
    for (const a of families) for (const b of families) expect(sameType(`${a}timeout`, `${b}timeout`)).toBe(true);
  });

  it('keeps everything else apart', () => {
    expect(sameType(`${families[0]}timeout`, `${families[0]}runtime`)).toBe(false);
    expect(sameType('https://x.org/spec/1.0.0/errors/timeout', `${families[0]}timeout`)).toBe(false);
    expect(sameType('https://x.org/a/timeout', 'https://x.org/b/timeout')).toBe(false);
  });
});
