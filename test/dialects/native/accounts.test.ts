import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Server, startServer } from './support.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const basic = (name: string, password: string) => `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

describe('users', () => {
  it('are added once, read, changed and removed, and never show their hash', async () => {
    const body = { name: 'mary', password: 'a long password', roles: ['user'], groups: [] };
    const made = await server.ask('POST', '/users', { body });
    expect([made.status, made.headers.get('location')]).toEqual([201, '/users/mary']);
    expect(Object.keys(made.json)).toEqual(['name', 'roles', 'groups', 'enabled', 'createdAt']);
    expect((await server.ask('POST', '/users', { body })).json.code).toBe('exists');
    expect((await server.ask('GET', '/users/mary', { auth: basic('mary', 'a long password') })).status).toBe(200);
    await server.ask('PATCH', '/users/mary', {
      body: { password: 'another password' },
      auth: basic('mary', 'a long password'),
    });
    expect((await server.ask('GET', '/me', { auth: basic('mary', 'a long password') })).status).toBe(401);
    expect(
      (
        await server.ask('PATCH', '/users/mary', {
          body: { roles: ['admin'] },
          auth: basic('mary', 'another password'),
        })
      ).status,
    ).toBe(403);
    expect((await server.ask('GET', '/users')).json.map((user: { name: string }) => user.name)).toContain('mary');
    expect((await server.ask('DELETE', '/users/mary')).status).toBe(204);
    expect((await server.ask('GET', '/users/mary')).status).toBe(404);
  });

  it.each([
    [{ name: 'a b', password: 'a long password' }, '/name'],
    [{ name: 'a:b', password: 'a long password' }, '/name'],
    [{ name: '', password: 'a long password' }, '/name'],
    [{ name: 'ok', password: 'short' }, '/password'],
    [{ name: 'ok', password: 'a long password', roles: ['root'] }, '/roles/0'],
    [{ name: 'ok', password: 'a long password', passwordHash: 'x' }, '/passwordHash'],
  ])('%j is refused at %s', async (body, pointer) => {
    const { status, json } = await server.ask('POST', '/users', { body });
    expect([status, json.errors[0].pointer]).toEqual([400, pointer]);
    expect(JSON.stringify(json)).not.toContain('a long password');
  });
});

describe('rights on paths', () => {
  it('decide what is listed and what may be run', async () => {
    await server.ask('PUT', '/groups/finance', { body: { description: 'Closing' } });
    await server.ask('POST', '/users', {
      body: { name: 'fred', password: 'a long password', roles: ['user'], groups: ['finance'] },
    });
    const auth = basic('fred', 'a long password');
    const permission = { path: '/Tutorials', group: 'finance', actions: ['read', 'run'] };
    expect((await server.ask('PUT', '/permissions', { body: permission })).json).toEqual(permission);
    expect((await server.ask('GET', '/permissions')).json).toContainEqual(permission);
    const body = { workflow: '/Tutorials/10seconds', input: { location: ['Rome'] } };
    expect((await server.ask('POST', '/execution', { auth, body })).status).toBe(200);
    expect(
      (await server.ask('PUT', '/workflows/Tutorials/x', { auth, raw: 'do: []', type: 'application/yaml' })).status,
    ).toBe(403);
    const both = await server.ask('PUT', '/permissions', {
      body: { path: '/', user: 'fred', group: 'finance', actions: [] },
    });
    expect([both.status, both.json.detail]).toEqual([400, expect.stringContaining('either user or group')]);
  });
});

describe('queues', () => {
  it('are made, changed, used and removed', async () => {
    expect((await server.ask('PUT', '/queues/night', { body: { concurrency: 1, paused: true } })).json).toMatchObject({
      name: 'night',
      paused: true,
    });
    const { json } = await server.ask('POST', '/jobs', { body: { workflow: '/Echo', queue: 'night' } });
    expect(json.state).toBe('queued');
    expect((await server.ask('GET', `/jobs/${json.id}/why`)).json).toMatchObject({
      queue: { paused: true },
      text: expect.stringContaining('paused'),
    });
    expect((await server.ask('GET', '/queues/night')).json.ready).toBe(1);
    expect((await server.ask('DELETE', '/queues/night')).status).toBe(409);
    await server.ask('PUT', '/queues/night', { body: {} });
    expect((await server.ask('GET', `/jobs/${json.id}/result?longPoll=true`)).json.state).toBe('completed');
    expect((await server.ask('DELETE', '/queues/night')).status).toBe(204);
    expect((await server.ask('GET', '/queues/night')).status).toBe(404);
    expect((await server.ask('PUT', '/queues/..%2fx', { body: {} })).status).toBe(400);
  });
});

describe('the record', () => {
  it('has every change with who made it, newest first, in pages', async () => {
    const { json, headers } = await server.ask('GET', '/audit?limit=2');
    expect(json.items).toHaveLength(2);
    expect(headers.get('link')).toContain('rel="next"');
    const all = await server.ask('GET', '/audit?limit=500');
    expect(all.json.items.map((entry: { action: string }) => entry.action)).toContain('user.create');
    expect(all.text).not.toContain('a long password');
  });
});

describe('what belongs to the server', () => {
  it('is reached from /', async () => {
    const { json } = await server.ask('GET', '/', { auth: false });
    for (const path of Object.values(json.links) as string[]) {
      expect((await server.ask('GET', path)).status, path).toBe(200);
    }
  });

  it('explains each error at the address its type has, to programs and to browsers', async () => {
    const { json } = await server.ask('GET', '/jobs/999999');
    expect((await server.ask('GET', json.type, { auth: false })).json).toMatchObject({
      code: 'not-found',
      status: 404,
    });
    const page = await fetch(`${server.url}${json.type}`, { headers: { accept: 'text/html' } });
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(await page.text()).toContain('<h1>Not found</h1>');
    expect((await server.ask('GET', '/errors/not-foun', { auth: false })).json.detail).toContain(
      'Did you mean not-found?',
    );
    expect((await fetch(`${server.url}/`, { headers: { accept: 'text/html' } })).headers.get('content-type')).toContain(
      'text/html',
    );
  });

  it('measures requests under their route and never under what clients make up', async () => {
    for (let i = 0; i < 20; i++) await server.ask('GET', `/made-up-${i}`);
    await server.ask('GET', '/jobs/999998');
    const { text } = await server.ask('GET', '/metrics');
    expect(text).toContain('route="/jobs/:id"');
    expect(text).not.toContain('made-up');
    expect(text).not.toContain('/999998');
  });
});
