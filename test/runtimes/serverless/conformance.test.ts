import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/model/json.ts';
import {
  type Answer,
  header,
  type Received,
  runWorkflow,
  startServer,
  type TestServer,
} from '../../support/workflow.ts';

/**
 * The behaviours that the conformance kit of the specification (ctk/features, 21 scenarios) asks for, in scenarios of our
 * own; those of `emit` come with that task. Its public hosts are answered by a local server.
 */
let server: TestServer;
const books: JsonObject = {
  '1': { id: 1, title: 'Emma', status: 'lent' },
  '2': { id: 2, title: 'Ulysses', status: 'here' },
};
const api: JsonObject = {
  swagger: '2.0',
  host: 'library.example',
  basePath: '/v2',
  paths: {
    '/book/search': {
      get: {
        operationId: 'searchBooks',
        parameters: [{ name: 'status', in: 'query', required: true, type: 'string' }],
      },
    },
    '/book/{id}': {
      get: { operationId: 'getBook', parameters: [{ name: 'id', in: 'path', required: true, type: 'integer' }] },
    },
  },
};

function library({ url, headers }: Received): Answer {
  const { pathname, searchParams } = new URL(url, 'http://x');
  if (pathname === '/api.json') return { body: api };
  if (pathname.startsWith('/login')) {
    const wanted = `Basic ${Buffer.from(pathname.split('/').slice(2).join(':')).toString('base64')}`;
    return headers.authorization === wanted ? { body: { authenticated: true } } : { status: 401 };
  }
  if (pathname === '/v2/book/search') {
    return {
      body: Object.values(books).filter((book) => (book as JsonObject)['status'] === searchParams.get('status')),
    };
  }
  const book = books[pathname.replace('/v2/book/', '')];
  return book === undefined ? { status: 404, body: { message: 'no such book' } } : { body: book };
}

beforeAll(async () => {
  server = await startServer(library);
});
afterAll(() => server.close());

const run = (tasks: string, input?: Json) =>
  runWorkflow(`${header()}do:\n${tasks}`, {
    hostMap: { 'library.example': server.origin },
    ...(input === undefined ? {} : { input }),
  });
const output = async (tasks: string, input?: Json) => {
  const bench = await run(tasks, input);
  expect(bench.error).toBeUndefined();
  return bench.output;
};
const get = (address: string, more = '') =>
  `{ call: http, with: { method: get, endpoint: { uri: '${address}' }${more} }`;

describe('call', () => {
  it('http gives the content, read by its type, and its output can be filtered', async () => {
    const task = `  - find: ${get('https://library.example/v2/book/search?status={status}')}, output: { as: '.[0]' } }`;
    expect(await output(task, { status: 'here' })).toEqual(books['2']);
  });

  it('http gives the whole answer when that is asked for', async () => {
    const got = await output(`  - get: ${get('https://library.example/v2/book/{id}', ', output: response')} }`, {
      id: 1,
    });
    expect(got).toMatchObject({
      request: { method: 'get', uri: 'https://library.example/v2/book/1', headers: {} },
      headers: { 'content-type': 'application/json' },
      statusCode: 200,
      content: books['1'],
    });
  });

  it('http authenticates with user and password', async () => {
    const address = 'https://library.example/login/{user}/{password}';
    const task = `  - login: { call: http, with: { method: get, endpoint: { uri: '${address}', authentication: { basic: { username: '\${ .user }', password: '\${ .password }' } } } } }`;
    expect(await output(task, { user: 'reader', password: 'secret' })).toEqual({ authenticated: true });
  });

  const open = (more: string) =>
    `  - find: { call: openapi, with: { document: { endpoint: 'https://library.example/api.json' }, ${more} }`;

  it('openapi gives the content of an operation', async () => {
    expect(
      await output(
        `${open("operationId: searchBooks, parameters: { status: '${ .status }' }")}, output: { as: '. | length' } }`,
        { status: 'lent' },
      ),
    ).toBe(1);
  });

  it('openapi gives the whole answer when that is asked for', async () => {
    expect(
      await output(`${open("operationId: getBook, parameters: { id: '${ .id }' }, output: response")} }`, { id: 2 }),
    ).toMatchObject({
      request: { method: 'get', uri: 'https://library.example/v2/book/2' },
      statusCode: 200,
      content: books['2'],
    });
  });
});

describe('data flow', () => {
  it('filters the input of a task', async () => {
    expect(
      await output("  - a: { input: { from: .reader.card.number }, set: { card: '${ . }' } }", {
        reader: { card: { number: 'X1' } },
      }),
    ).toEqual({ card: 'X1' });
  });

  it('filters the output of a task', async () => {
    expect(
      await output(`  - a: ${get('https://library.example/v2/book/{id}')}, output: { as: .id } }`, { id: 1 }),
    ).toBe(1);
  });

  it('passes data that is no object', async () => {
    const tasks = `  - a: ${get('https://library.example/v2/book/{id}')}, output: { as: .id } }
  - b: ${get('https://library.example/v2/book/2')}, output: { as: '{ ids: [ $input, .id ] }' } }`;
    expect(await output(tasks, { id: 1 })).toEqual({ ids: [1, 2] });
  });
});

/** Appends a letter to a list that may not be there yet. */
const letter = (name: string, more = '') => `${name}: { set: { word: '\${ .word + [ "${name}" ] }' }${more} }`;

describe('flow', () => {
  it('goes by the order of declaration', async () => {
    expect(await output(`  - ${letter('a')}\n  - ${letter('b')}\n  - ${letter('c')}`)).toEqual({
      word: ['a', 'b', 'c'],
    });
  });

  it('goes by what is said explicitly', async () => {
    expect(
      await output(
        `  - ${letter('a', ', then: b')}\n  - ${letter('c', ', then: end')}\n  - ${letter('b', ', then: c')}`,
      ),
    ).toEqual({ word: ['a', 'b', 'c'] });
  });

  it('runs a task of tasks', async () => {
    expect(await output(`  - all: { do: [{ ${letter('a')} }, { ${letter('b')} }] }`)).toEqual({ word: ['a', 'b'] });
  });
});

describe('for', () => {
  it('knows item and index, and hands on what each round gives', async () => {
    const tasks = `  - loop:
      for: { each: letter, in: .letters }
      do: [{ mark: { set: { seen: '\${ { letters: (.seen.letters + [ $letter ]), at: (.seen.at + [ $index ]) } }' } } }]`;
    expect(await output(tasks, { letters: ['a', 'b', 'c'] })).toEqual({
      seen: { letters: ['a', 'b', 'c'], at: [0, 1, 2] },
    });
  });
});

describe('fork', () => {
  it('gives the output of one branch when they compete', async () => {
    const got = (await output(
      `  - race: { fork: { compete: true, branches: [{ ${letter('a')} }, { ${letter('b')} }, { ${letter('c')} }] } }`,
    )) as { word: string[] };
    expect(got.word).toHaveLength(1);
  });
});

describe('raise', () => {
  it('fails with the error as it is written, and where', async () => {
    const { error } = await run(
      "  - stop: { raise: { error: { status: 400, type: 'https://library.example/errors/overdue', title: Overdue } } }",
    );
    expect(error).toMatchObject({
      status: 400,
      type: 'https://library.example/errors/overdue',
      title: 'Overdue',
      instance: '/do/0/stop',
    });
  });
});

describe('set', () => {
  it('makes data of constants and expressions', async () => {
    expect(
      await output("  - a: { set: { kind: book, size: '${ .print.size }', ink: '${ .print.ink }' } }", {
        print: { size: { w: 6, h: 9 }, ink: { black: 69 } },
      }),
    ).toEqual({
      kind: 'book',
      size: { w: 6, h: 9 },
      ink: { black: 69 },
    });
  });
});

describe('switch', () => {
  const cases = `a: { when: '.pick == "a"', then: a } }, { b: { when: '.pick == "b"', then: b } }`;
  const branches = `  - ${letter('a', ', then: end')}\n  - ${letter('b', ', then: end')}`;

  it('goes where the matching case says', async () => {
    expect(await output(`  - choose: { switch: [{ ${cases}] }\n${branches}`, { pick: 'b' })).toEqual({ word: ['b'] });
  });

  it('goes on to its own directive without a match', async () => {
    expect(await output(`  - choose: { switch: [{ ${cases}], then: end }\n${branches}`, { pick: 'z' })).toEqual({
      pick: 'z',
    });
  });

  it('takes the case without a condition when no other matches', async () => {
    const other = `  - other: { set: { word: '\${ .word + [ $input.pick ] }' } }`;
    expect(
      await output(`  - choose: { switch: [{ ${cases}, { any: { then: other } }] }\n${branches}\n${other}`, {
        pick: 'z',
      }),
    ).toEqual({ word: ['z'] });
  });
});

describe('try', () => {
  const attempt = (status: number) => `  - attempt:
      try: [{ getBook: ${get('https://library.example/v2/book/{name}')} } }]
      catch:
        errors: { with: { type: 'https://serverlessworkflow.io/dsl/errors/types/communication', status: ${status} } }
        as: err
        do: [{ keep: { set: { error: '\${ $err }' } } }]`;

  it('hands a caught error to its handler, with type, status, title and the place', async () => {
    expect(await output(attempt(404), { name: 'none' })).toEqual({
      error: expect.objectContaining({
        type: expect.stringMatching(/\/communication$/),
        status: 404,
        title: 'Not Found',
        instance: '/do/0/attempt/try/0/getBook',
      }),
    });
  });

  it('lets an error out that its filter does not catch', async () => {
    expect((await run(attempt(503), { name: 'none' })).error).toMatchObject({
      status: 404,
      instance: '/do/0/attempt/try/0/getBook',
    });
  });
});
