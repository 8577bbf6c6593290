import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createServerlessRuntime } from '../../../src/runtimes/serverless/index.ts';
import { processorMs } from '../../support/processor.ts';
import { header, issuesOf } from '../../support/workflow.ts';

const runtime = createServerlessRuntime();
const info = (source: string) => runtime.parse(source, 'a.yaml').info;
/** Issues without their places. */
const messages = (source: string) => issuesOf(source).map((text) => text.replace(/^\d+:\d+ /, ''));
const inTask = (task: string) => messages(`${header()}do:\n  - a: ${task}`);

describe('what the server learns of a workflow', () => {
  it('is its document, its schemas and its hints', () => {
    const source = `
document:
  dsl: '1.0.3'
  namespace: n
  name: w
  version: 1.2.3-rc.1
  title: My title
  summary: "What it does\\n"
  tags: { team: a, level: 3 }
  metadata:
    anything: { goes: [here] }
    millrace:
      queue: nightly
      onInterrupted: retry
      limits: { queue: PT1H, run: { minutes: 10 }, total: P1D }
      retry: { count: 3, delay: PT10S, backoff: exponential, maxDelay: PT5M, jitter: 0.2 }
input: { schema: { format: json, document: { type: object } } }
output: { schema: { document: { type: array } } }
do: [{ a: { set: { x: 1 } } }]`;
    expect(info(source)).toEqual({
      title: 'My title',
      description: 'What it does',
      declaredVersion: '1.2.3-rc.1',
      tags: { team: 'a', level: '3' },
      inputSchema: { type: 'object' },
      outputSchema: { type: 'array' },
      queue: 'nightly',
      onInterrupted: 'retry',
      limits: { queueMs: 3_600_000, runMs: 600_000, totalMs: 86_400_000 },
      retry: { count: 3, delayMs: 10_000, backoff: 'exponential', maxDelayMs: 300_000, jitter: 0.2 },
    });
  });

  it('has defaults where the document says nothing', () => {
    expect(info(`${header()}do: [{ a: { set: { x: 1 } } }]`)).toEqual({
      declaredVersion: '1.0.0',
      tags: {},
      limits: {},
      onInterrupted: 'resume',
    });
  });
});

describe('the file', () => {
  it('may be JSON', () => {
    const document = { dsl: '1.0.0', namespace: 'n', name: 'w', version: '1.0.0' };
    const text = JSON.stringify({ document, do: [{ a: { set: { x: 1 } } }] }, null, 2);
    expect(runtime.parse(text, 'a.json').info.declaredVersion).toBe('1.0.0');
    expect(issuesOf(text.replace('"set"', '"sett"'), 'a.json')).toEqual([
      expect.stringMatching(/^10:7 The task "a" needs one of .*did you mean "set"\?$/),
    ]);
    expect(issuesOf('{"document": }', 'a.json')[0]).toMatch(/^1:14 /);
  });

  it.each(['1.0.0', '1.0.1', '1.0.2', '1.0.3'])('may be of version %s', (version) => {
    expect(issuesOf(`${header().replace('1.0.3', version)}do: [{ a: { set: { x: 1 } } }]`)).toEqual([]);
  });

  it.each(['0.8', '1.0.0-alpha1', '1.1.0', '2.0.0'])('may not be of version %s', (version) => {
    expect(messages(`${header().replace('1.0.3', version)}do: [{ a: { set: { x: 1 } } }]`)).toEqual([
      `The DSL version "${version}" is not supported; accepted are "1.0.0", "1.0.1", "1.0.2", "1.0.3".`,
    ]);
  });

  it('is refused with a sentence when it is no workflow at all', () => {
    expect(messages('')).toEqual(['The definition is empty.']);
    expect(messages('hello')).toEqual(['A workflow is an object with "document" and "do".']);
    expect(messages('a: 1')).toEqual([
      '"a" is not a property of the workflow; accepted are "document", "input", "use", "do", "timeout", "output", "schedule" or "evaluate".',
      'The workflow needs the property "document", which is missing.',
      'The workflow needs the property "do", which is missing.',
    ]);
  });

  it('shows every issue at once, in order of place, the first in the message', () => {
    const source = `${header()}do:\n  - a:\n      sett: { x: 1 }\n  - b:\n      wait: soon\n  - c: { set: { x: '\${ .a | }' } }\n`;
    expect(issuesOf(source)).toEqual([
      expect.stringMatching(/^7:5 The task "a" needs one of "call".*found "sett"; did you mean "set"\?$/),
      '10:7 wait is not a duration: found "soon"; accepted are ISO 8601 such as "PT30S" or "P1DT2H".',
      expect.stringMatching(/^11:2\d The expression `\.a \|` is not jq: /),
    ]);
    expect(() => runtime.parse(source, 'a.yaml')).toThrow(/^Line 7, column 5: The task "a".*\(and 2 more\)$/);
  });
});

describe('document', () => {
  it.each([
    ['namespace: a b', 'document.namespace must be letters, digits and "-", at most 63 of them; found "a b".'],
    ['name: my_flow', 'document.name must be letters, digits and "-", at most 63 of them; found "my_flow".'],
    ["version: '1.0'", 'document.version must be a version such as "1.0.0"; found "1.0".'],
    ['version: 1.0', 'document.version must be text; found 1 (put it in quotes).'],
    ['titel: x', '"titel" is not a property of document; did you mean "title"?'],
    ['metadata: { millrace: { limits: { runs: PT1S } } }', '"runs" is not a property of limits; did you mean "run"?'],
    [
      'metadata: { millrace: { limits: { run: 5 } } }',
      'limits.run is not a duration: found 5; accepted are { seconds: 30 } or "PT30S".',
    ],
    [
      'metadata: { millrace: { onInterrupted: retrys } }',
      'onInterrupted must be "resume", "retry" or "fail"; found "retrys"; did you mean "retry"?',
    ],
    ['metadata: { millrace: { retry: { count: -1 } } }', 'retry.count must be from 0 to 1000.'],
    [
      'metadata: { millrace: { retry: { count: 1, jitter: 2 } } }',
      'retry.jitter must be a number from 0 to 1: the share of the delay drawn at random.',
    ],
  ])('is checked: %s', (line, expected) => {
    const kept = header()
      .split('\n')
      .filter((one) => !one.trim().startsWith(`${line.split(':')[0]!}:`))
      .join('\n');
    expect(messages(`${kept}  ${line}\ndo: [{ a: { set: { x: 1 } } }]`)).toEqual([expected]);
  });
});

describe('a task', () => {
  it.each<[string, string, string[]]>([
    [
      'that is empty',
      '{}',
      [
        'The task "a" needs one of "call", "do", "for", "fork", "raise", "run", "set", "switch", "try" or "wait"; found none of them.',
      ],
    ],
    [
      'that is no object',
      '7',
      [
        'The task "a" must be an object with one of "call", "do", "for", "fork", "raise", "run", "set", "switch", "try" or "wait".',
      ],
    ],
    [
      'that does two things',
      '{ set: { x: 1 }, wait: PT1S }',
      ['The task "a" has "set" and "wait"; a task does exactly one thing.'],
    ],
    [
      'with a slip in a common property',
      '{ set: { x: 1 }, exprot: { as: . } }',
      ['"exprot" is not a property of the "set" task; did you mean "export"?'],
    ],
    ['with a catch without try', '{ catch: {} }', ['The task "a" has "catch" without "try".']],
    ['whose list is no list', '{ do: { b: { set: { x: 1 } } } }', ['"do" must be a list; found an object.']],
    ['whose list is empty', '{ do: [] }', ['"do" has no task.']],
    [
      'with two names in one entry',
      '{ do: [{ b: { set: { x: 1 } }, c: { set: { x: 1 } } }] }',
      ['Each entry of "do" must have exactly one name; found 2: "b" or "c" (check the indentation).'],
    ],
    [
      'with the same name twice in a list',
      '{ do: [{ b: { set: { x: 1 } } }, { b: { set: { x: 1 } } }] }',
      ['There are two tasks named "b" in this list; names must differ.'],
    ],
    [
      'named as a directive',
      '{ do: [{ end: { set: { x: 1 } } }] }',
      ['A task cannot be named "end", which is a flow directive.'],
    ],
    [
      'that leads nowhere',
      '{ set: { x: 1 }, then: b }',
      [
        'There is no task "b" in this list to go to; accepted are "continue", "exit", "end" and the tasks of the same list: "a".',
      ],
    ],
    [
      'that leads into another list',
      '{ do: [{ b: { set: { x: 1 }, then: a } }] }',
      [
        'There is no task "a" in this list to go to; accepted are "continue", "exit", "end" and the tasks of the same list: "b".',
      ],
    ],
    [
      'whose case leads nowhere',
      '{ switch: [{ c: { then: edn } }] }',
      ['There is no task "edn" in this list to go to; did you mean "end"?'],
    ],
    [
      'whose catch leads nowhere',
      '{ try: [{ b: { set: { x: 1 } } }], catch: { then: nowhere } }',
      [
        'There is no task "nowhere" in this list to go to; accepted are "continue", "exit", "end" and the tasks of the same list: "a".',
      ],
    ],
    [
      'with a condition that is no text',
      '{ if: true, set: { x: 1 } }',
      ['if must be text; found true (put it in quotes).'],
    ],
    [
      'with two defaults in a switch',
      '{ switch: [{ c: { then: end } }, { d: { then: end } }] }',
      ['Only one case may be without "when": it is the default.'],
    ],
    ['with an empty switch', '{ switch: [] }', ['"switch" needs at least one case.']],
    ['with an empty set', '{ set: {} }', ['"set" must be an object with at least one name, or an expression.']],
    [
      'without the list of its loop',
      "{ for: { in: '[]' } }",
      ['The "for" task needs the property "do", which is missing.'],
    ],
    [
      'with a reserved variable',
      "{ for: { in: '[]', each: task }, do: [{ b: { set: { x: 1 } } }] }",
      [
        'each cannot be "task": "context", "input", "output", "secrets", "authorization", "task", "workflow", "runtime" or "ENV" have a meaning of their own.',
      ],
    ],
    [
      'with a variable that is no name',
      "{ for: { in: '[]', each: $x }, do: [{ b: { set: { x: 1 } } }] }",
      ['each must be a name of letters, digits and _, without "$" or "__" before it; found "$x".'],
    ],
    [
      'with an unknown variable in an expression',
      "{ set: { x: '${ $contxt.a }' } }",
      [
        'The expression `$contxt.a` is not jq: $contxt is not defined. Known here are $context, $input, $output, $secrets, $authorization, $task, $workflow, $runtime.',
      ],
    ],
    [
      'with a variable out of its loop',
      "{ do: [{ l: { for: { in: '[]' }, do: [{ b: { set: { x: '${ $item }' } } }] } }, { c: { set: { x: '${ $index }' } } }] }",
      [
        'The expression `$index` is not jq: $index is not defined. Known here are $context, $input, $output, $secrets, $authorization, $task, $workflow, $runtime.',
      ],
    ],
    [
      'with an unknown timeout',
      '{ wait: PT1S, timeout: short }',
      ['There is no timeout named "short" under "use"; none is defined.'],
    ],
    [
      'with an unknown retry',
      '{ try: [{ b: { set: { x: 1 } } }], catch: { retry: std } }',
      ['There is no retry named "std" under "use"; none is defined.'],
    ],
    [
      'with an unknown error',
      '{ raise: { error: mine } }',
      ['There is no error named "mine" under "use"; none is defined.'],
    ],
    ['with an unknown function', '{ call: htp }', ['There is no function "htp"; did you mean "http"?']],
    [
      'with an error without status',
      '{ raise: { error: { type: https://x.org } } }',
      ['error needs the property "status", which is missing.'],
    ],
    [
      'with an error whose type is no address',
      '{ raise: { error: { type: mine, status: 400 } } }',
      ['type must be an absolute address such as "https://example.org/…" or an expression; found "mine".'],
    ],
    [
      'with an empty filter',
      '{ try: [{ b: { set: { x: 1 } } }], catch: { errors: { with: {} } } }',
      ['catch.errors.with needs at least one of "type", "status", "instance", "title" or "detail".'],
    ],
    [
      'with two back-offs',
      '{ try: [{ b: { set: { x: 1 } } }], catch: { retry: { backoff: { linear: {}, constant: {} } } } }',
      ['backoff must be exactly one of { constant: {} }, { linear: {} } or { exponential: {} }.'],
    ],
    [
      'whose branch leads to another',
      '{ fork: { branches: [{ b: { set: { x: 1 }, then: c } }, { c: { set: { x: 1 } } }] } }',
      ['A branch cannot lead to another branch; accepted are "continue", "exit" and "end".'],
    ],
    [
      'with a schema that is none',
      '{ set: { x: 1 }, output: { schema: { document: { type: objct } } } }',
      [
        '"type" must be one of "null", "boolean", "object", "array", "number", "integer" or "string", or a list of them; found "objct"; did you mean "object"?',
      ],
    ],
    [
      'with a schema elsewhere',
      '{ set: { x: 1 }, output: { schema: { resource: { endpoint: https://x.org } } } }',
      ['A schema in an external resource is not supported by this version; write it inline under "document".'],
    ],
    [
      'with a schema of another format',
      '{ set: { x: 1 }, output: { schema: { format: avro, document: {} } } }',
      ['The schema format must be "json"; found "avro".'],
    ],
  ])('is refused %s', (_what, task, expected) => {
    expect(inTask(task)).toEqual(expected);
  });

  it('is told where the slip is, also inside of an expression over several lines', () => {
    const source = `${header()}do:
  - a:
      set:
        value: >-
          \${ .a
            | map(.b
            | length }`;
    const [issue] = issuesOf(source);
    expect(issue).toMatch(/^(9|10|11|12):\d+ The expression /);
  });
});

describe('functions', () => {
  it('that call themselves are refused, with the way round', () => {
    const use = 'use: { functions: { f: { do: [{ x: { call: g } }] }, g: { call: f } } }';
    expect(messages(`${header()}${use}\ndo: [{ a: { call: f } }]`)).toEqual([
      'The function "f" calls itself without end: "f" → "g" → "f".',
      'The function "g" calls itself without end: "g" → "f" → "g".',
    ]);
  });

  it('are checked like tasks, also when nobody calls them', () => {
    expect(
      messages(`${header()}use: { functions: { f: { wait: soon } } }\ndo: [{ a: { set: { x: 1 } } }]`),
    ).toHaveLength(1);
  });
});

describe('what a later version brings', () => {
  it.each<[string, string, string]>([
    [
      'the emit task',
      'do: [{ a: { emit: { event: { with: {} } } } }]',
      '6:13 Emitting events (the "emit" task) is not supported by this version.',
    ],
    [
      'the listen task',
      'do: [{ a: { listen: { to: { any: [] } } } }]',
      '6:13 Listening for events (the "listen" task) is not supported by this version.',
    ],
    [
      'gRPC',
      'do: [{ a: { call: grpc, with: {} } }]',
      '6:13 Calling gRPC services ("call: grpc") is not supported by this version.',
    ],
    [
      'AsyncAPI',
      'do: [{ a: { call: asyncapi, with: {} } }]',
      '6:13 Calling AsyncAPI services ("call: asyncapi") is not supported by this version.',
    ],
    [
      'MCP',
      'do: [{ a: { call: mcp, with: {} } }]',
      '6:13 Calling MCP servers ("call: mcp") is not supported by this version.',
    ],
    [
      'A2A',
      'do: [{ a: { call: a2a, with: {} } }]',
      '6:13 Calling A2A agents ("call: a2a") is not supported by this version.',
    ],
    [
      'functions by address',
      'do: [{ a: { call: "https://x.org/f" } }]',
      '6:13 Calling a function by its address is not supported by this version.',
    ],
    [
      'functions of a catalog',
      'do: [{ a: { call: "log:1.0.0@global" } }]',
      '6:13 Calling a function of a catalog is not supported by this version.',
    ],
    [
      'schedules',
      'schedule: { cron: "0 0 * * *" }\ndo: [{ a: { set: { x: 1 } } }]',
      '6:1 A schedule within the definition ("schedule") is not supported by this version.',
    ],
    [
      'catalogs',
      'use: { catalogs: { c: { endpoint: https://x.org } } }\ndo: [{ a: { set: { x: 1 } } }]',
      '6:8 A catalog of functions ("use.catalogs") is not supported by this version.',
    ],
    [
      'extensions',
      'use: { extensions: [] }\ndo: [{ a: { set: { x: 1 } } }]',
      '6:8 Extending tasks ("use.extensions") is not supported by this version.',
    ],
  ])('is refused by name and line: %s', (_what, source, expected) => {
    expect(issuesOf(`${header()}${source}`)).toEqual([expected]);
  });
});

describe('whatever it is given', () => {
  const keys = [
    'do',
    'set',
    'for',
    'in',
    'try',
    'catch',
    'call',
    'with',
    'run',
    'script',
    'shell',
    'workflow',
    'switch',
    'fork',
    'branches',
    'input',
    'schema',
    'document',
    'raise',
    'error',
    'wait',
    'timeout',
    'after',
    'retry',
    'endpoint',
    'uri',
    'authentication',
    'use',
    'functions',
    'output',
    'as',
    'if',
    'then',
    '__proto__',
    'constructor',
  ];
  const json = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 6, depthIdentifier: 'json' },
      fc.constantFrom(
        'http',
        'openapi',
        '${ .a }',
        '${ }',
        '${',
        '.a',
        '',
        'end',
        'https://x.org/{a}',
        7,
        -1,
        1.5,
        true,
        null,
      ),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.array(fc.tuple(fc.constantFrom(...keys), tie('value')), { maxLength: 4 }).map((pairs) => {
        const made: Record<string, unknown> = {};
        for (const [key, value] of pairs)
          Object.defineProperty(made, key, { value, enumerable: true, configurable: true });
        return made;
      }),
    ),
  })).value;

  it('is read or refused with issues, and never anything else', () => {
    fc.assert(
      fc.property(json, json, json, (task, use, input) => {
        const document = { dsl: '1.0.3', namespace: 'n', name: 'w', version: '1.0.0' };
        for (const definition of [
          task,
          { document, do: [{ t: task }], use, input },
          { document: task, do: use, use: input },
        ]) {
          for (const message of issuesOf(JSON.stringify(definition), 'a.json'))
            expect(message).toMatch(/^(\d+:\d+) .*[.?]$/s);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('the largest definitions', () => {
  const repeat = (count: number, make: (index: number) => string) =>
    Array.from({ length: count }, (_, i) => make(i)).join('');
  const members = (count: number) => repeat(count, (i) => `k${i}: "\${ .a }", `);
  const calls = (count: number) =>
    repeat(count, (i) => `- c${i}: { call: http, with: { method: get, endpoint: "http://a.test/b" } }\n`);

  it.each([
    ['one task with many members', `${header()}do:\n- a: { set: { ${members(4_900)} } }\n`],
    ['many tasks', `${header()}do:\n${calls(800)}`],
    ['many values in a list', `${header()}do:\n- a: { set: { list: [${repeat(9_900, () => '1, ')}] } }\n`],
  ])('of %s are read in little time', (_name, source) => {
    // The least of three: the first has the compiler's time in it. 30 to 60 ms on an idle machine.
    const times = [0, 1, 2].map(() => {
      const begun = processorMs();
      expect(issuesOf(source)).toEqual([]);
      return processorMs() - begun;
    });
    expect(Math.min(...times)).toBeLessThan(250);
  });

  it.each([
    ['a.yaml', `${header()}do:\n- a: { set: { ${members(5_100)} } }\n`],
    ['a.json', JSON.stringify({ do: Array.from({ length: 10_000 }, () => 1) })],
  ])('beyond 10000 keys and values are refused with the place and the way out (%s)', (file, source) => {
    expect(issuesOf(source, file)).toEqual([
      expect.stringMatching(
        /^\d+:\d+ There are more than 10000 keys and values, aliases unfolded; large data belongs into /,
      ),
    ]);
  });

  it('hold at most 1000 schemas in one', () => {
    const properties = (count: number) => repeat(count, (i) => `p${i}: { type: string }, `);
    const source = (count: number) =>
      `${header()}input: { schema: { document: { properties: { ${properties(count)} } } } }\ndo:\n- a: { set: { b: 1 } }\n`;
    expect(messages(source(999))).toEqual([]);
    expect(messages(source(1_000))).toEqual([
      'The schema holds 1001 schemas (of properties, items and so on); at most 1000 are accepted.',
    ]);
  });
});
