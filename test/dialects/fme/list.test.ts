import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { userId } from '../../../src/dialects/fme/user-ids.ts';
import { basic, type Server, startServer } from './support.ts';

let server: Server;
const ids: Record<string, number> = {};
const api = '/fmeapiv4';
const mary = basic('mary', 'a long password');

beforeAll(async () => {
  server = await startServer();
  await server.ask('POST', '/users', { body: { name: 'mary', password: 'a long password', roles: ['user'] } });
  await server.ask('PUT', '/queues/closed', { body: { paused: true } });
  const submit = async (name: string, body: object, auth?: string) => {
    const answer = await server.ask('POST', `${api}/jobs`, { body, ...(auth === undefined ? {} : { auth }) });
    ids[name] = answer.json.id;
  };
  const tutorial = { repository: 'Tutorials', workspace: '10seconds.fmw', publishedParameters: { location: ['a'] } };
  await submit('good', tutorial);
  await submit('deep', { repository: 'Tutorials/deep', workspace: 'er.fmw' });
  await submit('bad', { repository: 'Tests', workspace: 'Fails.fmw' });
  await submit('hers', { repository: 'Tests', workspace: 'Echo.fmw' }, mary);
  for (const name of ['good', 'deep', 'bad', 'hers']) await server.result(ids[name]!);
  await submit('stopped', { repository: 'Tests', workspace: 'Sleeps.fmw' });
  await server.ask('POST', `${api}/jobs/${ids['stopped']}/cancel`);
  await submit('running', { repository: 'Tests', workspace: 'Sleeps.fmw' });
  await submit('queued', { repository: 'Tests', workspace: 'Echo.fmw', queue: 'closed' });
});
afterAll(async () => {
  await server.ask('POST', `${api}/jobs/${ids['running']}/cancel`);
  await server.stop();
});

const nameOf = (id: number) => Object.entries(ids).find(([, one]) => one === id)?.[0];
const list = async (query: string, auth?: string) => {
  const { status, json } = await server.ask('GET', `${api}/jobs?${query}`, auth === undefined ? {} : { auth });
  expect(status).toBe(200);
  return json as { items: { id: number }[]; totalCount: number; limit: number; offset: number };
};
const names = async (query: string, auth?: string) => {
  const { items, totalCount } = await list(query, auth);
  expect(totalCount).toBe(items.length);
  return items.map(({ id }) => nameOf(id));
};

describe('GET /jobs', () => {
  it('without a status lists final jobs, the newest end first', async () => {
    // The short ones end while the first still naps.
    const found = await names('');
    expect(found[0]).toBe('stopped');
    expect([...found].sort()).toEqual(['bad', 'deep', 'good', 'hers', 'stopped']);
    const ends = (await list('')).items.map((job) =>
      Date.parse((job as unknown as { timeFinished: string }).timeFinished),
    );
    expect(ends).toEqual([...ends].sort((a, b) => b - a));
    expect(await names('status=success&status=failure&status=cancelled')).toEqual(found);
    expect(await names('status=success,failure,cancelled')).toEqual(found);
    expect(await names('status=complete')).toEqual(found);
  });

  it.each([
    ['status=queued', ['queued']],
    ['status=running', ['running']],
    ['?&status=queued&status=running', ['queued', 'running']],
    ['status=failure', ['bad']],
    ['status=cancelled', ['stopped']],
    ['status=queued&status=failure&sort=workspace_asc', ['queued', 'bad']],
    ['repository=Tutorials', ['good']],
    ['repository=Tutorials/deep', ['deep']],
    ['repository=Tests&workspace=Fails.fmw', ['bad']],
    ['repository=Tests&workspace=Fails', ['bad']],
    ['repository=Nowhere', []],
    ['repository=..', []],
    ['queue=closed&status=queued', ['queued']],
    ['queue=Default&status=failure', ['bad']],
    ['sourceType=schedules', []],
    ['sourceType=fmeflow&status=failure', ['bad']],
    ['engineName=nobody_1', []],
    ['status=failure&status=cancelled&sort=timeFinished', ['bad', 'stopped']],
    ['status=failure&status=cancelled&sort=timeFinished_desc', ['stopped', 'bad']],
    ['status=failure&status=cancelled&sort=timeStarted_desc', ['stopped', 'bad']],
    ['status=failure&status=cancelled&sort=status_desc', ['bad', 'stopped']],
    ['status=failure&status=cancelled&sort=status_asc', ['stopped', 'bad']],
    ['detail=high&status=failure&token=', ['bad']],
  ])('%s lists %j', async (query, expected) => {
    expect(await names(query.replace(/^\?/, ''))).toEqual(expected);
  });

  it('finds the jobs of a user by the UUID of the records, and of an engine by its name', async () => {
    expect(await names(`runtimeUserID=${userId('mary')}`)).toEqual(['hers']);
    expect(await names(`runtimeUserID=${userId('nobody')}`)).toEqual([]);
    const { json } = await server.ask('GET', `${api}/jobs/${ids['bad']}`);
    expect(await names(`engineName=${json.engineName}&status=failure`)).toEqual(['bad']);
    expect(await names(`engineName=${json.engineHost}&status=failure`)).toEqual(['bad']);
  });

  it('shows a user their own jobs only', async () => {
    expect(await names('', mary)).toEqual(['hers']);
    expect(await names(`runtimeUserID=${userId('admin')}`, mary)).toEqual([]);
  });

  it('pages by number, clamps, and ends in an empty page', async () => {
    const all = (await list('')).items.map(({ id }) => id);
    const seen: number[] = [];
    for (let offset = 0; offset <= all.length; offset += 2) {
      const page = await list(`limit=2&offset=${offset}`);
      expect(page).toMatchObject({ totalCount: all.length, limit: 2, offset });
      seen.push(...page.items.map(({ id }) => id));
    }
    expect(seen).toEqual(all);
    expect((await list('offset=1000')).items).toEqual([]);
    expect(await list('limit=5000')).toMatchObject({ limit: 1000, offset: 0 });
    expect(await list('limit=-1&offset=-1')).toMatchObject({ limit: 1000, offset: 0 });
    expect(await list('limit=0')).toMatchObject({ items: [], totalCount: all.length, limit: 0 });
    expect(await list('')).toMatchObject({ limit: 100, offset: 0 });
  });

  it('takes an empty value as none, and the first of several', async () => {
    expect(await list('limit=&offset=&sort=&queue=')).toMatchObject({ limit: 100, offset: 0 });
    expect(await list('limit=2&limit=3')).toMatchObject({ limit: 2 });
  });

  it.each([
    ['limit=ten', 'limit'],
    ['offset=x', 'offset'],
    ['status=done', 'status'],
    ['sort=id', 'sort'],
    ['sourceType=x', 'sourceType'],
    ['workspace=Echo.fmw', 'workspace'],
    ['sourceID=1', 'sourceID'],
  ])('refuses %s naming %s', async (query, field) => {
    const { status, json } = await server.ask('GET', `${api}/jobs?${query}`);
    expect([status, json.message]).toEqual([400, 'Parameter Validation Failed']);
    expect(Object.keys(json.details)).toEqual([field]);
  });
});
