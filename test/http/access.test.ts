import { createHmac, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RouteRecord } from '../../src/http/routes.ts';
import { admin, PASSWORD, type Server, startServer } from '../dialects/native/support.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
  await server.app.http.loadAll();
});
afterAll(() => server.stop());

/** A request path for a route: every placeholder filled in. */
const pathOf = ({ url, verb }: RouteRecord): string => {
  const path = url
    .replaceAll('::', '\u0000')
    .replace(/:id/g, '1')
    .replace(/:\w+/g, 'x')
    .replace('*', 'x')
    .replaceAll('\u0000', ':');
  return verb === undefined || path.endsWith(`:${verb}`) ? path : `${path}:${verb}`;
};

/** Sends bytes as they are and answers the status line. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(text));
    let got = '';
    socket.on('data', (chunk) => {
      got += chunk;
      if (got.includes('\r\n')) socket.destroy();
    });
    socket.on('close', () => resolve(got.split('\r\n', 1)[0] ?? ''));
    socket.on('error', reject);
    socket.setTimeout(5_000, () => socket.destroy());
  });
}

const request = (method: string, path: string, headers: Record<string, string> = {}) =>
  raw(
    `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n${Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n`,
  );

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const forge = (head: unknown, claims: unknown, key: Buffer | string): string => {
  const text = `${encode(head)}.${encode(claims)}`;
  return `Bearer ${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
};
const now = Math.floor(Date.now() / 1000);
const good = { sub: 'admin', rev: 1, aud: 'millrace-api', iss: 'millrace', iat: now, exp: now + 600 };
const otherKey = randomBytes(32);

const refused: Record<string, Record<string, string>> = {
  'no credentials': {},
  'a wrong password': { authorization: `Basic ${Buffer.from('mallory:wrong').toString('base64')}` },
  'an unreadable Basic header': { authorization: 'Basic %%%' },
  'a token nobody has': { authorization: 'Bearer mlr_0000000000000000000000000000000000000000000' },
  'an empty token': { authorization: 'Bearer ' },
  'a JWT of another key': { authorization: forge({ alg: 'HS256', typ: 'JWT' }, good, otherKey) },
  'an unsigned JWT': { authorization: `Bearer ${encode({ alg: 'none' })}.${encode(good)}.` },
  'another scheme': { authorization: 'Digest username="admin"' },
  'a token in the address': {},
};

describe('the public routes', () => {
  it('are these and no others', () => {
    const open = server.app.http
      .routes()
      .filter((route) => route.access === 'public')
      .map(({ method, url }) => `${method} ${url}`);
    const pages = (path: string) => [
      path,
      `${path}/index.html`,
      `${path}/index.html/json`,
      `${path}/json`,
      `${path}/static/*`,
      `${path}/static/index.html`,
      `${path}/static/swagger-initializer.js`,
      `${path}/yaml`,
    ];
    const paths = [
      '/',
      '/errors',
      '/errors/:code',
      '/healthz',
      '/openapi-3.1.json',
      '/openapi.json',
      '/postman.json',
      '/readyz',
      ...pages('/docs'),
      // --- FME
      '/fmeapiv4/docs/openapi-3.1.json',
      '/fmeapiv4/docs/openapi.json',
      '/fmeapiv4/healthcheck/liveness',
      '/fmeapiv4/healthcheck/readiness',
      '/fmeinfo/version',
      '/fmerest/v3/healthcheck',
      '/fmedatadownload/results/:file(^[0-9a-fA-F-]{36}\\.zip$)',
      ...pages('/fmeapiv4/docs'),
      // --- KNIME
      '/knime/rest',
      '/knime/rest/openapi-3.1.json',
      '/knime/rest/openapi.json',
      '/knime/rest/v4',
      '/knime/rest/workflow-page.js',
      ...pages('/knime/rest/doc'),
    ];
    // The pages' folder itself answers HEAD with and without a slash.
    const folders = ['HEAD /docs/', 'HEAD /fmeapiv4/docs/', 'HEAD /knime/rest/doc/'];
    // They make a token from user and password.
    const tokens = ['/generate', '/generate.json', '/service/generate', '/service/view.json'];
    const posts = tokens.map((path) => `POST /fmetoken${path}`);
    const expected = paths.flatMap((path) => [`GET ${path}`, `HEAD ${path}`]);
    expect(open.sort()).toEqual([...expected, ...folders, ...posts].sort());
  });
});

describe('every other route', () => {
  it.each(Object.keys(refused).filter((name) => name !== 'a wrong password'))('answers 401 to %s', async (name) => {
    const routes = server.app.http.routes().filter((route) => route.access !== 'public');
    expect(routes.length).toBeGreaterThan(60);
    for (const route of routes) {
      const path =
        name === 'a token in the address' ? `${pathOf(route)}?token=${encode(admin)}&access_token=x` : pathOf(route);
      expect(await request(route.method, path, refused[name]), `${route.method} ${path}`).toContain(' 401 ');
    }
  });

  it('answers 401 or, after too many tries, 429 to a wrong password', async () => {
    for (const route of server.app.http.routes().filter((r) => r.access !== 'public')) {
      const line = await request(route.method, pathOf(route), refused['a wrong password']);
      expect(line, `${route.method} ${route.url}`).toMatch(/ (401|429) /);
    }
  });

  it('answers 401 before the first byte of a stream and before an upgrade', async () => {
    expect(await request('GET', '/jobs/1/events', { accept: 'text/event-stream' })).toContain(' 401 ');
    const upgrade = {
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-key': 'x',
      'sec-websocket-version': '13',
    };
    expect(await request('GET', '/jobs/1/events', upgrade)).toMatch(/ (400|401) /);
  });

  it('is not opened by any spelling of its path', async () => {
    const tricks = [
      '/configs',
      '/healthz',
      ';x',
      '//',
      '%2f',
      '/.',
      '/..',
      '?x',
      '#x',
      '%00',
      '/%2e%2e/healthz',
      '/../healthz',
      '.json',
      '~',
    ];
    for (const path of ['/jobs', '/users', '/workflows', '/workflows/x', '/jobs/1', '/metrics', '/tokens']) {
      for (const trick of tricks) {
        for (const spelled of [
          path + trick,
          path.toUpperCase(),
          `/${path}`,
          `/healthz/..${path}`,
          `/docs/..${path}`,
          `http://127.0.0.1${path}`,
        ]) {
          const line = await request('GET', spelled);
          expect(line, spelled).toMatch(/ (400|401|404|405) /);
        }
      }
    }
  });
});

describe('a JWT', () => {
  it('signs in until it runs out, and carries its scopes', async () => {
    const { json } = await server.ask('POST', '/tokens/jwt', { body: { scopes: ['jobs:read'], expiresInSeconds: 60 } });
    expect(Date.parse(json.expiresAt) - Date.now()).toBeLessThan(61_000);
    const auth = `Bearer ${json.token}`;
    expect((await server.ask('GET', '/me', { auth })).json).toMatchObject({ name: 'admin', scopes: ['jobs:read'] });
    expect((await server.ask('GET', '/jobs', { auth })).status).toBe(200);
    expect((await server.ask('POST', '/jobs', { auth, body: { workflow: '/Echo' } })).status).toBe(403);
    // What is limited cannot make something that is not.
    expect((await server.ask('POST', '/tokens', { auth, body: { name: 'x', scopes: ['admin'] } })).status).toBe(403);
    expect((await server.ask('POST', '/tokens/jwt', { auth })).json.token).toBeDefined();
    const inherited = await server.ask('POST', '/tokens/jwt', { auth });
    expect((await server.ask('GET', '/me', { auth: `Bearer ${inherited.json.token}` })).json.scopes).toEqual([
      'jobs:read',
    ]);
  });

  it('of an account that was changed stops working at once', async () => {
    await server.ask('POST', '/users', { body: { name: 'eve', password: 'a long password' } });
    const auth = `Basic ${Buffer.from('eve:a long password').toString('base64')}`;
    const { json } = await server.ask('POST', '/tokens/jwt', { auth });
    const bearer = `Bearer ${json.token}`;
    expect((await server.ask('GET', '/me', { auth: bearer })).status).toBe(200);
    await server.ask('PATCH', '/users/eve', { body: { enabled: false } });
    expect((await server.ask('GET', '/me', { auth: bearer })).status).toBe(401);
    expect((await server.ask('GET', '/me', { auth })).status).toBe(401);
  });
});

describe('an API token', () => {
  it('is shown once, limited to its scopes, and taken back at once', async () => {
    const { status, json } = await server.ask('POST', '/tokens', { body: { name: 'ci', scopes: ['jobs:run'] } });
    expect(status).toBe(201);
    const auth = `Bearer ${json.token}`;
    expect((await server.ask('POST', '/execution', { auth, body: { workflow: '/Echo' } })).status).toBe(200);
    expect((await server.ask('GET', '/users', { auth })).json.needs).toBe('admin');
    const list = await server.ask('GET', '/tokens');
    expect(list.text).not.toContain(json.token);
    expect((await server.ask('DELETE', `/tokens/${json.id}`)).status).toBe(204);
    expect((await server.ask('GET', '/me', { auth })).status).toBe(401);
    const over = await server.ask('POST', '/tokens', { body: { name: 'x', expiresAt: '2001-01-01T00:00:00Z' } });
    expect([over.status, over.json.errors[0].pointer]).toEqual([400, '/expiresAt']);
  });
});

describe('a refusal', () => {
  it('says which ways to sign in exist', async () => {
    const { headers, json } = await server.ask('GET', '/jobs', { auth: false });
    expect(headers.get('www-authenticate')).toBe('Basic realm="Millrace", charset="UTF-8", Bearer realm="Millrace"');
    expect(json.ways).toHaveLength(3);
    expect(json.detail).toContain('POST /tokens');
  });

  it('is the same for an unknown name and a wrong password', async () => {
    const ask = (name: string) =>
      server.ask('GET', '/me', { auth: `Basic ${Buffer.from(`${name}:${PASSWORD}x`).toString('base64')}` });
    const [known, unknown] = [await ask('eve'), await ask('nobody')];
    expect(unknown.text).toBe(known.text);
    expect(unknown.status).toBe(known.status);
  });

  it('for roles names the role, for another one nothing of the object', async () => {
    await server.ask('POST', '/users', { body: { name: 'vera', password: 'a long password', roles: ['user'] } });
    const auth = `Basic ${Buffer.from('vera:a long password').toString('base64')}`;
    expect((await server.ask('GET', '/users', { auth })).json.detail).toBe('This needs the role admin.');
    const { json } = await server.ask('POST', '/jobs', { body: { workflow: '/Echo' } });
    const foreign = await server.ask('GET', `/jobs/${json.id}`, { auth });
    const absent = await server.ask('GET', '/jobs/987654', { auth });
    expect([foreign.status, absent.status]).toEqual([404, 404]);
    expect(foreign.text.replaceAll(String(json.id), 'N')).toBe(absent.text.replaceAll('987654', 'N'));
    expect((await server.ask('GET', '/jobs', { auth })).json.items).toEqual([]);
  });
});
