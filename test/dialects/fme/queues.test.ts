import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { userId } from '../../../src/dialects/fme/user-ids.ts';
import { basic, type Server, startServer } from './support.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
  await server.ask('POST', '/users', { body: { name: 'mary', password: 'a long password', roles: ['user'] } });
});
afterAll(() => server.stop());

const api = '/fmeapiv4/queues';
const mary = basic('mary', 'a long password');

describe('queues', () => {
  it('are listed with the default one, its members in the order of the reference', async () => {
    const { status, json } = await server.ask('GET', api);
    expect(status).toBe(200);
    expect(JSON.stringify(json)).toBe(
      JSON.stringify({
        items: [
          { name: 'Default', description: '', priority: 5, isDefault: true, queuedJobCount: 0, runningJobCount: 0 },
        ],
        totalCount: 1,
        limit: 100,
        offset: 0,
      }),
    );
  });

  it('are made, read, changed and deleted', async () => {
    const made = await server.ask('POST', api, { body: { name: 'Nightly', description: 'At night', priority: 7 } });
    expect([made.status, made.headers.get('location')]).toEqual([201, `${api}/Nightly`]);
    expect(made.json).toMatchObject({ name: 'Nightly', description: 'At night', priority: 7, isDefault: false });
    expect((await server.ask('PUT', `${api}/Nightly`, { body: { priority: '10' } })).status).toBe(204);
    expect((await server.ask('GET', `${api}/Nightly`)).json).toMatchObject({ description: 'At night', priority: 10 });
    const again = await server.ask('POST', api, { body: { name: 'Nightly' } });
    expect([again.status, again.json]).toEqual([409, { message: 'A queue with name "Nightly" already exists.' }]);
    expect((await server.ask('DELETE', `${api}/Nightly`)).status).toBe(204);
    for (const method of ['GET', 'DELETE']) {
      const { status, json } = await server.ask(method, `${api}/Nightly`);
      expect([status, json]).toEqual([404, { message: 'Queue "Nightly" does not exist.' }]);
    }
  });

  it('keep what only the native API sets, and count their jobs', async () => {
    await server.ask('PUT', '/queues/slow', { body: { concurrency: 1, paused: true } });
    expect((await server.ask('PUT', `${api}/slow`, { body: { description: 'Slow' } })).status).toBe(204);
    expect((await server.ask('GET', '/queues/slow')).json).toMatchObject({
      concurrency: 1,
      paused: true,
      description: 'Slow',
    });
    const id = await server.submit('Echo.fmw', { queue: 'slow' });
    expect((await server.ask('GET', `${api}/slow`)).json).toMatchObject({ queuedJobCount: 1, runningJobCount: 0 });
    const busy = await server.ask('DELETE', `${api}/slow`);
    expect([busy.status, busy.json.message]).toEqual([422, expect.stringContaining('unfinished jobs')]);
    await server.ask('POST', `/fmeapiv4/jobs/${id}/cancel`);
    expect((await server.ask('DELETE', `${api}/slow`)).status).toBe(204);
  });

  it('have a default one that can be changed and stays', async () => {
    const kept = await server.ask('DELETE', `${api}/Default`);
    expect([kept.status, kept.json.message]).toEqual([422, 'The queue "Default" always exists and cannot be deleted.']);
    expect((await server.ask('PUT', `${api}/Default`, { body: { description: 'All else' } })).status).toBe(204);
    expect((await server.ask('GET', `${api}/Default`)).json).toMatchObject({
      description: 'All else',
      isDefault: true,
    });
    expect((await server.ask('POST', api, { body: { name: 'Default' } })).status).toBe(409);
  });

  it.each([
    [{}, { name: 'must not be blank' }],
    [{ name: 'a b' }, { name: 'must be letters, digits, . _ - (at most 100)' }],
    [{ name: 'a', priority: 11 }, { priority: 'must be less than or equal to 10' }],
    [{ name: 'a', priority: 'high' }, { priority: 'must be an integer' }],
  ])('are refused with %j naming the field', async (body, details) => {
    const { status, json } = await server.ask('POST', api, { body });
    expect([status, json]).toEqual([400, { message: 'Parameter Validation Failed', details }]);
  });

  it('are made once by many requests at the same moment', async () => {
    const body = { name: 'wanted' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => server.ask('POST', api, { body })));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
  });

  it('are changed by those who run the server alone', async () => {
    expect((await server.ask('GET', api, { auth: mary })).status).toBe(200);
    expect((await server.ask('POST', api, { auth: mary, body: { name: 'hers' } })).status).toBe(403);
    expect((await server.ask('DELETE', `${api}/Default`, { auth: mary })).status).toBe(403);
  });
});

describe('GET /accounts', () => {
  it('tells the id that belongs to a name, by which jobs are found', async () => {
    const { status, json } = await server.ask('GET', '/fmeapiv4/accounts?limit=1000&offset=0&summary=true');
    expect([status, json.totalCount]).toEqual([200, 2]);
    const [admin, user] = json.items;
    expect(JSON.stringify(admin)).toBe(
      JSON.stringify({
        id: userId('admin'),
        name: 'admin',
        fullName: 'admin',
        email: '',
        isSuperUser: true,
        enabled: true,
        sharingEnabled: true,
        type: 'USER',
        password: null,
      }),
    );
    expect(user).toMatchObject({ name: 'mary', isSuperUser: false });
    const id = await server.submit('Echo.fmw');
    await server.result(id);
    const jobs = await server.ask('GET', `/fmeapiv4/jobs?runtimeUserID=${admin.id}`);
    expect(jobs.json.items.map((job: { id: number }) => job.id)).toContain(id);
  });

  it('is for administrators', async () => {
    expect((await server.ask('GET', '/fmeapiv4/accounts', { auth: mary })).status).toBe(403);
  });
});
