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

let server: TestServer;
let respond: (request: Received) => Answer = () => ({ body: { ok: true } });
let documents: Record<string, Json> = {};
beforeAll(async () => {
  server = await startServer((request) => {
    const document = documents[request.url];
    if (typeof document === 'string') return { body: document, headers: { 'content-type': 'application/yaml' } };
    return document === undefined ? respond(request) : { body: document };
  });
});
afterAll(() => server.close());

let count = 0;
/** Calls an operation of a document; each document has an address of its own, as fetched ones are kept for a while. */
async function call(document: Json, operationId: string, parameters: string, more = '', input: JsonObject = {}) {
  const path = `/docs/${++count}.json`;
  documents = { [path]: document };
  server.received.length = 0;
  const settings = `document: { endpoint: 'https://petstore.example${path}' }, operationId: ${operationId}, parameters: ${parameters}${more}`;
  const source = `${header()}do:\n  - find:\n      call: openapi\n      with: { ${settings} }`;
  const bench = await runWorkflow(source, { input, hostMap: { 'petstore.example': server.origin } });
  return { ...bench, sent: server.received.filter((request) => !request.url.startsWith('/docs')) };
}

const swagger: JsonObject = {
  swagger: '2.0',
  host: 'petstore.example',
  basePath: '/v2',
  schemes: ['https', 'http'],
  consumes: ['application/json'],
  paths: {
    '/pet/findByStatus': {
      get: {
        operationId: 'findPetsByStatus',
        parameters: [{ name: 'status', in: 'query', required: true, type: 'array', collectionFormat: 'multi' }],
      },
    },
    '/pet/{petId}': {
      parameters: [{ name: 'petId', in: 'path', required: true, type: 'integer' }],
      get: { operationId: 'getPetById', parameters: [{ name: 'X-Trace', in: 'header', type: 'string' }] },
      post: {
        operationId: 'renamePet',
        consumes: ['application/x-www-form-urlencoded'],
        parameters: [{ name: 'name', in: 'formData', type: 'string' }],
      },
    },
    '/pet': { post: { operationId: 'addPet', parameters: [{ $ref: '#/parameters/pet' }] } },
    '/tags': {
      get: {
        operationId: 'tags',
        parameters: [
          { name: 't', in: 'query', type: 'array' },
          { name: 'p', in: 'query', type: 'array', collectionFormat: 'pipes' },
        ],
      },
    },
  },
  parameters: { pet: { name: 'pet', in: 'body', required: true, schema: {} } },
};

const modern: JsonObject = {
  openapi: '3.1.0',
  servers: [{ url: '/{version}/', variables: { version: { default: 'v3' } } }],
  paths: {
    '/items/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true }],
      put: {
        operationId: 'putItem',
        parameters: [{ name: 'dry', in: 'query' }],
        requestBody: { $ref: '#/components/requestBodies/Item' },
      },
      get: {
        operationId: 'getItem',
        servers: [{ url: 'https://petstore.example/other' }],
        parameters: [
          { name: 'list', in: 'query' },
          { name: 'csv', in: 'query', explode: false },
          { name: 'pipes', in: 'query', style: 'pipeDelimited', explode: false },
          { name: 'deep', in: 'query', style: 'deepObject' },
          { name: 'object', in: 'query' },
          { name: 'session', in: 'cookie' },
        ],
      },
    },
  },
  components: { requestBodies: { Item: { required: true, content: { 'application/json': {} } } } },
};

describe('OpenAPI 2.0', () => {
  it('sends a query parameter, many times where the document says so', async () => {
    const { sent, output } = await call(swagger, 'findPetsByStatus', "{ status: '${ .s }' }", '', { s: ['a', 'b c'] });
    expect(sent[0]!.url).toBe('/v2/pet/findByStatus?status=a&status=b+c');
    expect(output).toEqual({ ok: true });
  });

  it('sends path, header and form parameters', async () => {
    const { sent } = await call(swagger, 'getPetById', "{ petId: 'a/1', X-Trace: abc }");
    expect([sent[0]!.method, sent[0]!.url, sent[0]!.headers['x-trace']]).toEqual(['GET', '/v2/pet/a%2F1', 'abc']);
    const form = await call(swagger, 'renamePet', "{ petId: 1, name: 'x y' }");
    expect([form.sent[0]!.headers['content-type'], form.sent[0]!.body]).toEqual([
      'application/x-www-form-urlencoded',
      'name=x+y',
    ]);
  });

  it('sends a body parameter, found through a reference', async () => {
    const { sent } = await call(swagger, 'addPet', '{ pet: { name: milou } }');
    expect([sent[0]!.headers['content-type'], sent[0]!.body]).toEqual(['application/json', '{"name":"milou"}']);
  });

  it('joins lists as the document says', async () => {
    expect((await call(swagger, 'tags', '{ t: [1, 2], p: [3, 4] }')).sent[0]!.url).toBe('/v2/tags?t=1%2C2&p=3%7C4');
  });
});

describe('OpenAPI 3', () => {
  it('sends what is not a parameter as the body, to a server relative to the document', async () => {
    const { sent } = await call(modern, 'putItem', '{ id: 7, dry: true, name: x, tags: [1] }');
    expect([sent[0]!.method, sent[0]!.url, sent[0]!.body]).toEqual([
      'PUT',
      '/v3/items/7?dry=true',
      '{"name":"x","tags":[1]}',
    ]);
  });

  it('sends "body" as the whole body', async () => {
    expect((await call(modern, 'putItem', '{ id: 7, body: [1, 2] }')).sent[0]!.body).toBe('[1,2]');
  });

  it('serializes by style, at the server of the operation', async () => {
    const { sent } = await call(
      modern,
      'getItem',
      '{ id: 1, list: [1, 2], csv: [3, 4], pipes: [5, 6], deep: { a: b }, object: { c: d }, session: s }',
    );
    expect(decodeURIComponent(sent[0]!.url)).toBe('/other/items/1?list=1&list=2&csv=3,4&pipes=5|6&deep[a]=b&c=d');
    expect(sent[0]!.headers['cookie']).toBe('session=s');
  });

  it('reads documents in YAML', async () => {
    const yaml = 'openapi: 3.0.3\nservers: [{ url: /y }]\npaths:\n  /p:\n    get: { operationId: p }\n';
    expect((await call(yaml, 'p', '{}')).sent[0]!.url).toBe('/y/p');
  });
});

describe('the call', () => {
  it('gives the whole answer for "response"', async () => {
    const { output } = await call(swagger, 'getPetById', '{ petId: 1 }', ', output: response');
    expect(output).toMatchObject({
      request: { method: 'get', uri: 'https://petstore.example/v2/pet/1' },
      statusCode: 200,
      content: { ok: true },
    });
  });

  it('proves who asks, and does not give that away to the document', async () => {
    await call(swagger, 'getPetById', '{ petId: 1 }', ', authentication: { bearer: { token: abc } }');
    expect(server.received.map((request) => request.headers.authorization)).toEqual([undefined, 'Bearer abc']);
  });

  it('fetches a document once for calls that follow each other', async () => {
    documents = { '/docs/shared.json': swagger };
    server.received.length = 0;
    const one = (name: string) =>
      `  - ${name}: { call: openapi, with: { document: { endpoint: 'https://petstore.example/docs/shared.json' }, operationId: getPetById, parameters: { petId: 1 } } }`;
    await runWorkflow(`${header()}do:\n${one('a')}\n${one('b')}`, { hostMap: { 'petstore.example': server.origin } });
    expect(server.received.map((request) => request.url)).toEqual(['/docs/shared.json', '/v2/pet/1', '/v2/pet/1']);
  });

  it('names what does not fit, all at once and before anything is sent', async () => {
    const { error, sent } = await call(swagger, 'findPetsByStatus', '{ statuss: a, x: 1 }');
    expect(sent).toEqual([]);
    expect(error).toMatchObject({ type: expect.stringMatching(/validation$/), status: 400, instance: '/do/0/find' });
    expect(error!.errors!.map((one) => one.message)).toEqual([
      'The query parameter "status" is missing.',
      'The operation has no parameter "statuss"; did you mean "status"?',
      'The operation has no parameter "x"; known are "status".',
    ]);
  });

  it.each<[string, Json, string, RegExp]>([
    [
      'an unknown operation',
      swagger,
      'findPetByStatus',
      /has no operation "findPetByStatus"; did you mean "findPetsByStatus"\?$/,
    ],
    [
      'no OpenAPI document',
      { hello: 1 },
      'x',
      /is not an OpenAPI document of version 2.0, 3.0 or 3.1: found neither "openapi" nor "swagger"\.$/,
    ],
    ['a later version', { openapi: '4.0.0' }, 'x', /found "4.0.0"\.$/],
  ])('refuses %s as badly configured', async (_what, document, operation, detail) => {
    const { error } = await call(document, operation, '{}');
    expect(error).toMatchObject({
      type: expect.stringMatching(/configuration$/),
      status: 400,
      detail: expect.stringMatching(detail),
    });
  });

  it('tells when the document cannot be had', async () => {
    respond = () => ({ status: 404 });
    const source = `${header()}do: [{ a: { call: openapi, with: { document: { endpoint: 'https://petstore.example/none.json' }, operationId: x } } }]`;
    const { error } = await runWorkflow(source, { hostMap: { 'petstore.example': server.origin } });
    respond = () => ({ body: { ok: true } });
    expect(error).toMatchObject({
      type: expect.stringMatching(/communication$/),
      status: 404,
      detail: 'GET https://petstore.example/none.json answered 404 Not Found.',
    });
  });
});
