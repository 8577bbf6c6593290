import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/model/json.ts';
import {
  type Answer,
  header,
  issuesOf,
  type Received,
  runWorkflow,
  startServer,
  type TestServer,
} from '../../support/workflow.ts';

let server: TestServer;
let answer: (request: Received) => Answer = () => ({});
beforeAll(async () => {
  server = await startServer((request) => answer(request));
});
afterAll(() => server.close());

const spec = 'https://serverlessworkflow.io/spec/1.0.0/errors';
const call = async (settings: string, input: JsonObject = {}, more = '', options = {}) => {
  server.received.length = 0;
  const hostMap = { 'api.example': server.origin };
  const source = `${header()}${more}\ndo:\n  - get:\n      call: http\n      with: { ${settings} }`;
  const bench = await runWorkflow(source, { input, hostMap, ...options });
  return { ...bench, request: server.received[0]! };
};
const echo = () => {
  answer = ({ url }) => ({ body: { url } });
};

describe('the request', () => {
  it('fills the names of a template from the input, encoded', async () => {
    echo();
    const { request } = await call(
      "method: get, endpoint: 'https://api.example/pet/{petId}?status={status}&none={none}'",
      {
        petId: 7,
        status: 'a b/c?&',
      },
    );
    expect([request.method, request.url]).toEqual(['GET', '/pet/7?status=a%20b%2Fc%3F%26&none=']);
  });

  it('takes template names verbatim', async () => {
    echo();
    const { request } = await call("method: get, endpoint: 'https://api.example/{pet.id}'", {
      'pet.id': 1,
      pet: { id: 2 },
    });
    expect(request.url).toBe('/1');
  });

  it('refuses an object in a template as an expression error', async () => {
    const { error } = await call("method: get, endpoint: 'https://api.example/{pet}'", { pet: { id: 2 } });
    expect(error).toMatchObject({
      type: `${spec}/expression`,
      status: 400,
      detail: '"{pet}" in the address must be text, a number or true/false; found an object.',
    });
  });

  it('takes the address from an expression, in which nothing is a template', async () => {
    echo();
    const { request } = await call(`method: get, endpoint: { uri: '\${ "https://api.example/" + .path }' }`, {
      path: 'x/%7Bsecret%7D',
      secret: 's',
    });
    expect(request.url).toBe('/x/%7Bsecret%7D');
    const { request: second } = await call(`method: get, endpoint: 'https://api.example/{a}/\${ .b }'`, {
      a: 1,
      b: '2',
    });
    expect(second.url).toBe('/1/2');
  });

  it('sends headers and query, evaluated; null leaves one out and a list repeats it', async () => {
    echo();
    const { request } = await call(
      `method: get, endpoint: 'https://api.example/?a=1', headers: { X-One: '\${ .h }', X-Two: fixed }, query: { q: '\${ .h }', n: '\${ null }', l: '\${ [1, 2] }' }`,
      { h: 'v w' },
    );
    expect(request.url).toBe('/?a=1&q=v+w&l=1&l=2');
    expect(request.headers).toMatchObject({ 'x-one': 'v w', 'x-two': 'fixed' });
  });

  it('takes headers and query whole from an expression', async () => {
    echo();
    const { request } = await call(
      `method: get, endpoint: 'https://api.example/', headers: '\${ .h }', query: '\${ .q }'`,
      { h: { 'X-A': 'b' }, q: { c: 'd' } },
    );
    expect([request.url, request.headers['x-a']]).toEqual(['/?c=d', 'b']);
  });

  it('sends a body as JSON, text as text, and a form as a form', async () => {
    echo();
    const json = await call(
      `method: post, endpoint: 'https://api.example/', body: { n: '\${ .n }', s: 'no \${ .n }' }`,
      { n: 1 },
    );
    expect([json.request.headers['content-type'], json.request.body]).toEqual([
      'application/json',
      '{"n":1,"s":"no 1"}',
    ]);
    const text = await call(`method: put, endpoint: 'https://api.example/', body: 'hello \${ .n }'`, { n: 1 });
    expect([text.request.headers['content-type'], text.request.body]).toEqual(['text/plain; charset=utf-8', 'hello 1']);
    const form = await call(
      `method: post, endpoint: 'https://api.example/', headers: { content-type: application/x-www-form-urlencoded }, body: { a: '1 2', b: '&' }`,
    );
    expect(form.request.body).toBe('a=1+2&b=%26');
  });

  it('carries a key by which the other side can tell a repetition, where that matters', async () => {
    echo();
    expect((await call("method: post, endpoint: 'https://api.example/'")).request.headers['idempotency-key']).toBe(
      '00000000-0000-4000-8000-000000000001:/do/0/get',
    );
    expect(
      (await call("method: get, endpoint: 'https://api.example/'")).request.headers['idempotency-key'],
    ).toBeUndefined();
    const own = await call("method: post, endpoint: 'https://api.example/', headers: { Idempotency-Key: mine }");
    expect(own.request.headers['idempotency-key']).toBe('mine');
  });
});

describe('the output', () => {
  it('is the content by default: JSON as data, text as text, anything else in base64, nothing as null', async () => {
    const bodyOf = async (body: Answer['body'], type: string) => {
      answer = () => ({ ...(body === undefined ? {} : { body }), headers: { 'content-type': type } });
      return (await call("method: get, endpoint: 'https://api.example/'")).output;
    };
    expect(await bodyOf('{"a":1}', 'application/json; charset=utf-8')).toEqual({ a: 1 });
    expect(await bodyOf('{"a":1}', 'application/problem+json')).toEqual({ a: 1 });
    expect(await bodyOf('a,b', 'text/csv')).toBe('a,b');
    expect(await bodyOf(Buffer.from([0xe4]), 'text/plain; charset=iso-8859-1')).toBe('ä');
    expect(await bodyOf(Buffer.from([1, 2, 255]), 'image/png')).toBe('AQL/');
    expect(await bodyOf(undefined, 'application/json')).toBeNull();
  });

  it('is the whole answer for "response", without what proves who asked', async () => {
    answer = () => ({ status: 201, headers: { 'x-a': 'b' }, body: { id: 1 } });
    const { output } = await call(
      "method: post, endpoint: 'https://api.example/p?x=1', output: response, headers: { Authorization: Bearer s3cret, X-Mine: '1' }",
    );
    expect(output).toMatchObject({
      request: { method: 'post', uri: 'https://api.example/p?x=1', headers: { 'x-mine': '1' } },
      statusCode: 201,
      headers: { 'x-a': 'b' },
      content: { id: 1 },
    });
    expect(JSON.stringify(output)).not.toContain('s3cret');
  });

  it('is the bytes in base64 for "raw"', async () => {
    answer = () => ({ body: '{"a":1}', headers: { 'content-type': 'application/json' } });
    expect((await call("method: get, endpoint: 'https://api.example/', output: raw")).output).toBe(
      Buffer.from('{"a":1}').toString('base64'),
    );
  });
});

describe('errors', () => {
  it('are communication errors with the status of the answer', async () => {
    answer = () => ({ status: 404, body: { message: 'no such pet' } });
    const { error } = await call("method: get, endpoint: 'https://api.example/pet?key=secret'");
    expect(error).toEqual({
      code: 'workflow-failed',
      type: `${spec}/communication`,
      status: 404,
      title: 'Not Found',
      detail: 'GET https://api.example/pet answered 404 Not Found: {"message":"no such pet"}.',
      instance: '/do/0/get',
    });
  });

  it('count a redirection as one, unless it is to be followed', async () => {
    answer = ({ url }) => (url === '/a' ? { status: 302, headers: { location: '/b' } } : { body: { url } });
    expect((await call("method: get, endpoint: 'https://api.example/a'")).error).toMatchObject({
      status: 302,
      detail: expect.stringContaining('Set "redirect: true"'),
    });
    expect((await call("method: get, endpoint: 'https://api.example/a', redirect: true")).output).toEqual({
      url: '/b',
    });
    answer = () => ({ status: 304 });
    expect(
      (await call("method: get, endpoint: 'https://api.example/a', redirect: true, output: response")).output,
    ).toMatchObject({ statusCode: 304 });
  });

  it('tell of a server that cannot be reached', async () => {
    const { error } = await call("method: get, endpoint: 'http://127.0.0.1:1/'");
    expect(error).toMatchObject({ type: `${spec}/communication`, status: 500, instance: '/do/0/get' });
    expect(error!.detail).toMatch(/nothing accepts connections/);
  });

  it('tell of a body that is not the JSON it says it is', async () => {
    answer = () => ({ body: '{"a":', headers: { 'content-type': 'application/json' } });
    expect((await call("method: get, endpoint: 'https://api.example/'")).error!.detail).toMatch(
      /not the JSON it says it is/,
    );
  });

  it('come from the journal as they were, when the run is repeated', async () => {
    answer = () => ({ status: 503 });
    const source = `${header()}
do:
  - t:
      try: [{ get: { call: http, with: { method: get, endpoint: 'https://api.example/' } } }]
      catch: { errors: { with: { type: ${spec}/communication, status: 503 } }, as: e, do: [{ keep: { set: { e: '\${ $e }' } } }] }
  - nap: { wait: PT1H }
  - end_: { set: { e: '\${ .e }' } }`;
    server.received.length = 0;
    const bench = await runWorkflow(source, { hostMap: { 'api.example': server.origin } });
    expect(bench.lives).toBe(2);
    expect(server.received).toHaveLength(1);
    expect(bench.output).toEqual({
      e: expect.objectContaining({
        type: `${spec}/communication`,
        status: 503,
        title: 'Service Unavailable',
        instance: '/do/0/t/try/0/get',
      }),
    });
  });
});

describe('authentication', () => {
  const authorization = async (policy: string, more = '', options = {}) => {
    answer = ({ headers }) => ({ body: { authorization: headers.authorization ?? null } });
    const endpoint = `endpoint: { uri: 'https://api.example/', authentication: ${policy} }`;
    const { output, error } = await call(`method: get, ${endpoint}`, { token: 't0ken', user: 'me' }, more, options);
    return error ?? (output as JsonObject)['authorization'];
  };
  const basic = `Basic ${Buffer.from('me:pw').toString('base64')}`;

  it('is sent inline, by name, or from a secret', async () => {
    expect(await authorization("{ basic: { username: '${ .user }', password: pw } }")).toBe(basic);
    expect(await authorization("{ bearer: { token: '${ .token }' } }")).toBe('Bearer t0ken');
    expect(await authorization('{ use: mine }', 'use: { authentications: { mine: { bearer: { token: abc } } } }')).toBe(
      'Bearer abc',
    );
    const secret = { secrets: { login: { username: 'me', password: 'pw' }, key: 'k' } };
    expect(await authorization('{ basic: { use: login } }', 'use: { secrets: [login] }', secret)).toBe(basic);
    expect(await authorization('{ bearer: { use: key } }', 'use: { secrets: [key] }', secret)).toBe('Bearer k');
  });

  it('fails as not authorized without the secret, and as badly configured with a wrong one', async () => {
    expect(await authorization('{ basic: { use: login } }', 'use: { secrets: [login] }')).toMatchObject({
      type: `${spec}/authorization`,
      status: 403,
    });
    const wrong = { secrets: { login: { username: 'me' } } };
    expect(await authorization('{ basic: { use: login } }', 'use: { secrets: [login] }', wrong)).toMatchObject({
      type: `${spec}/configuration`,
      detail: 'basic.password must be text; found nothing.',
    });
  });

  it('is seen by expressions as $authorization', async () => {
    answer = () => ({ body: {} });
    const source = `${header()}
do:
  - get:
      call: http
      with: { method: get, endpoint: { uri: 'https://api.example/', authentication: { basic: { username: me, password: pw } } } }
      output: { as: $authorization }
  - after: { set: { got: '\${ . }', gone: '\${ $authorization }' } }`;
    const { output } = await runWorkflow(source, { hostMap: { 'api.example': server.origin } });
    expect(output).toEqual({
      got: { scheme: 'Basic', parameter: Buffer.from('me:pw').toString('base64') },
      gone: null,
    });
  });

  it('answers a digest challenge', async () => {
    answer = ({ headers }) =>
      headers.authorization?.startsWith('Digest ')
        ? { body: { ok: headers.authorization.includes('username="me"') } }
        : {
            status: 401,
            headers: { 'www-authenticate': 'Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256' },
          };
    const { output } = await call(
      "method: get, endpoint: { uri: 'https://api.example/d', authentication: { digest: { username: me, password: pw } } }",
    );
    expect(output).toEqual({ ok: true });
  });

  it('fetches an OAuth 2 token from the authority', async () => {
    answer = ({ url, body, headers }) =>
      url === '/realm/oauth2/token'
        ? { body: { access_token: `for ${new URLSearchParams(body).get('scope')}`, expires_in: 60 } }
        : { body: { got: headers.authorization ?? null } };
    const policy =
      '{ oauth2: { authority: https://api.example/realm, grant: client_credentials, client: { id: me, secret: s }, scopes: [a, b] } }';
    const { output } = await call(`method: get, endpoint: { uri: 'https://api.example/x', authentication: ${policy} }`);
    expect(output).toEqual({ got: 'Bearer for a b' });
    expect(server.received[0]!.body).toBe('grant_type=client_credentials&scope=a+b&client_id=me&client_secret=s');
  });
});

describe('what is wrong at load', () => {
  const issue = (settings: string, more = '') =>
    issuesOf(`${header()}${more}\ndo:\n  - a:\n      call: http\n      with: { ${settings} }`).map((text) =>
      text.replace(/^\d+:\d+ /, ''),
    );

  it.each<[string, string, string, string?]>([
    ['a missing endpoint', 'method: get', 'The "http" call needs the property "endpoint", which is missing.'],
    [
      'another scheme',
      'method: get, endpoint: file:///etc/passwd',
      'endpoint must begin with "https://" or "http://"; found the scheme "file".',
    ],
    [
      'a relative address',
      'method: get, endpoint: /pets',
      'endpoint must begin with "https://" or "http://"; found "/pets".',
    ],
    [
      'a wrong output',
      'method: get, endpoint: https://x.org, output: contents',
      'output must be "content", "response" or "raw"; found "contents"; did you mean "content"?',
    ],
    [
      'a header that is a number',
      'method: get, endpoint: https://x.org, headers: { X-Version: 1 }',
      'The header "X-Version" must be text; found 1 (put it in quotes).',
    ],
    [
      'an unknown authentication',
      'method: get, endpoint: { uri: https://x.org, authentication: { use: nope } }',
      'There is no authentication named "nope" under "use"; defined are "mine".',
      'use: { authentications: { mine: { bearer: { token: x } } } }',
    ],
    [
      'an unknown secret',
      'method: get, endpoint: { uri: https://x.org, authentication: { basic: { use: nope } } }',
      'There is no secret named "nope" under "use"; list it under "use.secrets".',
    ],
    [
      'OpenID Connect',
      'method: get, endpoint: { uri: https://x.org, authentication: { oidc: { authority: https://x.org, grant: password } } }',
      'Authentication with OpenID Connect ("oidc") is not supported by this version.',
    ],
    [
      'a wrong method',
      'method: 7, endpoint: https://x.org',
      'method must be an HTTP method such as "get" or "post"; found 7.',
    ],
  ])('names %s', (_what, settings, expected, more) => {
    expect(issue(settings, more)).toEqual([expected]);
  });
});
