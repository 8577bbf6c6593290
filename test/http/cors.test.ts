import { tmpdir } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { route } from '../../src/http/routes.ts';
import { fail } from '../../src/model/errors.ts';
import { header, startDialectServer } from '../dialects/server.ts';
import { startHttp, stopHttp } from './support.ts';

afterEach(stopHttp);

const origin = 'https://maps.example.org';
const start = (allowedOrigins?: string[]) =>
  startHttp(
    (scope) => {
      const doc = { id: 'read', tag: 'Test', summary: 'Read', responses: { 200: { description: 'Read.' } } };
      route(scope, {
        method: 'GET',
        url: '/things',
        access: 'public',
        doc,
        handler: (_request, reply) => reply.send({}),
      });
      route(scope, {
        method: 'POST',
        url: '/things',
        access: 'signed-in',
        doc: { ...doc, id: 'make' },
        handler: () => {
          throw fail('invariant', 'Nobody comes here without credentials.');
        },
      });
    },
    allowedOrigins === undefined ? {} : { allowedOrigins },
  );
const corsHeaders = (headers: Headers) => [...headers.keys()].filter((name) => name.startsWith('access-control-'));
const preflight = (url: string, from: string, path = '/things') =>
  fetch(`${url}${path}`, {
    method: 'OPTIONS',
    headers: {
      origin: from,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  });

describe('with allowed origins', () => {
  it.each([
    '/things',
    '/no/such/path',
  ])('answers the question before a request to %s, without credentials', async (path) => {
    const { url } = await start(['https://other.example.org', origin]);
    const { status, headers } = await preflight(url, origin, path);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('access-control-allow-methods')?.split(', ')).toEqual(
      expect.arrayContaining(['GET', 'POST', 'PUT', 'DELETE']),
    );
    expect(headers.get('access-control-allow-headers')?.split(', ')).toEqual(
      expect.arrayContaining(['Authorization', 'Content-Type', 'Accept']),
    );
    expect(headers.get('vary')).toBe('Origin');
    expect(headers.has('access-control-allow-credentials')).toBe(false);
  });

  it('lets their pages read answers and errors, and change things', async () => {
    const { url } = await start([origin]);
    const read = await fetch(`${url}/things`, { headers: { origin } });
    expect([read.status, read.headers.get('access-control-allow-origin')]).toEqual([200, origin]);
    expect(read.headers.get('access-control-expose-headers')).toContain('Location');
    // Not refused for where it comes from, but for want of credentials.
    const change = await fetch(`${url}/things`, { method: 'POST', headers: { origin } });
    expect([change.status, change.headers.get('access-control-allow-origin')]).toEqual([401, origin]);
    expect(change.headers.get('vary')).toBe('Origin');
    expect(change.headers.has('access-control-allow-credentials')).toBe(false);
  });

  it.each([
    'https://evil.example.org',
    'https://maps.example.org.evil.test',
    'http://maps.example.org',
    'null',
    '*',
  ])('tells pages of %s nothing, and refuses their changes', async (from) => {
    const { url } = await start([origin]);
    const read = await fetch(`${url}/things`, { headers: { origin: from } });
    expect([read.status, corsHeaders(read.headers), read.headers.get('vary')]).toEqual([200, [], 'Origin']);
    for (const answer of [
      await preflight(url, from),
      await fetch(`${url}/things`, { method: 'POST', headers: { origin: from } }),
    ]) {
      expect([answer.status, corsHeaders(answer.headers)]).toEqual([403, []]);
    }
  });

  it('answers those that are no browsers as ever, and says that origins count', async () => {
    const { url } = await start([origin]);
    const read = await fetch(`${url}/things`);
    expect([read.status, corsHeaders(read.headers), read.headers.get('vary')]).toEqual([200, [], 'Origin']);
    expect((await fetch(`${url}/things`, { method: 'OPTIONS' })).status).toBe(405);
  });
});

describe('without allowed origins', () => {
  it('nothing is said of them, and their changes are refused', async () => {
    const { url } = await start();
    const read = await fetch(`${url}/things`, { headers: { origin } });
    expect([read.status, corsHeaders(read.headers), read.headers.get('vary')]).toEqual([200, [], null]);
    const asked = await preflight(url, origin);
    expect([asked.status, corsHeaders(asked.headers)]).toEqual([403, []]);
  });
});

describe('the setting allowedOrigins', () => {
  it('holds for every dialect', async () => {
    const server = await startDialectServer({
      definitions: { 'Root.yaml': `${header('root')}do:\n  - done:\n      set: { ok: true }\n` },
      document: '/fmeapiv4/docs/openapi-3.1.json',
      environment: { MILLRACE_ALLOWED_ORIGINS: `${origin}/` },
    });
    try {
      for (const path of ['/jobs', '/fmeapiv4/jobs', '/fmerest/v3/repositories/', '/fmeapiv4/none']) {
        const { status, headers } = await preflight(server.url, origin, path);
        expect([path, status, headers.get('access-control-allow-origin')]).toEqual([path, 204, origin]);
        const read = await server.ask('GET', path, { headers: { origin } });
        expect(read.headers.get('access-control-allow-origin'), path).toBe(origin);
      }
    } finally {
      await server.stop();
    }
  });

  it.each([
    'maps.example.org',
    '*',
    'https://maps.example.org/app',
    'https://user@maps.example.org',
    'ftp://a.test',
  ])('refuses %s', (value) => {
    const load = () => loadConfig({ cwd: tmpdir(), flags: {}, env: { MILLRACE_ALLOWED_ORIGINS: value } });
    expect(load).toThrow(/allowedOrigins|MILLRACE_ALLOWED_ORIGINS/);
  });
});
