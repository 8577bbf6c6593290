import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { userId } from '../../../src/dialects/fme/user-ids.ts';
import { basic, type Server, startServer } from './support.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
  await server.ask('POST', '/users', { body: { name: 'mary', password: 'a long password', roles: ['user'] } });
});
afterAll(() => server.stop());

const api = '/fmeapiv4/repositories';
const mary = basic('mary', 'a long password');
const hidden = (user: string) =>
  `Unauthorized request by user ${user} due to lack of proper permissions or the object does not exist.`;
const names = ({ json }: { json: { items: { name: string }[] } }) => json.items.map(({ name }) => name);

describe('GET /repositories', () => {
  it('lists folders by name in the envelope, the root when something lies in it', async () => {
    const answer = await server.ask('GET', `${api}?limit=-1&offset=-1&detail=high`);
    expect(Object.keys(answer.json)).toEqual(['items', 'totalCount', 'limit', 'offset']);
    expect(names(answer)).toEqual(['/', 'Tests', 'Tutorials', 'Tutorials/deep']);
    expect(answer.json).toMatchObject({ totalCount: 4, limit: -1, offset: 0 });
  });

  it('has the members of the reference, in its order', async () => {
    const { json } = await server.ask('GET', `${api}?filterString=tutorials&limit=1`);
    expect(Object.keys(json.items[0])).toEqual([
      'name',
      'description',
      'ownerID',
      'owner',
      'sharable',
      'totalFileSize',
      'fileCount',
      'workspaceCount',
      'customTransformerCount',
      'customFormatCount',
      'templateCount',
    ]);
    expect(json.items[0]).toMatchObject({
      name: 'Tutorials',
      workspaceCount: 1,
      fileCount: 0,
      owner: '',
      sharable: true,
    });
    expect(json.items[0].totalFileSize).toBeGreaterThan(100);
    expect(json).toMatchObject({ totalCount: 2, limit: 1, offset: 0 });
  });

  it('gives pages, an empty one behind the end, and cuts a limit that is too large', async () => {
    expect(names(await server.ask('GET', `${api}?limit=2&offset=1`))).toEqual(['Tests', 'Tutorials']);
    expect((await server.ask('GET', `${api}?offset=4`)).json).toMatchObject({ items: [], totalCount: 4 });
    expect((await server.ask('GET', `${api}?limit=5000`)).json.limit).toBe(1000);
    const { status, json } = await server.ask('GET', `${api}?limit=many`);
    expect([status, json]).toEqual([
      400,
      { message: 'Parameter Validation Failed', details: { limit: 'must be an integer' } },
    ]);
  });

  it('counts files that lie beside the workspaces as soon as they are there', async () => {
    const folder = join(server.data, '..', 'workflows', 'Data');
    await mkdir(folder);
    await writeFile(join(folder, 'cities.csv'), 'name\nBurnaby\n');
    await expect
      .poll(async () => (await server.ask('GET', `${api}?filterString=Data`)).json.items[0])
      .toMatchObject({ name: 'Data', totalFileSize: 13, fileCount: 1, workspaceCount: 0 });
    expect((await server.ask('DELETE', `${api}/Data`)).status).toBe(204);
    expect(names(await server.ask('GET', `${api}?filterString=Data`))).toEqual([]);
  });
});

describe('POST /repositories', () => {
  it('makes one with a description and an owner, and refuses its name afterwards', async () => {
    const body = { name: 'Samples', description: 'Of the team' };
    const made = await server.ask('POST', api, { body });
    expect([made.status, made.headers.get('location')]).toEqual([201, `${api}/Samples`]);
    expect(made.json).toMatchObject({ ...body, owner: 'admin', ownerID: userId('admin'), workspaceCount: 0 });
    expect((await server.ask('GET', `${api}/Samples`)).json).toEqual(made.json);
    expect(names(await server.ask('GET', `${api}?filterString=THE%20TEAM`))).toEqual(['Samples']);
    expect(names(await server.ask('GET', `${api}?filterString=admin`))).toEqual(['Samples']);
    const again = await server.ask('POST', api, { body });
    expect([again.status, again.json]).toEqual([
      409,
      { message: 'Samples is not a valid name. A repository named Samples already exists.' },
    ]);
  });

  it.each([
    [{}, { name: 'must not be blank' }],
    [{ name: '  ' }, { name: 'must not be blank' }],
    [{ name: 'A//B' }, { name: 'must be names joined with /, none of them empty' }],
    [{ name: 'A/../B' }, { name: expect.stringContaining('`..`') }],
    [{ name: '.hidden' }, { name: expect.stringContaining('dot') }],
  ])('refuses %j naming the field', async (body, details) => {
    const { status, json } = await server.ask('POST', api, { body });
    expect([status, json]).toEqual([400, { message: 'Parameter Validation Failed', details }]);
  });

  it('is for those who may write', async () => {
    expect((await server.ask('POST', api, { auth: mary, body: { name: 'Hers' } })).status).toBe(403);
    expect((await server.ask('DELETE', `${api}/Tests`, { auth: mary })).status).toBe(403);
    await server.ask('PUT', '/permissions', { body: { path: '/Tests', user: 'admin', actions: ['read', 'write'] } });
    expect(names(await server.ask('GET', api, { auth: mary }))).not.toContain('Tests');
    for (const method of ['GET', 'DELETE']) {
      const { status, json } = await server.ask(method, `${api}/Tests`, { auth: mary });
      expect([status, json]).toEqual([404, { message: hidden('mary') }]);
    }
  });
});

describe('one repository', () => {
  it('is described anew, and goes with all that is in it', async () => {
    await server.ask('POST', api, { body: { name: 'Old/Deep', description: 'x' } });
    expect((await server.ask('PUT', `${api}/Old%2FDeep`, { body: { description: 'New.' } })).status).toBe(204);
    expect((await server.ask('GET', `${api}/Old%2FDeep`)).json).toMatchObject({ description: 'New.', owner: 'admin' });
    const holding = await server.ask('DELETE', `${api}/Old`);
    expect([holding.status, holding.json.message]).toEqual([422, expect.stringContaining('/Old/Deep')]);
    expect((await server.ask('DELETE', `${api}/Old%2FDeep`)).status).toBe(204);
    expect((await server.ask('DELETE', `${api}/Old`)).status).toBe(204);
    await server.ask('POST', api, { body: { name: 'Old/Deep' } });
    expect((await server.ask('GET', `${api}/Old%2FDeep`)).json.description).toBe('');
  });

  it.each([
    ['GET', 'Nowhere'],
    ['DELETE', 'Nowhere'],
    ['PUT', 'Nowhere'],
    ['GET', 'tutorials'],
    ['GET', 'Nowhere/items'],
  ])('%s %s is 404 in the words of the original', async (method, name) => {
    const { status, json } = await server.ask(method, `${api}/${name}`, method === 'PUT' ? { body: {} } : {});
    expect([status, json]).toEqual([404, { message: hidden('admin') }]);
  });

  it('that is the root stays', async () => {
    expect((await server.ask('DELETE', `${api}/%2F`)).status).toBe(422);
    expect((await server.ask('GET', `${api}/%2F`)).json).toMatchObject({ name: '/', workspaceCount: 1 });
  });
});
