import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic, type Server, startServer } from './support.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
  const body = { name: 'mary', password: 'a long password', roles: ['user'] };
  await server.ask('POST', '/users', { body });
});
afterAll(() => server.stop());

const api = '/fmeapiv4';
const mary = basic('mary', 'a long password');
const make = async (body: object, auth?: string) =>
  server.ask('POST', `${api}/tokens`, { body, ...(auth === undefined ? {} : { auth }) });

describe('POST /tokens', () => {
  it('answers 201 with the secret and every member in its order', async () => {
    const body = {
      name: 'tutorial-client',
      description: 'Token for the job tutorial',
      enabled: true,
      customPermissions: false,
      secondsToExpiry: 2_592_000,
    };
    const { status, json } = await make(body);
    expect(status).toBe(201);
    expect(Object.keys(json)).toEqual([
      'name',
      'description',
      'owner',
      'type',
      'customPermissions',
      'enabled',
      'created',
      'updated',
      'secondsToExpiry',
      'expiration',
      'token',
    ]);
    expect(json).toMatchObject({ ...body, owner: 'admin', type: 'USER' });
    expect(json.token).toMatch(/^[0-9a-f]{40}$/);
    expect(Date.parse(json.expiration) - Date.parse(json.created)).toBe(2_592_000_000);
    const again = await make(body);
    expect([again.status, typeof again.json.message]).toEqual([409, 'string']);
    expect((await make(body, mary)).status).toBe(201);
  });

  it.each([
    [{}, { name: 'must not be blank' }],
    [{ name: '  ' }, { name: 'must not be blank' }],
    [{ name: 'x', enabled: 'perhaps' }, { enabled: 'must be a boolean' }],
    [{ name: 'x', secondsToExpiry: 0 }, { secondsToExpiry: 'must be greater than or equal to 1' }],
    [{ name: 'x', customPermissions: true }, { permissions: 'must not be empty' }],
  ])('refuses %j', async (body, details) => {
    const { status, json } = await make(body);
    expect([status, json]).toEqual([400, { message: 'Parameter Validation Failed', details }]);
  });

  it('makes one that works in every place a token may stand', async () => {
    const { json } = await make({ name: 'places' });
    const get = (path: string, authorization?: string) => server.ask('GET', path, { auth: authorization ?? false });
    for (const header of [`fmetoken token=${json.token}`, `FMEToken token="${json.token}"`, `Bearer ${json.token}`])
      expect((await get(`${api}/jobs`, header)).status).toBe(200);
    for (const query of [`token=${json.token}`, `&fmetoken=${json.token}&x`])
      expect((await get(`${api}/jobs?${query}`)).status).toBe(200);
    // Elsewhere it is an API token like any other.
    expect((await get('/jobs', `Bearer ${json.token}`)).status).toBe(200);
    expect((await get('/jobs', `fmetoken token=${json.token}`)).status).toBe(401);
    expect((await get(`/jobs?token=${json.token}`)).status).toBe(401);
    expect(server.log()).not.toContain(json.token);
  });

  it('limits one to its permissions: 403 beyond them', async () => {
    const { json } = await make({ name: 'reader', customPermissions: true, permissions: ['jobs:access'] });
    expect(json.permissions).toEqual(['jobs:access', 'schedules:access']);
    const auth = `fmetoken token=${json.token}`;
    expect((await server.ask('GET', `${api}/jobs`, { auth })).status).toBe(200);
    const refused = await server.ask('POST', `${api}/jobs`, { auth, body: {} });
    expect([refused.status, Object.keys(refused.json)]).toEqual([403, ['message']]);
    expect((await make({ name: 'wider' }, auth)).status).toBe(403);
  });
});

describe('a token', () => {
  it('is listed, read, changed and revoked by its name, without its secret', async () => {
    const { json: made } = await make({ name: 'life', description: 'Old' });
    const auth = `fmetoken token=${made.token}`;
    const list = await server.ask('GET', `${api}/tokens?limit=1000&owner=admin`);
    expect(list.json.items.map((one: { name: string }) => one.name)).toContain('life');
    expect(list.text).not.toContain(made.token);
    const { token: _secret, ...rest } = made;
    expect((await server.ask('GET', `${api}/tokens/life`)).json).toEqual(rest);
    expect(rest.expiration).toBeNull();

    expect((await server.ask('GET', `${api}/jobs`, { auth })).status).toBe(200);
    const put = await server.ask('PUT', `${api}/tokens/life`, { body: { enabled: false, description: 'New' } });
    expect([put.status, put.text]).toEqual([204, '']);
    expect((await server.ask('GET', `${api}/tokens/life`)).json).toMatchObject({ enabled: false, description: 'New' });
    expect((await server.ask('GET', `${api}/jobs`, { auth })).status).toBe(401);
    await server.ask('PUT', `${api}/tokens/life`, { body: { enabled: true, secondsToExpiry: 1 } });
    expect((await server.ask('GET', `${api}/jobs`, { auth })).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect((await server.ask('GET', `${api}/jobs`, { auth })).status).toBe(401);

    expect((await server.ask('DELETE', `${api}/tokens/life`)).status).toBe(204);
    expect((await server.ask('GET', `${api}/tokens/life`)).status).toBe(404);
    expect((await server.ask('DELETE', `${api}/tokens/life`)).status).toBe(404);
  });

  it('of another is not there, but for an administrator', async () => {
    await make({ name: 'hers' }, mary);
    await make({ name: 'his' });
    const names = async (auth?: string) =>
      (await server.ask('GET', `${api}/tokens`, auth === undefined ? {} : { auth })).json.items.map(
        (one: { name: string }) => one.name,
      );
    expect(await names(mary)).not.toContain('his');
    expect(await names()).toEqual(expect.arrayContaining(['hers', 'his']));
    expect((await server.ask('GET', `${api}/tokens/his`, { auth: mary })).status).toBe(404);
    expect((await server.ask('GET', `${api}/tokens/his?owner=admin`, { auth: mary })).status).toBe(404);
    expect((await server.ask('GET', `${api}/tokens/hers?owner=mary`)).status).toBe(200);
  });
});

describe('401', () => {
  const body = { message: 'Unauthorized request. Credentials are missing, invalid or expired.' };
  it.each([
    ['nothing', `${api}/jobs`, undefined],
    ['a token nobody has', `${api}/jobs`, 'fmetoken token=0011'],
    ['a query nobody has', `${api}/jobs?token=0011`, undefined],
    ['a wrong password', `${api}/tokens`, basic('admin', 'wrong')],
  ])('answers %s with its own text and challenge', async (_name, path, auth) => {
    const answer = await server.ask('GET', path, { auth: auth ?? false });
    expect([answer.status, answer.json, answer.headers.get('www-authenticate')]).toEqual([401, body, 'fmetoken']);
  });
});

describe('the native API', () => {
  it('has descriptions of tokens, and changes them', async () => {
    const { json } = await server.ask('POST', '/tokens', { body: { name: 'ci', description: 'For CI' } });
    expect(json).toMatchObject({ description: 'For CI', enabled: true });
    const changed = await server.ask('PATCH', `/tokens/${json.id}`, {
      body: { description: null, enabled: false, scopes: ['jobs:read'] },
    });
    expect(changed.json).toMatchObject({ name: 'ci', enabled: false, scopes: ['jobs:read'] });
    expect(changed.json.description).toBeUndefined();
    expect((await server.ask('GET', '/jobs', { auth: `Bearer ${json.token}` })).status).toBe(401);
    expect((await server.ask('PATCH', '/tokens/999999', { body: { enabled: true } })).status).toBe(404);
  });
});
