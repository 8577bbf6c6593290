import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic, type Server, startServer } from './support.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
  await server.ask('POST', '/users', { body: { name: 'mary', password: 'a long password', roles: ['user'] } });
});
afterAll(() => server.stop());

const api = '/fmeapiv4';
const mary = basic('mary', 'a long password');
const engines = async () => (await server.ask('GET', `${api}/engines?limit=100&offset=0`)).json;
const hostOf = async () => (await engines()).items[0].hostname as string;
const scale = async (body: object) =>
  server.ask('POST', `${api}/enginehosts/${await hostOf()}/engines/scale`, { body });

describe('GET /engines', () => {
  it('lists every place for a run in the envelope of the reference, all of them at once', async () => {
    const list = await engines();
    expect(Object.keys(list)).toEqual(['offset', 'limit', 'totalCount', 'items']);
    expect(list).toMatchObject({ offset: -1, limit: -1, totalCount: 64 });
    expect(list.items).toHaveLength(64);
    const [first] = list.items;
    expect(Object.keys(first)).toEqual([
      'name',
      'hostname',
      'engineManagerHostname',
      'platform',
      'buildNumber',
      'type',
      'state',
      'currentJobID',
      'assignedQueues',
      'registrationProperties',
      'hostProperties',
    ]);
    expect(first).toMatchObject({ type: 'standard', state: 'idle', currentJobID: -1, assignedQueues: ['Default'] });
    expect(first.registrationProperties).toEqual(['Standard', first.hostname, first.hostname, '26100', first.platform]);
    for (const number of [first.buildNumber, ...Object.values(first.hostProperties)])
      expect(Number.isInteger(number)).toBe(true);
    expect(new Set(list.items.map(({ name }: { name: string }) => name)).size).toBe(64);
  });

  it('names the jobs that run, each at its place as long as it runs', async () => {
    const places = async () =>
      (await engines()).items.flatMap(
        ({ name, state, currentJobID }: { name: string; state: string; currentJobID: number }) =>
          state === 'running_job' ? [[currentJobID, name]] : [],
      );
    const first = await server.submit('Busy.fmw');
    await expect.poll(async () => (await places()).map(([id]: [number]) => id)).toEqual([first]);
    const second = await server.submit('Busy.fmw');
    await expect.poll(async () => (await places()).map(([id]: [number]) => id)).toEqual([first, second]);
    const [, [, name]] = await places();
    await server.ask('POST', `${api}/jobs/${first}/cancel`);
    await expect.poll(places).toEqual([[second, name]]);
    // A job tells the server it runs on; the engine's name finds it.
    const { json } = await server.ask('GET', `${api}/jobs?status=running&engineName=${name}`);
    expect(json.items.map(({ id }: { id: number }) => id)).toEqual([second]);
    await server.ask('POST', `${api}/jobs/${second}/cancel`);
    await expect.poll(places).toEqual([]);
  });

  it('is for those who run the server', async () => {
    for (const path of ['engines', 'enginehosts']) {
      expect((await server.ask('GET', `${api}/${path}`, { auth: mary })).status).toBe(403);
    }
  });
});

describe('POST /enginehosts/{host}/engines/scale', () => {
  it('changes how many jobs run at once, up and down, at once', async () => {
    expect((await server.ask('GET', `${api}/enginehosts`)).json).toMatchObject({
      totalCount: 1,
      items: [{ hostname: await hostOf(), engineCount: 64 }],
    });
    const { status, json } = await scale({ numEngines: 1, type: 'dynamic' });
    expect([status, json.engineCount]).toEqual([202, 1]);
    expect((await engines()).totalCount).toBe(1);
    const ids = [await server.submit('Busy.fmw'), await server.submit('Busy.fmw')];
    const states = async () =>
      Promise.all(ids.map(async (id) => (await server.ask('GET', `${api}/jobs/${id}`)).json.status));
    await expect.poll(states).toEqual(['running', 'queued']);
    expect((await scale({ numEngines: 2 })).status).toBe(202);
    await expect.poll(states).toEqual(['running', 'running']);
    expect((await scale({ numEngines: 1 })).status).toBe(202);
    expect((await engines()).items.map(({ currentJobID }: { currentJobID: number }) => currentJobID)).toEqual(ids);
    for (const id of ids) await server.ask('POST', `${api}/jobs/${id}/cancel`);
    await scale({ numEngines: 64 });
  });

  it.each([
    [{}, { numEngines: 'must not be null' }],
    [{ numEngines: '0' }, { numEngines: 'must be greater than or equal to 1' }],
    [{ numEngines: 1.5 }, { numEngines: 'must be an integer' }],
    [{ numEngines: 100_000 }, { numEngines: 'must be less than or equal to 10000' }],
    [{ numEngines: 2, type: 'other' }, { type: 'must be one of standard, dynamic' }],
  ])('refuses %j naming the field', async (body, details) => {
    const { status, json } = await scale(body);
    expect([status, json]).toEqual([400, { message: 'Parameter Validation Failed', details }]);
    expect((await engines()).totalCount).toBe(64);
  });

  it('is 404 for a host there is none of, and 403 for users', async () => {
    const body = { numEngines: 2 };
    const unknown = await server.ask('POST', `${api}/enginehosts/none/engines/scale`, { body });
    expect([unknown.status, unknown.json]).toEqual([404, { message: 'Engine host "none" does not exist.' }]);
    expect((await server.ask('POST', `${api}/enginehosts/none/engines/scale`, { body, auth: mary })).status).toBe(403);
  });
});
