import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DialectServer } from '../server.ts';
import { rest, startServer, v4 } from './support.ts';

let server: DialectServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const mason = 'application/vnd.mason+json;charset=UTF-8';
const type = ({ headers }: { headers: Headers }): string => headers.get('content-type') ?? '';

describe('the root document', () => {
  it.each([rest, `${rest}/`, `/knime//rest`])('at %s tells what the server is, without a sign-in', async (path) => {
    const answer = await server.ask('GET', path, { auth: false });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.json)).toEqual([
      'mountId',
      'version',
      'preferredAuthType',
      'enableResetOnUploadCheckbox',
      'forceResetOnUpload',
      'fetchInterval',
      'fetchTimeout',
      '@namespaces',
      '@controls',
    ]);
    expect(answer.text).toContain('"fetchInterval":2.0,"fetchTimeout":180.0');
    expect(answer.json.version).toEqual({ major: 4, minor: 13, revision: 0 });
    expect(answer.json['@namespaces']).toEqual({ knime: { name: 'http://www.knime.com/server/rels#' } });
    expect(answer.json['@controls'].self).toEqual({ href: `${server.url}${rest}`, method: 'GET' });
    expect(answer.json['@controls']['knime:jobs']).toEqual({
      href: `${server.url}${v4}/jobs{?user}`,
      isHrefTemplate: true,
      method: 'GET',
    });
  });

  it('at the base of version 4 is the same with another self', async () => {
    const { json } = await server.ask('GET', v4, { auth: false });
    expect(json['@controls'].self.href).toBe(`${server.url}${v4}`);
  });
});

describe('links', () => {
  const selfOf = async (path: string, headers: Record<string, string>) =>
    (await server.ask('GET', path, { headers })).json['@controls'].self.href;

  it('name the context the client came by', async () => {
    expect(await selfOf('/com.knime.enterprise.server/rest/v4', {})).toBe(
      `${server.url}/com.knime.enterprise.server/rest/v4`,
    );
  });

  it('believe nobody who says to be a proxy', async () => {
    const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-prefix': '/evil', 'x-forwarded-for': '1.2.3.4' };
    expect(await selfOf(rest, headers)).toBe(`${server.url}${rest}`);
  });

  it('behind a trusted proxy have its protocol, host and prefix', async () => {
    const behind = await startServer({}, { MILLRACE_TRUST_PROXY: '127.0.0.1' });
    try {
      const { json } = await behind.ask('GET', rest, {
        headers: {
          'x-forwarded-for': '203.0.113.7',
          'x-forwarded-proto': 'https',
          'x-forwarded-host': 'flows.example',
          'x-forwarded-prefix': '/tools/',
        },
      });
      expect(json['@controls'].self.href).toBe(`https://flows.example/tools${rest}`);
    } finally {
      await behind.stop();
    }
  });
});

describe('the type of an answer', () => {
  it.each([
    [undefined, mason],
    ['*/*', mason],
    ['application/vnd.mason+json', mason],
    ['application/json', 'application/json;charset=UTF-8'],
    ['application/json, */*;q=0.5', 'application/json;charset=UTF-8'],
    // As axios and httr say it.
    ['application/json, text/plain, */*', 'application/json;charset=UTF-8'],
    ['application/json;q=0.5, application/vnd.mason+json', mason],
    ['application/zip', mason],
  ])('for Accept: %s is %s', async (accept, expected) => {
    const answer = await server.ask('GET', rest, accept === undefined ? {} : { headers: { accept } });
    expect([answer.status, type(answer)]).toEqual([200, expected]);
  });

  it.each([
    ['*/*', mason],
    ['application/json', 'application/json;charset=UTF-8'],
    ['application/octet-stream', 'text/plain;charset=UTF-8'],
    ['text/plain', 'text/plain;charset=UTF-8'],
  ])('of an error for Accept: %s is %s', async (accept, expected) => {
    const answer = await server.ask('GET', `${v4}/nothing`, { headers: { accept } });
    expect([answer.status, type(answer)]).toEqual([404, expected]);
    const message = answer.json?.title ?? answer.text;
    expect(message).toMatch(/^There is no GET \/knime\/rest\/v4\/nothing\./);
  });
});

describe('an error', () => {
  it('serves readers of problem documents and of Mason', async () => {
    const { status, json } = await server.ask('GET', `${v4}/nothing`);
    expect(status).toBe(404);
    expect(Object.keys(json)).toEqual(['title', 'status', 'code', 'details', '@error']);
    expect(json).toMatchObject({ status: 404, code: 'NotFound', details: [] });
    expect(json['@error']).toMatchObject({ '@message': json.title, '@code': '404', '@messages': [] });
    expect(json['@error']['@id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('for a method that is not there names the others', async () => {
    const { status, headers } = await server.ask('DELETE', `${v4}/auth/jwt`);
    expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('of an address that cannot be decoded has the same shape', async () => {
    const { status, json } = await server.ask('GET', `${v4}/jobs/%zz`);
    expect([status, json.code]).toEqual([400, 'InvalidPath']);
  });
});

describe('signing in', () => {
  const jwt = async () => (await server.ask('GET', `${v4}/auth/jwt`)).text;

  it('gives a token as bare text', async () => {
    const { status, text, headers } = await server.ask('GET', `${v4}/auth/jwt`);
    expect([status, headers.get('content-type')]).toEqual([200, 'text/plain;charset=UTF-8']);
    expect(text).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    const claims = JSON.parse(Buffer.from(text.split('.')[1]!, 'base64url').toString());
    expect(claims).toMatchObject({ sub: 'admin' });
    expect(claims.exp - claims.iat).toBe(43_200);
  });

  it('needs right credentials, and says how', async () => {
    for (const auth of [false, 'Basic YWRtaW46d3Jvbmc=', 'Bearer a.b.c', 'Digest x', 'Bearer'] as const) {
      const { status, headers, json } = await server.ask('GET', `${v4}/auth/jwt`, { auth });
      expect([status, headers.get('www-authenticate')]).toEqual([401, 'Basic realm="KNIME Server", charset="UTF-8"']);
      expect(json.title).toContain('/knime/rest/v4/auth/jwt');
    }
  });

  it.each(['Bearer ', 'bearer ', 'Bearer', 'BEARER  '])('takes the token after "%s"', async (scheme) => {
    const answer = await server.ask('GET', `${rest}/session`, { auth: `${scheme}${await jwt()}` });
    expect([answer.status, answer.text.split('.').length]).toEqual([200, 3]);
  });

  it('elsewhere is as strict as before', async () => {
    expect((await server.ask('GET', '/me', { auth: `Bearer${await jwt()}` })).status).toBe(401);
    expect((await server.ask('GET', '/me', { auth: `Bearer ${await jwt()}` })).status).toBe(200);
  });
});
