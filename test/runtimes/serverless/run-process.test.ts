import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/model/json.ts';
import type { ProcessRequest, ProcessResult } from '../../../src/model/process.ts';
import { header, issuesOf, runWorkflow } from '../../support/workflow.ts';

/** Runs one task and gives what was asked of the process pool beside the end of the run. */
async function run(settings: string, result: Partial<ProcessResult> = {}, input: Json = {}) {
  const requests: ProcessRequest[] = [];
  const bench = await runWorkflow(`${header()}do:\n  - task:\n      run:\n${settings.replace(/^/gm, '        ')}`, {
    input,
    process: (request) => {
      requests.push(request);
      return result;
    },
  });
  return { ...bench, request: requests[0]! };
}

/** What every process is told of its attempt. */
const told = {
  MILLRACE_ATTEMPT: '1',
  MILLRACE_IDEMPOTENCY_KEY: '00000000-0000-4000-8000-000000000001:/do/0/task',
};

describe('script', () => {
  it('is handed over as text: nothing in it is an expression', async () => {
    const code = 'console.log(`${process.argv.length}`)';
    const { request } = await run(`script: { language: javascript, code: '${code}' }`);
    expect(request).toEqual({
      kind: 'script',
      language: 'javascript',
      code,
      arguments: {},
      environment: told,
      label: '00000000-0000-4000-8000-000000000001/do/0/task',
      reuseKey: '/Folder/test@v1',
    });
  });

  it('sees a map of arguments as variables, evaluated', async () => {
    const { request } = await run(
      "script: { language: python, code: print(a), arguments: { a: '${ .n }', b: x } }",
      {},
      { n: { x: 1 } },
    );
    expect(request).toMatchObject({ language: 'python', arguments: { a: { x: 1 }, b: 'x' }, code: 'print(a)' });
  });

  it('sees a list of arguments as those of a program', async () => {
    const { request } = await run("script: { language: js, code: 'x', arguments: [a, '${ .n }'] }", {}, { n: 1 });
    expect(request).toMatchObject({ language: 'javascript', arguments: { argv: ['a', 1] } });
    expect((request as { code: string }).code).toMatch(/^process\.argv = .*; x$/);
  });

  it('gets stdin and environment', async () => {
    const { request } = await run(
      "script: { language: js, code: x, stdin: '${ . }', environment: { A: '${ .n }', B: b } }",
      {},
      { n: 1 },
    );
    expect(request).toMatchObject({ stdin: '{"n":1}', environment: { A: '1', B: 'b' } });
  });
});

describe('shell', () => {
  it('gets its arguments beside the command', async () => {
    const { request } = await run(
      "shell: { command: 'echo \"$1\"', arguments: ['${ .n }; rm -rf /', b] }",
      {},
      { n: 'x' },
    );
    expect(request).toMatchObject({ kind: 'shell', command: 'echo "$1"', arguments: ['x; rm -rf /', 'b'] });
  });

  it('never has data in the text of its command', async () => {
    const { request } = await run(
      `shell: { command: 'echo "Hello, \${ .name }" \${HOME} \${1:-x}' }`,
      {},
      { name: '$(rm -rf /)"' },
    );
    expect(request).toMatchObject({
      command: 'echo "Hello, ${MILLRACE_VALUE_1}" ${HOME} ${1:-x}',
      environment: { MILLRACE_VALUE_1: '$(rm -rf /)"' },
    });
  });

  it('may be one expression as a whole', async () => {
    const { request } = await run(`shell: { command: '\${ "echo " + .n }' }`, {}, { n: 'x' });
    expect(request).toMatchObject({ command: 'echo x' });
  });

  it('takes arguments by name, as earlier versions of the DSL had them', async () => {
    expect((await run('shell: { command: x, arguments: { a: 1, b: two } }')).request).toMatchObject({
      arguments: ['a=1', 'b=two'],
    });
  });
});

describe('container', () => {
  it('is handed over whole', async () => {
    const { request } = await run(
      `container: { image: 'alpine:\${ .v }', name: '\${ $workflow.definition.document.name + "-" + $task.name }', command: cat, arguments: [a], ports: { 80: 8080 }, volumes: { /a: /b }, environment: { X: y }, stdin: hi, pullPolicy: never, lifetime: { cleanup: always } }`,
      {},
      { v: '3' },
    );
    expect(request).toEqual({
      kind: 'container',
      label: '00000000-0000-4000-8000-000000000001/do/0/task',
      image: 'alpine:3',
      name: 'test-task',
      command: 'cat',
      arguments: ['a'],
      ports: { '80': '8080' },
      volumes: { '/a': '/b' },
      environment: { X: 'y', ...told },
      stdin: 'hi',
      pullPolicy: 'never',
    });
  });
});

describe('return', () => {
  const result = { stdout: 'out\n', stderr: 'err\r\n', code: 0, value: { v: 1 } };
  it.each<[string, Json]>([
    ['', { v: 1 }],
    ['return: stdout', 'out'],
    ['return: stderr', 'err'],
    ['return: code', 0],
    ['return: all', { code: 0, stdout: 'out', stderr: 'err' }],
    ['return: none', null],
  ])('gives for "%s" what it says', async (more, expected) => {
    expect((await run(`script: { language: js, code: x }\n${more}`, result)).output).toEqual(expected);
  });

  it('gives standard output when nothing is said and nothing was returned', async () => {
    expect((await run('shell: { command: x }', { stdout: 'a\nb\n' })).output).toBe('a\nb');
  });

  it('passes the input on with "await: false", whatever becomes of the process', async () => {
    expect((await run('shell: { command: x }\nawait: false', { code: 3 }, { n: 1 })).output).toEqual({ n: 1 });
  });
});

describe('a process that fails', () => {
  const spec = 'https://serverlessworkflow.io/spec/1.0.0/errors';

  it('is a runtime error with what it said last', async () => {
    const { error } = await run('shell: { command: x }', { code: 3, stderr: 'a\nno such file\n' });
    expect(error).toMatchObject({
      type: `${spec}/runtime`,
      status: 500,
      title: 'Process failed',
      detail: 'The process ended with code 3: a\nno such file',
      instance: '/do/0/task',
    });
  });

  it('is data where the workflow asks for the code', async () => {
    expect((await run('shell: { command: x }\nreturn: code', { code: 3 })).output).toBe(3);
    expect((await run('shell: { command: x }\nreturn: all', { code: 3, stderr: 'e' })).output).toEqual({
      code: 3,
      stdout: '',
      stderr: 'e',
    });
  });

  it.each([
    ['timeout', { type: `${spec}/timeout`, status: 408 }],
    ['memory', { code: 'limit-exceeded', type: `${spec}/runtime` }],
    ['output', { code: 'limit-exceeded', type: `${spec}/runtime` }],
  ] as const)('tells that it was ended for its %s', async (ended, expected) => {
    expect((await run('shell: { command: x }\nreturn: all', { ended, signal: 'SIGKILL' })).error).toMatchObject(
      expected,
    );
  });

  it('keeps the code of what this machine does not have', async () => {
    const { error } = await runWorkflow(`${header()}do: [{ a: { run: { shell: { command: x } } } }]`);
    expect(error).toMatchObject({ code: 'unavailable-feature', type: `${spec}/runtime`, instance: '/do/0/a' });
  });
});

describe('what is wrong at load', () => {
  it.each([
    ['{}', '"run" needs exactly one of "container", "script", "shell" or "workflow"; this one has none of them.'],
    [
      '{ shell: { command: x }, script: { language: js, code: x } }',
      '"run" needs exactly one of "container", "script", "shell" or "workflow"; this one has "script" and "shell".',
    ],
    [
      '{ script: { language: ruby, code: x } }',
      'script.language must be "javascript", "js" or "python"; found "ruby".',
    ],
    ['{ script: { language: js } }', '"script" needs exactly one of "code" and "source".'],
    ['{ shell: { comand: x, command: y } }', '"comand" is not a property of "shell"; did you mean "command"?'],
    [
      '{ shell: { command: x }, return: output }',
      'return must be "stdout", "stderr", "code", "all" or "none"; found "output".',
    ],
    [
      '{ container: { image: a, lifetime: { cleanup: eventually } } }',
      'lifetime.after belongs to "cleanup: eventually", and only to it.',
    ],
    ['{ shell: { command: x, arguments: [1] } }', 'An argument must be text; found 1 (put it in quotes).'],
  ])('says so: %s', (settings, expected) => {
    expect(
      issuesOf(`${header()}do: [{ a: { run: ${settings} } }]`).map((text) => text.replace(/^\d+:\d+ /, '')),
    ).toEqual([expected]);
  });
});
