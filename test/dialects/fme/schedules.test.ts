import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { userId } from '../../../src/dialects/fme/user-ids.ts';
import { nextTime } from '../../../src/model/next-time.ts';
import { basic, type Server, startServer } from './support.ts';

let server: Server;
const api = '/fmeapiv4';
const password = 'a long password';
const as = (name: string) => basic(name, password);

beforeAll(async () => {
  server = await startServer();
  for (const [name, role] of [
    ['mary', 'user'],
    ['ben', 'user'],
    ['op', 'operator'],
    ['eye', 'viewer'],
  ] as const) {
    await server.ask('POST', '/users', { body: { name, password, roles: [role] } });
    await server.ask('GET', `${api}/jobs`, { auth: as(name) });
  }
}, 30_000);
afterAll(() => server.stop());

const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
/** Near, but not past by the time a slow machine has read it. */
const soon = () => inMs(1_200);
let count = 0;
const echo = (more: object = {}) => ({
  name: `s${++count}`,
  repository: 'Tests',
  workspace: 'Echo.fmw',
  start: inMs(3_600_000),
  ...more,
});
const post = (body: unknown, auth?: string) =>
  server.ask('POST', `${api}/schedules`, { body, ...(auth === undefined ? {} : { auth }) });
const made = async (more: object = {}, auth?: string) => {
  const { status, json, text } = await post(echo(more), auth);
  expect(status, text).toBe(201);
  return json;
};
const get = async (id: string) => (await server.ask('GET', `${api}/schedules/${id}`)).json;
const put = (id: string, body: unknown) => server.ask('PUT', `${api}/schedules/${id}`, { body });
const remove = (id: string) => server.ask('DELETE', `${api}/schedules/${id}`);

const hidden = 'Unauthorized request by user admin due to lack of proper permissions or the object does not exist.';
const nowhere = '00000000-0000-4000-8000-000000000000';

describe('schedules of V4', () => {
  it('are made with the run of a submit and a trigger, and read in one order of members', async () => {
    const body = {
      name: 'Every morning',
      category: 'Reports',
      description: 'For the team',
      trigger: { type: 'CRON', cron: '0 30 7 ? * MON-FRI' },
      start: '2031-01-01T00:00:00+01:00',
      end: '2032-01-01 00:00:00',
      timeZone: 'Europe/Berlin',
      repository: 'Tutorials',
      workspace: '10seconds.fmw',
      publishedParameters: { location: 'Burnaby,Surrey', year: '1985' },
      queue: 'Default',
      maxTimeInQueue: 600,
      maxJobRuntime: '3600',
      maxTotalLifeTime: 7200,
      successTopics: ['GOOD'],
      failureTopics: ['BAD'],
      directives: { ticket: 'A-17' },
    };
    const { status, json, headers, text } = await post(body);
    expect(status, text).toBe(201);
    expect(headers.get('location')).toBe(`${api}/schedules/${json.id}`);
    expect(json).toEqual({
      ...body,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      enabled: true,
      owner: 'admin',
      ownerID: userId('admin'),
      trigger: { type: 'cron', cron: '0 30 7 ? * MON-FRI' },
      start: '2030-12-31T23:00:00.000Z',
      end: '2031-12-31T23:00:00.000Z',
      nextRun: '2031-01-01T06:30:00.000Z',
      lastRun: null,
      failures: 0,
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      updated: json.created,
      publishedParameters: { location: ['Burnaby', 'Surrey'], year: 1985 },
      maxJobRuntime: 3600,
    });
    expect(Object.keys(json).slice(0, 8)).toEqual([
      'id',
      'name',
      'category',
      'description',
      'enabled',
      'owner',
      'ownerID',
      'trigger',
    ]);
    expect(await get(json.id)).toEqual(json);
    expect((await remove(json.id)).status).toBe(204);
    expect((await server.ask('GET', `${api}/schedules/${json.id}`)).status).toBe(404);
  });

  it('need no more than a name and a workspace: once, at once', async () => {
    const { start: _start, ...body } = echo();
    const { json, status } = await post(body);
    expect(status).toBe(201);
    expect(json).toMatchObject({
      category: 'Default',
      description: '',
      trigger: { type: 'basic', recurrence: 'once' },
    });
    expect(json).toMatchObject({ end: null, queue: 'Default', publishedParameters: {}, directives: {} });
    await expect.poll(async () => (await get(json.id)).lastJobID, { timeout: 5_000 }).toBeGreaterThan(0);
    const after = await get(json.id);
    expect([after.nextRun, Number.isInteger(after.lastJobID)]).toEqual([null, true]);
    expect((await server.result(after.lastJobID)).json.status).toBe('success');
    await remove(json.id);
  });

  it('start their jobs each second, say so in the jobs, and end', async () => {
    const body = {
      description: 'ticks',
      trigger: { type: 'cron', cron: '* * * * * ?' },
      start: 'immediately',
      end: inMs(4_000),
      publishedParameters: { n: 1 },
      maxTotalLifeTime: 60,
      successTopics: ['TICK'],
    };
    const schedule = await made(body, as('mary'));
    await expect.poll(async () => (await get(schedule.id)).nextRun, { timeout: 9_000 }).toBeNull();
    const { lastJobID } = await get(schedule.id);
    await server.result(lastJobID);
    const list = async (query: string) => (await server.ask('GET', `${api}/jobs?${query}`)).json;
    const jobs = await list(`sourceType=schedules&sourceID=${schedule.id}`);
    expect(jobs.totalCount).toBeGreaterThanOrEqual(3);
    expect(jobs.totalCount).toBeLessThanOrEqual(5);
    for (const job of jobs.items) {
      expect(job).toMatchObject({ sourceType: 'schedules', sourceID: schedule.id, status: 'success' });
      expect(job).toMatchObject({ description: 'ticks', runtimeUsername: 'mary', workspace: 'Echo.fmw' });
    }
    const seconds = jobs.items.map(({ timeQueued }: { timeQueued: string }) => timeQueued.slice(0, 19));
    expect(new Set(seconds).size).toBe(seconds.length);
    expect((await list(`sourceType=schedules&sourceID=${nowhere}`)).totalCount).toBe(0);
    expect((await list(`sourceType=fmeflow&sourceID=${schedule.id}`)).totalCount).toBe(0);
    const byHand = await server.submit('Echo.fmw');
    await server.result(byHand);
    const ids = async (query: string) => (await list(query)).items.map(({ id }: { id: number }) => id);
    expect(await ids('sourceType=fmeflow')).toEqual([byHand]);
    expect(await ids('sourceType=schedules')).not.toContain(byHand);
    expect(await ids('sourceType=schedules&sourceType=fmeflow')).toContain(byHand);
    const plain = (await server.ask('GET', `${api}/jobs/${byHand}`)).json;
    expect(plain).not.toHaveProperty('sourceType');
    const v3 = await server.ask(
      'GET',
      `/fmerest/v3/transformations/jobs/completed?sourceType=schedules&sourceID=${schedule.id}`,
    );
    expect(v3.json.totalCount).toBe(jobs.totalCount);
    const events = await server.ask('GET', '/events?topic=TICK');
    expect(events.json.items).toHaveLength(jobs.totalCount);
    await remove(schedule.id);
  }, 20_000);

  it.each([
    [{ type: 'basic' }, { type: 'basic', recurrence: 'once' }, [null]],
    [
      { type: 'Basic', recurrence: 'Daily' },
      { type: 'basic', recurrence: 'daily' },
      ['2031-03-30T01:30', '2031-03-31T00:30'],
    ],
    [{ type: 'basic', recurrence: 'weekdays' }, undefined, ['2031-03-31T00:30', '2031-04-01T00:30']],
    [{ type: 'basic', recurrence: 'weekly' }, undefined, ['2031-04-05T00:30', '2031-04-12T00:30']],
    [{ type: 'basic', recurrence: 'monthly' }, undefined, ['2031-04-29T00:30', '2031-05-29T00:30']],
    [{ type: 'basic', recurrence: 'yearly' }, undefined, ['2032-03-29T00:30', '2033-03-29T00:30']],
    [{ type: 'interval', interval: 90, unit: 'seconds' }, undefined, ['2031-03-29T01:31:30', '2031-03-29T01:33']],
    [
      { type: 'interval', interval: '5', unit: 'minute' },
      { type: 'interval', interval: 5, unit: 'minutes' },
      ['2031-03-29T01:35'],
    ],
    [
      { type: 'interval', interval: 36, unit: 'HOURS' },
      { type: 'interval', interval: 36, unit: 'hours' },
      ['2031-03-30T13:30'],
    ],
    [{ type: 'interval', interval: 2, unit: 'days' }, undefined, ['2031-03-31T01:30', '2031-04-02T01:30']],
    [{ type: 'interval', interval: 1, unit: 'weeks' }, undefined, ['2031-04-05T01:30', '2031-04-12T01:30']],
    [{ type: 'cron', cron: '0 30 2 ? * 1' }, undefined, ['2031-03-30T01:00', '2031-04-06T00:30']],
  ])('repeat by %o in the zone they name', async (trigger, shown, times) => {
    const start = '2031-03-29T02:30:00';
    const schedule = await made({ trigger, start, timeZone: 'Europe/Berlin' });
    expect(schedule.trigger).toEqual(shown ?? trigger);
    expect(schedule.start).toBe('2031-03-29T01:30:00.000Z');
    // When it is due after its start, by the timing that was stored.
    const { json: own } = await server.ask('GET', `/schedules/${schedule.id}`);
    const found: (string | null)[] = [];
    let last = Date.parse(schedule.start);
    const timing = {
      zone: own.timeZone,
      startAt: last,
      ...(own.every === undefined ? {} : { every: own.every }),
      ...(own.cron === undefined ? {} : { cron: own.cron }),
      ...(own.filter === undefined ? {} : { filter: own.filter }),
    };
    for (const _ of times) {
      const next = nextTime(timing, last);
      found.push(next === undefined ? null : new Date(next).toISOString().replace(/(:00)?\.000Z$/, ''));
      last = next ?? last;
    }
    expect(found).toEqual(times);
    await remove(schedule.id);
  });

  it.each([
    [{ name: undefined }, 400, 'name'],
    [{ name: ' ' }, 400, 'name'],
    [{ repository: undefined, workspace: '' }, 400, 'repository'],
    [{ trigger: {} }, 400, 'trigger.type'],
    [{ trigger: { type: 'sometimes' } }, 400, 'trigger.type'],
    [{ trigger: { type: 'basic', recurrence: 'hourly' } }, 400, 'trigger.recurrence'],
    [{ trigger: { type: 'basic', recurrence: 'custom' } }, 400, 'trigger'],
    [{ trigger: { type: 'interval', unit: 'days' } }, 400, 'trigger.interval'],
    [{ trigger: { type: 'interval', interval: 0, unit: 'days' } }, 400, 'trigger.interval'],
    [{ trigger: { type: 'interval', interval: 1.5, unit: 'days' } }, 400, 'trigger.interval'],
    [{ trigger: { type: 'interval', interval: 1 } }, 400, 'trigger.unit'],
    [{ trigger: { type: 'interval', interval: 1, unit: 'fortnights' } }, 400, 'trigger.unit'],
    [{ trigger: { type: 'cron' } }, 400, 'trigger.cron'],
    [{ trigger: { type: 'cron', cron: ' ' } }, 400, 'trigger.cron'],
    [{ trigger: { type: 'cron', cron: '0 0 25 * * ?' } }, 400, 'trigger.cron'],
    [{ trigger: { type: 'cron', cron: '0 0 12 * *' } }, 400, 'trigger.cron'],
    [{ trigger: { type: 'cron', cron: '0 0 0 31 2 ?' } }, 400, 'trigger'],
    [{ start: '2001-01-01T00:00:00Z' }, 400, 'trigger'],
    [{ start: '2031-01-02', end: '2031-01-01' }, 400, 'trigger'],
    [{ start: 'tomorrow' }, 400, 'start'],
    [{ start: '2031-02-31T00:00:00Z' }, 400, 'start'],
    [{ end: '2031-13-01T00:00:00Z' }, 400, 'end'],
    [{ end: '2031-01-01T00:00:00+99:00' }, 400, 'end'],
    [{ timeZone: 'Mars/Base' }, 400, 'timeZone'],
    [{ enabled: 'perhaps' }, 400, 'enabled'],
    [{ maxJobRuntime: 0 }, 400, 'maxJobRuntime'],
    [{ publishedParameters: [] }, 400, 'publishedParameters'],
    [{ repository: 'Tutorials', workspace: '10seconds.fmw' }, 422, 'location'],
    [
      { repository: 'Tutorials', workspace: '10seconds.fmw', publishedParameters: { location: ['a'], year: 'x' } },
      422,
      'year',
    ],
  ])('are refused where a field does not fit: %o', async (more, status, field) => {
    const answer = await post(echo(more));
    expect([answer.status, Object.keys(answer.json.details ?? {})[0]], answer.text).toEqual([status, field]);
  });

  it('name the field of a cron expression, and what is accepted there', async () => {
    const { json } = await post(echo({ trigger: { type: 'cron', cron: '0 0 25 * * ?' } }));
    expect(json).toEqual({
      message: 'Parameter Validation Failed',
      details: { 'trigger.cron': expect.stringMatching(/^is not a cron expression: hour "25": accepted are 0 to 23/) },
    });
  });

  it('are refused for what is not there, with the texts of a submit', async () => {
    expect((await post(echo({ repository: 'None' }))).json).toEqual({ message: hidden });
    expect((await post(echo({ workspace: 'None.fmw' }))).json).toEqual({ message: 'Item None.fmw does not exist.' });
    const { status, json } = await post(echo({ queue: 'None' }));
    expect([status, json]).toEqual([422, { message: 'Queue "None" does not exist.' }]);
    for (const [method, path, body] of [
      ['GET', ''],
      ['PUT', '', {}],
      ['DELETE', ''],
      ['PUT', '/enabled', { enabled: true }],
      ['POST', '/trigger'],
    ] as const) {
      const answer = await server.ask(method, `${api}/schedules/${nowhere}${path}`, body === undefined ? {} : { body });
      expect([answer.status, answer.json], method + path).toEqual([404, { message: hidden }]);
    }
    expect((await server.ask('GET', `${api}/schedules`, { auth: false })).status).toBe(401);
    expect((await server.ask('GET', `${api}/schedules/`)).status).toBe(404);
  });

  it('have a name once in a category, whoever asks', async () => {
    const one = await made({ name: 'same', category: 'A' }, as('mary'));
    const { status, json } = await post(echo({ name: ' same', category: 'A ' }), as('ben'));
    expect([status, json]).toEqual([409, { message: 'A schedule with name "same" already exists in category "A".' }]);
    const none = await made({ name: 'same' });
    expect((await post(echo({ name: 'same', category: 'Default' }))).status).toBe(409);
    const other = await put(none.id, { category: 'A' });
    expect(other.status).toBe(409);
    expect((await put(none.id, { category: 'B' })).status).toBe(204);
    const parallel = await Promise.all(Array.from({ length: 5 }, () => post(echo({ name: 'race' }))));
    expect(parallel.map((answer) => answer.status).sort()).toEqual([201, 409, 409, 409, 409]);
    const won = parallel.find((answer) => answer.status === 201)!.json;
    for (const { id } of [one, none, won]) await remove(id);
  });

  it('that our own API gave one name are changed all the same, but given no other that is taken', async () => {
    const body = { workflow: '/Root', startAt: inMs(3_600_000), name: 'twin' };
    const [one, two] = [
      await server.ask('POST', '/schedules', { body }),
      await server.ask('POST', '/schedules', { body }),
    ];
    expect((await put(one.json.id, { ...(await get(one.json.id)), description: 'x' })).status).toBe(204);
    expect((await put(one.json.id, { name: 'other' })).status).toBe(204);
    expect((await put(one.json.id, { name: 'twin' })).status).toBe(409);
    for (const { json } of [one, two]) await remove(json.id);
  });

  it('are listed in pages, narrowed by what is asked for', async () => {
    const list = async (query: string, auth?: string) => {
      const { json, status } = await server.ask('GET', `${api}/schedules?${query}`, auth === undefined ? {} : { auth });
      expect(status).toBe(200);
      return json;
    };
    const tutorial = { repository: 'Tutorials', workspace: '10seconds.fmw', publishedParameters: { location: ['a'] } };
    const all = [
      await made({ name: 'l1', category: 'L', description: 'of needles' }),
      await made({ name: 'l2', category: 'L', enabled: false }),
      await made({ name: 'l3', category: 'M', ...tutorial }),
      await made({ name: 'l4', category: 'M' }, as('mary')),
    ];
    const names = async (query: string, auth?: string) =>
      (await list(query, auth)).items.map(({ name }: { name: string }) => name);
    expect(await list('category=L&limit=1&offset=1')).toEqual({
      items: [await get(all[1]!.id)],
      totalCount: 2,
      limit: 1,
      offset: 1,
    });
    expect(await list('category=none')).toEqual({ items: [], totalCount: 0, limit: 100, offset: 0 });
    expect(await names('limit=-1&includeAutomations=false&detail=high')).toEqual(['l1', 'l2', 'l3', 'l4']);
    expect(await names('offset=99')).toEqual([]);
    expect(await names('name=l2')).toEqual(['l2']);
    expect(await names('enabled=false')).toEqual(['l2']);
    expect(await names('enabled=True&category=L')).toEqual(['l1']);
    expect(await names('repository=Tutorials')).toEqual(['l3']);
    expect(await names('repository=Tests&workspace=Echo')).toEqual(['l1', 'l2', 'l4']);
    expect(await names('workspace=10seconds.fmw')).toEqual(['l3']);
    expect(await names('filterString=NEEDLE')).toEqual(['l1']);
    expect(await names('filterString=mary')).toEqual(['l4']);
    expect(await names('', as('mary'))).toEqual(['l4']);
    expect(await names('', as('eye'))).toHaveLength(4);
    expect((await server.ask('GET', `${api}/schedules?limit=x`)).json.details).toHaveProperty('limit');
    for (const { id } of all) await remove(id);
  });

  it('are changed member by member, or by the document as it was read', async () => {
    const schedule = await made({
      category: 'C',
      trigger: { type: 'interval', interval: 2, unit: 'weeks' },
      publishedParameters: { a: 1 },
      maxJobRuntime: 60,
      successTopics: ['T'],
      directives: { x: 'y' },
      end: '2041-01-01T00:00:00Z',
    });
    expect((await put(schedule.id, { description: 'new' })).status).toBe(204);
    const { updated: _before, ...rest } = schedule;
    expect(await get(schedule.id)).toMatchObject({ ...rest, description: 'new' });
    expect((await put(schedule.id, await get(schedule.id))).status).toBe(204);
    expect(await get(schedule.id)).toMatchObject({ ...rest, description: 'new' });
    const changes = {
      name: 'renamed',
      repository: 'Tutorials',
      workspace: '10seconds.fmw',
      publishedParameters: { location: ['b'] },
      trigger: { type: 'cron', cron: '0 0 12 L * ?' },
      start: '2031-01-01T00:00:00Z',
      end: 'never',
      timeZone: 'UTC',
      maxJobRuntime: 30,
    };
    expect((await put(schedule.id, changes)).status).toBe(204);
    expect(await get(schedule.id)).toMatchObject({
      ...changes,
      start: '2031-01-01T00:00:00.000Z',
      end: null,
      nextRun: '2031-01-31T12:00:00.000Z',
      directives: { x: 'y' },
    });
    expect((await put(schedule.id, { publishedParameters: {} })).status).toBe(422);
    expect((await put(schedule.id, { name: '' })).status).toBe(400);
    expect((await put(schedule.id, { workspace: 'None.fmw' })).status).toBe(404);
    await remove(schedule.id);
  });

  it('made by the other APIs are shown, and stay what they are when they come back', async () => {
    const cases = [
      [{ cron: '30 7 * * 1-5' }, { type: 'cron', cron: '30 7 * * 1-5' }],
      [{ every: { count: 3, unit: 'days' } }, { type: 'interval', interval: 3, unit: 'days' }],
      [
        {
          every: { count: 1, unit: 'hours' },
          filter: { daysOfWeek: ['monday'], times: [{ from: '07:00:00', to: '12:00:00' }] },
        },
        { type: 'basic', recurrence: 'custom' },
      ],
      [
        {
          every: { count: 1, unit: 'days' },
          filter: { daysOfWeek: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] },
        },
        { type: 'basic', recurrence: 'weekdays' },
      ],
    ] as const;
    for (const [timing, trigger] of cases) {
      const kept = { skipIfRunning: true, discard: { onSuccess: true, onFailure: false } };
      const body = { workflow: '/Root', startAt: inMs(3_600_000), timeZone: 'Asia/Tokyo', ...timing, ...kept };
      const { json: native } = await server.ask('POST', '/schedules', { body });
      const shown = await get(native.id);
      expect(shown).toMatchObject({
        name: native.id,
        category: 'Default',
        repository: '/',
        workspace: 'Root.fmw',
        trigger,
      });
      expect((await put(native.id, { ...shown, name: 'mine' })).status).toBe(204);
      const { json: after } = await server.ask('GET', `/schedules/${native.id}`);
      expect(after).toMatchObject({ ...timing, ...kept, timeZone: 'Asia/Tokyo', name: 'mine', nextAt: native.nextAt });
      await remove(native.id);
    }
  });

  it('hide passwords, which stay when they come back hidden, and reach the job', async () => {
    const schedule = await made({
      workspace: 'Secret.fmw',
      publishedParameters: { DBPASS: 'hunter2-hunter2', USER: 'a' },
    });
    expect(schedule.publishedParameters).toEqual({ DBPASS: '*****', USER: 'a' });
    expect((await put(schedule.id, { publishedParameters: { DBPASS: '*****', USER: 'b' } })).status).toBe(204);
    expect((await put(schedule.id, await get(schedule.id))).status).toBe(204);
    const { json } = await server.ask('POST', `${api}/schedules/${schedule.id}/trigger`);
    await server.result(json.id);
    const native = await server.ask('GET', `/jobs/${json.id}/result`);
    expect(native.json.output).toEqual({ length: 15 });
    expect(server.log()).not.toContain('hunter2');
    await remove(schedule.id);
  });

  it('start their job at once when they are triggered, also disabled ones, and count how it ends', async () => {
    const schedule = await made({ enabled: false, publishedParameters: { by: 'hand' }, workspace: 'Fails.fmw' });
    const { status, json, headers } = await server.ask('POST', `${api}/schedules/${schedule.id}/trigger`);
    expect([status, Object.keys(json), headers.get('location')]).toEqual([202, ['id'], `${api}/jobs/${json.id}`]);
    const ended = await server.result(json.id);
    expect(ended.json.status).toBe('failure');
    await expect.poll(async () => (await get(schedule.id)).failures).toBe(1);
    expect(await get(schedule.id)).toMatchObject({ enabled: false, nextRun: schedule.nextRun, lastJobID: json.id });
    expect((await server.ask('GET', `${api}/jobs/${json.id}`)).json.sourceID).toBe(schedule.id);
    await remove(schedule.id);
  });

  it('are enabled and disabled alone, also when their workspace is gone', async () => {
    const upload = {
      raw: 'document: { dsl: 1.0.3, namespace: t, name: gone, version: 1.0.0 }\ndo:\n  - a: { set: { a: 1 } }\n',
      type: 'application/yaml',
    };
    await server.ask('PUT', '/workflows/Tests/Gone', upload);
    const schedule = await made({
      workspace: 'Gone.fmw',
      start: soon(),
      trigger: { type: 'cron', cron: '0 0 0 1 1 ?' },
    });
    await server.ask('DELETE', '/workflows/Tests/Gone', { headers: { 'if-match': '*' } });
    const enable = (body: object) => server.ask('PUT', `${api}/schedules/${schedule.id}/enabled`, { body });
    const { status, text } = await enable({ enabled: false });
    expect([status, text]).toEqual([204, '']);
    expect(await get(schedule.id)).toMatchObject({ enabled: false, workspace: 'Gone.fmw', nextRun: schedule.nextRun });
    expect((await enable({ value: 'true' })).status).toBe(204);
    expect((await get(schedule.id)).enabled).toBe(true);
    expect((await enable({ enabled: true })).status).toBe(204);
    expect((await enable({})).json.details).toEqual({ enabled: 'must not be null' });
    expect((await server.ask('POST', `${api}/schedules/${schedule.id}/trigger`)).status).toBe(404);
    await remove(schedule.id);
    const over = await made({ start: soon() });
    await expect.poll(async () => (await get(over.id)).nextRun, { timeout: 5_000 }).toBeNull();
    for (const enabled of [false, true]) {
      const answer = await server.ask('PUT', `${api}/schedules/${over.id}/enabled`, { body: { enabled } });
      expect([answer.status, Object.keys(answer.json?.details ?? {})]).toEqual(
        enabled ? [400, ['enabled']] : [204, []],
      );
    }
    await remove(over.id);
  });

  it('belong to their owner: others do not see them, viewers only read, operators change', async () => {
    const { id } = await made({}, as('mary'));
    const ask = async (method: string, path: string, name: string, body?: object) =>
      (await server.ask(method, `${api}/schedules/${id}${path}`, { auth: as(name), ...(body ? { body } : {}) })).status;
    expect([await ask('GET', '', 'mary'), await ask('GET', '', 'ben'), await ask('GET', '', 'eye')]).toEqual([
      200, 404, 200,
    ]);
    for (const [method, path, body] of [
      ['PUT', '', { description: 'x' }],
      ['PUT', '/enabled', { enabled: false }],
      ['POST', '/trigger', undefined],
      ['DELETE', '', undefined],
    ] as const) {
      expect([await ask(method, path, 'ben', body), await ask(method, path, 'eye', body)], method + path).toEqual([
        404, 403,
      ]);
    }
    expect(await ask('PUT', '', 'op', { description: 'x' })).toBe(204);
    expect((await get(id)).owner).toBe('mary');
    expect(await ask('DELETE', '', 'op')).toBe(204);
    expect((await post(echo(), as('eye'))).status).toBe(403);
  });

  it('are open to tokens with the permission for them', async () => {
    const token = async (...permissions: string[]) => {
      const body = { name: permissions.join(), customPermissions: true, permissions };
      const { json } = await server.ask('POST', `${api}/tokens`, { body });
      return `fmetoken token=${json.token}`;
    };
    const [access, manage, other] = [
      await token('schedules:access'),
      await token('schedules:manage'),
      await token('repositories:read'),
    ];
    const statuses = async (auth: string) => [
      (await server.ask('GET', `${api}/schedules`, { auth })).status,
      (await post(echo({ name: 'of a token' }), auth)).status,
    ];
    expect(await statuses(access)).toEqual([200, 403]);
    expect(await statuses(manage)).toEqual([200, 201]);
    expect(await statuses(other)).toEqual([403, 403]);
    const { json } = await server.ask('GET', `${api}/schedules?name=of%20a%20token`);
    await remove(json.items[0].id);
  });
});
