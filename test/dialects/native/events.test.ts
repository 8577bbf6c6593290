import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic } from '../server.ts';
import { type Event, readEvents, type Server, startServer } from './support.ts';

const password = 'a long password';
let server: Server;
beforeAll(async () => {
  server = await startServer();
  for (const [name, role] of [
    ['mary', 'user'],
    ['vera', 'viewer'],
  ]) {
    await server.ask('POST', '/users', { body: { name, password, roles: [role] } });
  }
});
afterAll(() => server.stop());

const [mary, vera] = [basic('mary', password), basic('vera', password)];
const run = async (publish: object, { workflow = '/Echo', auth }: { workflow?: string; auth?: string } = {}) =>
  (
    await server.ask('POST', '/jobs', {
      body: { workflow, publish },
      headers: { prefer: 'wait=10' },
      ...(auth === undefined ? {} : { auth }),
    })
  ).json;
const topicsOf = (json: { items: { topic: string }[] }) => json.items.map(({ topic }) => topic);

describe('a job that names topics', () => {
  it('shows them, and publishes its end to those of that end with what goes along', async () => {
    const publish = { completed: ['a.good', 'a.any'], failed: ['a.bad'], attributes: { ticket: 'A-17' } };
    const job = await run(publish);
    expect(job.publish).toEqual({ ...publish, cancelled: [] });
    const { status, json } = await server.ask('GET', `/events?topic=a.good`);
    expect([status, json.items.length, json.next]).toEqual([200, 1, undefined]);
    const [event] = json.items;
    expect(event).toEqual({
      id: event.id,
      at: (await server.ask('GET', `/jobs/${job.id}`)).json.finishedAt,
      topic: 'a.good',
      job: job.id,
      state: 'completed',
      workflow: '/Echo',
      owner: 'admin',
      attributes: { ticket: 'A-17' },
      links: { job: `/jobs/${job.id}` },
    });
    expect(topicsOf((await server.ask('GET', '/events?limit=2')).json)).toEqual(['a.any', 'a.good']);
    expect((await server.ask('GET', '/events?topic=a.bad')).json).toEqual({ items: [] });
  });

  it('publishes a failure, a cancellation, a retry and a run in one call', async () => {
    const publish = { completed: ['b.good'], failed: ['b.bad'], cancelled: ['b.off'] };
    const failed = await run(publish, { workflow: '/Fails' });
    const { json: sleeps } = await server.ask('POST', '/jobs', { body: { workflow: '/Sleeps', publish } });
    await server.ask('POST', `/jobs/${sleeps.id}/cancel`);
    await expect.poll(async () => topicsOf((await server.ask('GET', '/events?topic=b.off')).json)).toEqual(['b.off']);
    const again = await server.ask('POST', `/jobs/${failed.id}/retry`, { headers: { prefer: 'wait=10' } });
    await expect.poll(async () => (await server.ask('GET', '/events?topic=b.bad')).json.items.length).toBe(2);
    const bad = (await server.ask('GET', '/events?topic=b.bad&order=oldest')).json.items;
    expect(bad.map(({ job, state }: { job: number; state: string }) => [job, state])).toEqual([
      [failed.id, 'failed'],
      [again.json.id, 'failed'],
    ]);
    const once = await server.ask('POST', '/execution', { body: { workflow: '/Echo', publish } });
    expect(once.status).toBe(200);
    expect(topicsOf((await server.ask('GET', '/events?topic=b.good')).json)).toEqual(['b.good']);
  });

  it('is refused with names that are none, too many or too long', async () => {
    const publish = { completed: [''], failed: Array.from({ length: 101 }, (_, n) => `t${n}`), begun: ['x'] };
    const { status, json } = await server.ask('POST', '/jobs', { body: { workflow: '/Echo', publish } });
    expect(status).toBe(400);
    expect(json.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(
      expect.arrayContaining(['/publish/completed/0', '/publish/failed', '/publish/begun']),
    );
  });
});

describe('GET /events', () => {
  it('goes page by page in either order, behind a place and by topic', async () => {
    for (const n of [1, 2, 3]) await run({ completed: [`c.${n}`, 'c'] });
    const all = (await server.ask('GET', '/events?topic=c&order=oldest')).json.items;
    const ids = all.map(({ id }: { id: number }) => id);
    expect(ids).toHaveLength(3);
    const first = await server.ask('GET', '/events?topic=c&limit=2');
    expect(first.json.items.map(({ id }: { id: number }) => id)).toEqual([ids[2], ids[1]]);
    const link = /^<(.+)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1];
    expect(link).toBe(`/events?topic=c&limit=2&cursor=${first.json.next}`);
    const second = await server.ask('GET', link!);
    expect(second.json).toEqual({ items: [all[0]] });
    expect((await server.ask('GET', `/events?topic=c&after=${ids[1]}`)).json).toEqual({ items: [all[2]] });
    expect((await server.ask('GET', '/events?topic=nobody')).json).toEqual({ items: [] });
  });

  it.each([
    'limit=0',
    'limit=1001',
    'after=-1',
    'after=x',
    'order=random',
    'cursor=abc',
    'topic=',
    'topics=x',
    'follow=maybe',
  ])('refuses %s, naming the field', async (query) => {
    const { status, json } = await server.ask('GET', `/events?${query}`);
    expect(status).toBe(400);
    expect(JSON.stringify(json.errors)).toContain(query.split('=')[0]);
  });

  it('refuses forms it has not, and credentials that may not read jobs', async () => {
    expect((await server.ask('GET', '/events', { headers: { accept: 'image/png' } })).status).toBe(406);
    expect((await server.ask('GET', '/events', { auth: false })).status).toBe(401);
    const { json } = await server.ask('POST', '/tokens', { body: { name: 'w', scopes: ['workflows:read'] } });
    expect((await server.ask('GET', '/events', { auth: `Bearer ${json.token}` })).status).toBe(403);
  });

  it('shows events of those jobs alone that the caller may see', async () => {
    await run({ completed: ['d'] });
    const hers = await run({ completed: ['d', 'd.hers'] }, { auth: mary });
    const jobsOf = async (auth: string, query = '') =>
      (await server.ask('GET', `/events?order=oldest${query}`, { auth })).json.items.map(
        (event: { job: number }) => event.job,
      );
    expect(await jobsOf(mary)).toEqual([hers.id, hers.id]);
    expect(await jobsOf(mary, '&topic=d')).toEqual([hers.id]);
    expect(await jobsOf(vera, '&topic=d')).toEqual([hers.id - 1, hers.id]);
  });

  it('tells new ones live, of the topic and jobs the caller asks for and may see, and goes on where it was cut off', async () => {
    const isTold = (event: Event) => event.event === 'published';
    const stream = (path: string, count: number, headers: Record<string, string> = {}) => {
      let seen = 0;
      return readEvents(server, path, headers, (event) => isTold(event) && ++seen === count);
    };
    const jobsOf = (got: Event[]) => got.filter(isTold).map((event) => JSON.parse(event.data).job);
    await run({ completed: ['e'] });
    const live = stream('/events?topic=e&follow=true', 2);
    const marys = stream('/events', 1, { authorization: mary, accept: 'text/event-stream' });
    await expect.poll(async () => (await server.ask('GET', '/metrics')).text).toMatch(/streams\S* 2\n/);
    await run({ completed: ['other'] });
    const first = await run({ completed: ['e'] });
    const second = await run({ completed: ['e'] }, { auth: mary });
    const got = await live;
    expect(jobsOf(got)).toEqual([first.id, second.id]);
    expect(got[0]).toMatchObject({ event: 'published', id: String(JSON.parse(got[0]!.data).id) });
    expect(jobsOf(await marys)).toEqual([second.id]);
    const third = await run({ failed: ['e'] }, { workflow: '/Fails' });
    const behind = { 'last-event-id': got[0]!.id! };
    expect(jobsOf(await stream('/events?topic=e&follow=true', 2, behind))).toEqual([second.id, third.id]);
    expect(jobsOf(await stream(`/events?topic=e&follow&after=${got[1]!.id}`, 1))).toEqual([third.id]);
  });
});
