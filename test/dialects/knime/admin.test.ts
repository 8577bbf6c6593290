import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DialectServer } from '../server.ts';
import { basic, PASSWORD } from '../server.ts';
import { startServer, v4 } from './support.ts';
import { unzip } from './zip.ts';

let server: DialectServer;
beforeAll(async () => {
  server = await startServer();
  await server.ask('POST', '/users', { body: { name: 'mary', password: 'a long password', roles: ['user'] } });
});
afterAll(() => server.stop());

const mary = basic('mary', 'a long password');
const ask: DialectServer['ask'] = (method, path, options) => server.ask(method, `${v4}${path}`, options);

describe('/users', () => {
  it('lists, adds, reads, changes and removes', async () => {
    const made = await ask('POST', '/users', {
      body: { name: 'guest', password: 'a long password', roles: ['workflow-group-administrator'], '@controls': {} },
    });
    expect([made.status, made.headers.get('location')]).toEqual([201, `${server.url}${v4}/users/guest`]);
    expect(Object.keys(made.json)).toEqual([
      'name',
      'roles',
      'groups',
      'enabled',
      'createdOn',
      '@namespaces',
      '@controls',
    ]);
    expect(made.json.roles).toEqual(['workflow-group-administrator']);
    const list = await ask('GET', '/users');
    expect(list.json.users.map(({ name }: { name: string }) => name)).toEqual(['admin', 'guest', 'mary']);
    // A document that was read is sent back with a change.
    const changed = await ask('PUT', '/users/guest', { body: { ...made.json, roles: ['user', 'Viewer'] } });
    expect([changed.status, changed.json.roles]).toEqual([200, ['user', 'viewer']]);
    expect((await ask('GET', '/users/guest')).json.roles).toEqual(['user', 'viewer']);
    expect((await ask('DELETE', '/users/guest')).status).toBe(204);
    expect((await ask('GET', '/users/guest')).status).toBe(404);
  });

  it('says what does not fit', async () => {
    const short = await ask('POST', '/users', { body: { name: 'a b', password: 'short' } });
    expect([short.status, short.json.details.length]).toEqual([400, 2]);
    const role = await ask('POST', '/users', { body: { name: 'x', password: 'a long password', roles: ['king'] } });
    expect([role.status, role.json.title]).toEqual([400, expect.stringContaining('administrator')]);
    const twice = await ask('POST', '/users', { body: { name: 'mary', password: 'a long password' } });
    expect(twice.status).toBe(409);
  });

  it('are for administrators, but oneself', async () => {
    expect((await ask('GET', '/users', { auth: mary })).status).toBe(403);
    expect((await ask('GET', '/users/admin', { auth: mary })).status).toBe(403);
    expect((await ask('GET', '/users/mary', { auth: mary })).json.name).toBe('mary');
    const own = await ask('PUT', '/users/mary', { auth: mary, body: { roles: ['administrator'] } });
    expect(own.status).toBe(403);
  });
});

describe('/groups', () => {
  it('makes, lists, changes and removes; members are told by users', async () => {
    const made = await ask('PUT', '/groups/team');
    expect([made.status, made.headers.get('location')]).toEqual([201, `${server.url}${v4}/groups/team`]);
    await ask('PUT', '/users/mary', { body: { groups: ['team'] } });
    const changed = await ask('PUT', '/groups/team', { body: { description: 'The team' } });
    expect([changed.status, changed.json.members, changed.json.description]).toEqual([200, ['mary'], 'The team']);
    expect((await ask('PUT', '/groups/team', { body: {} })).json.description).toBe('The team');
    expect((await ask('GET', '/groups')).json.groups).toHaveLength(1);
    expect((await ask('GET', '/groups/none')).status).toBe(404);
    expect((await ask('GET', '/groups', { auth: mary })).status).toBe(403);
    await ask('PUT', '/users/mary', { body: { groups: [] } });
    expect((await ask('DELETE', '/groups/team')).status).toBe(204);
  });
});

describe(':permissions', () => {
  it('are read and replaced as a list', async () => {
    const path = '/repository/Users/guest:permissions';
    expect((await ask('GET', path)).json).toMatchObject({ path: '/Users/guest', owner: 'guest', permissions: [] });
    const given = [{ user: 'mary', read: true, write: false, execute: true }];
    expect((await ask('PUT', path, { body: { permissions: given } })).json.permissions).toEqual(given);
    expect((await ask('GET', '/repository/Users/guest/echo', { auth: mary })).status).toBe(200);
    const others = [{ user: 'admin', read: true }];
    expect((await ask('PUT', path, { body: { permissions: others } })).json.permissions).toEqual([
      { user: 'admin', read: true, write: false, execute: false },
    ]);
    expect((await ask('GET', '/repository/Users/guest/echo', { auth: mary })).status).toBe(404);
    const none = await ask('PUT', path, { body: { permissions: [] } });
    expect(none.json.permissions).toEqual([]);
    expect((await ask('GET', '/repository/Users/guest/echo', { auth: mary })).status).toBe(200);
  });

  it('need a subject, and an administrator', async () => {
    const path = '/repository/Users/guest:permissions';
    expect((await ask('PUT', path, { body: { permissions: [{ read: true }] } })).status).toBe(400);
    expect((await ask('GET', path, { auth: mary })).status).toBe(403);
    expect((await ask('GET', '/repository/no:permissions')).status).toBe(404);
  });
});

describe('/admin/logs', () => {
  it('is a ZIP with knime.log in a folder, without a secret', async () => {
    await server.ask('GET', '/jobs?token=very-secret&state=queued');
    const response = await fetch(`${server.url}${v4}/admin/logs`, {
      headers: { authorization: basic('admin', PASSWORD) },
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/zip']);
    const files = unzip(Buffer.from(await response.arrayBuffer()));
    expect(Object.keys(files)).toEqual(['logs/knime.log']);
    const lines = files['logs/knime.log']!.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).url)).toContain('/jobs?token=***&state=queued');
    expect(files['logs/knime.log']).not.toContain('very-secret');
  });

  it('is for administrators', async () => {
    expect((await ask('GET', '/admin/logs', { auth: mary })).status).toBe(403);
    expect((await ask('GET', '/admin/logs', { auth: false })).status).toBe(401);
  });
});
