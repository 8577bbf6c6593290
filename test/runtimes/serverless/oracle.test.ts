import { validate } from '@serverlessworkflow/sdk';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/model/json.ts';
import { issuesOf } from '../../support/workflow.ts';

/** What the schema of the specification says of a definition: undefined, or why it refuses it. */
function refusedBySchema(definition: Json): string | undefined {
  try {
    validate('Workflow', definition as never);
    return undefined;
  } catch (error) {
    return String(error);
  }
}

const ours = (definition: Json) => issuesOf(JSON.stringify(definition), 'a.json');

const workflow = (task: Json, more: JsonObject = {}): JsonObject => ({
  document: { dsl: '1.0.3', namespace: 'test', name: 'w', version: '1.0.0' },
  use: {
    timeouts: { short: { after: { seconds: 5 } } },
    retries: {
      std: {
        delay: { seconds: 1 },
        backoff: { exponential: {} },
        limit: { attempt: { count: 3 } },
        jitter: { from: { seconds: 1 }, to: { seconds: 2 } },
      },
    },
    errors: { mine: { type: 'https://x.org/e', status: 400, title: 'T', detail: '${ .d }' } },
    authentications: { a: { basic: { username: 'u', password: 'p' } }, s: { basic: { use: 'sec' } } },
    secrets: ['sec'],
    functions: { f: { set: { x: 1 } } },
  },
  ...more,
  do: [{ t: task }, { after: { set: { x: 1 } } }],
});

/** One of each, with every property it may have. */
const tasks: Record<string, JsonObject> = {
  set: { set: { a: 1, b: '${ .c }' }, if: '.a', then: 'after', metadata: { m: 1 } },
  setExpression: { set: '${ . }' },
  flow: {
    set: { a: 1 },
    input: { schema: { format: 'json', document: { type: 'object' } }, from: '.a' },
    output: { schema: { document: {} }, as: { a: '${ . }' } },
    export: { schema: { document: {} }, as: '$context + .' },
    timeout: { after: 'PT5S' },
  },
  timeout: { set: { a: 1 }, timeout: 'short' },
  do: { do: [{ x: { set: { a: 1 } } }] },
  for: { for: { each: 'i', in: '.list', at: 'n' }, while: '.x', do: [{ x: { set: { a: '${ $i }' } } }] },
  fork: { fork: { branches: [{ x: { set: { a: 1 } } }, { y: { set: { a: 1 } } }], compete: true } },
  raise: { raise: { error: { type: 'https://x.org/e', status: 400, title: 't', detail: 'd', instance: '/do/0' } } },
  raiseNamed: { raise: { error: 'mine' } },
  switch: { switch: [{ a: { when: '.a', then: 'after' } }, { b: { then: 'end' } }] },
  try: {
    try: [{ x: { set: { a: 1 } } }],
    catch: {
      errors: { with: { type: 'https://x.org/e', status: 400, instance: '/do', title: 't' } },
      as: 'err',
      when: '.a',
      exceptWhen: '.b',
      retry: 'std',
      do: [{ y: { set: { a: '${ $err }' } } }],
    },
  },
  retry: {
    try: [{ x: { set: { a: 1 } } }],
    catch: {
      retry: {
        when: '.a',
        exceptWhen: '.b',
        delay: { seconds: 1 },
        backoff: { linear: {} },
        limit: { attempt: { count: 1, duration: 'PT1S' }, duration: 'PT5S' },
        jitter: { from: 'PT1S', to: 'PT2S' },
      },
    },
  },
  wait: { wait: { days: 1, hours: 1, minutes: 1, seconds: 1, milliseconds: 1 } },
  waitText: { wait: 'P1Y2M3W4DT5H6M7.5S' },
  waitExpression: { wait: '${ .d }' },
  http: {
    call: 'http',
    with: {
      method: 'get',
      endpoint: { uri: 'https://x.org/{a}', authentication: { use: 'a' } },
      headers: { a: 'b' },
      query: { a: 'b' },
      body: { a: 1 },
      output: 'response',
      redirect: true,
    },
  },
  httpShort: { call: 'http', with: { method: 'get', endpoint: 'https://x.org', headers: '${ .h }', query: '${ .q }' } },
  httpExpression: { call: 'http', with: { method: 'get', endpoint: '${ .e }' } },
  basic: {
    call: 'http',
    with: { method: 'get', endpoint: { uri: '${ .u }', authentication: { basic: { username: 'u', password: 'p' } } } },
  },
  bearer: {
    call: 'http',
    with: { method: 'get', endpoint: { uri: 'https://x.org', authentication: { bearer: { token: 't' } } } },
  },
  digest: {
    call: 'http',
    with: { method: 'get', endpoint: { uri: 'https://x.org', authentication: { digest: { use: 'sec' } } } },
  },
  openapi: {
    call: 'openapi',
    with: {
      document: { name: 'd', endpoint: 'https://x.org/a.json' },
      operationId: 'o',
      parameters: { a: 1 },
      authentication: { use: 's' },
      output: 'raw',
      redirect: false,
    },
  },
  function: { call: 'f', with: { a: 1 } },
  script: {
    run: {
      script: { language: 'javascript', code: 'x', stdin: '${ . }', arguments: ['a'], environment: { A: 'b' } },
      await: true,
      return: 'all',
    },
  },
  source: { run: { script: { language: 'python', source: { endpoint: { uri: 'https://x.org' } } } } },
  shell: { run: { shell: { command: 'x', stdin: 'y', arguments: ['a'], environment: { A: 'b' } }, return: 'code' } },
  container: {
    run: {
      container: {
        image: 'a',
        name: 'n',
        command: 'c',
        ports: { '80': 80 },
        volumes: { a: 'b' },
        environment: { A: 'b' },
        stdin: 's',
        arguments: ['a'],
        lifetime: { cleanup: 'eventually', after: { seconds: 1 } },
        pullPolicy: 'always',
      },
    },
  },
  workflow: { run: { workflow: { namespace: 'n', name: 'x', version: '1.0.0', input: { a: 1 } }, await: false } },
};

describe('what the schema of the specification accepts', () => {
  it.each(Object.keys(tasks))('is accepted: %s', (name) => {
    const definition = workflow(tasks[name]!);
    expect(refusedBySchema(definition)).toBeUndefined();
    expect(ours(definition)).toEqual([]);
  });

  it.each(['mine', 'e'])('is accepted with the parts of the workflow around it', () => {
    const definition = workflow(tasks['set']!, {
      input: { schema: { format: 'json', document: { type: 'object' } }, from: '.' },
      output: { as: '.' },
      timeout: 'short',
    });
    expect(refusedBySchema(definition)).toBeUndefined();
    expect(ours(definition)).toEqual([]);
  });
});

type Path = (string | number)[];

/** Every place in a value. */
function places(value: Json, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [
    path,
    ...Object.entries(value).flatMap(([key, item]) =>
      places(item, [...path, Array.isArray(value) ? Number(key) : key]),
    ),
  ];
}

function edited(value: Json, path: Path, edit: (parent: Record<string, Json>, key: string) => void): Json {
  const copy = structuredClone(value);
  let parent = copy as Record<string, Json>;
  for (const key of path.slice(0, -1)) parent = parent[key] as Record<string, Json>;
  edit(parent, String(path.at(-1)));
  return copy;
}

/** Every slip of a task: a property removed, renamed, or of another value. */
function slips(task: JsonObject): { path: Path; how: string; task: Json }[] {
  const values: Json[] = [7, 1.5, true, 'text', null, [], {}, ['a'], { a: 1 }, { a: { b: 1 } }];
  return places(task)
    .filter((path) => path.length > 0)
    .flatMap((path) => [
      { path, how: 'removed', task: edited(task, path, remove) },
      { path, how: 'renamed', task: edited(task, path, rename) },
      ...values.map((value) => ({
        path,
        how: `= ${JSON.stringify(value)}`,
        task: edited(task, path, (parent, key) => {
          parent[key] = value;
        }),
      })),
    ]);
}

function remove(parent: Record<string, Json>, key: string): void {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
}

function rename(parent: Record<string, Json>, key: string): void {
  if (Array.isArray(parent)) return;
  const moved = parent[key]!;
  delete parent[key];
  parent[`${key}X`] = moved;
}

/** Where we accept more on purpose than the schema of 1.0.3, with the reason. */
const lenient: [place: RegExp, why: string][] = [
  [/^with\/query/, 'the reference has values of any type in a query'],
  [/^run\/(script|shell|container)\/arguments$/, 'earlier versions of the DSL had a map'],
  [/^for\/in$/, 'the newest text of the DSL has lists'],
];

/** What we refuse on purpose although the schema lets it pass: no run could make sense of it, or it is a likely slip. */
const strict = [
  /^The expression .* is not jq/,
  /^There is no (task|timeout|retry|error|function|authentication|secret) /,
  / has no task\.$/,
  /^"type" must be one of "null"/,
  /^A JSON Schema must be an object\.$/,
  /^The schema format must be "json"/,
  /^Only one case may be without "when"/,
  / is not a property of catch\.errors/,
  /^script\.language must be /,
];

describe('a slip in a definition', () => {
  it.each(Object.keys(tasks))('is refused where the schema refuses it, and only there: %s', (name) => {
    for (const { path, how, task } of slips(tasks[name]!)) {
      const definition = workflow(task);
      const place = path.join('/');
      const found = ours(definition).map((issue) => issue.replace(/^\S+ /, ''));
      if (refusedBySchema(definition) === undefined) {
        expect(
          found.filter((issue) => !strict.some((pattern) => pattern.test(issue))),
          `${place} ${how}`,
        ).toEqual([]);
      } else if (!lenient.some(([pattern]) => pattern.test(place))) {
        expect(found, `${place} ${how}`).not.toEqual([]);
      }
    }
  });

  it('never gets more than a few messages', () => {
    for (const task of Object.values(tasks)) {
      for (const slip of slips(task)) expect(ours(workflow(slip.task)).length, slip.how).toBeLessThanOrEqual(6);
    }
  });
});
