import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic, type Server, startServer } from '../support.ts';

let server: Server;
const v3 = '/fmerest/v3/schedules';
const mary = basic('mary', 'a long password');
beforeAll(async () => {
  server = await startServer();
  await server.ask('POST', '/users', { body: { name: 'mary', password: 'a long password', roles: ['user'] } });
}, 30_000);
afterAll(() => server.stop());

const begin = '2031-01-01T07:30:00.000Z';
let count = 0;
const echo = (more: object = {}) => ({
  name: `s${++count}`,
  repository: 'Tests',
  workspace: 'Echo.fmw',
  begin,
  ...more,
});
const post = (body: unknown, auth?: string) =>
  server.ask('POST', v3, { body, ...(auth === undefined ? {} : { auth }) });
const made = async (more: object = {}, auth?: string) => {
  const { status, json, text } = await post(echo(more), auth);
  expect(status, text).toBe(201);
  return json;
};
const at = ({ category, name }: { category: string; name: string }) =>
  `${v3}/${encodeURIComponent(category)}/${encodeURIComponent(name)}`;
const get = async (schedule: { category: string; name: string }) => (await server.ask('GET', at(schedule))).json;

describe('schedules of V3', () => {
  it('are made with the request of a submit, and known by category and name', async () => {
    const request = {
      publishedParameters: [
        { name: 'location', value: ['Burnaby'] },
        { name: 'year', value: 1985 },
      ],
      TMDirectives: { rtc: false, ttc: 3600, ttl: 600, tag: 'Default', description: '' },
      NMDirectives: {
        directives: [{ name: 'ticket', value: 'A-17' }],
        successTopics: ['GOOD'],
        failureTopics: ['BAD'],
      },
    };
    const body = {
      category: 'Re/ports',
      name: 'Every morning',
      description: 'For the team',
      enabled: false,
      repository: 'Tutorials',
      workspace: '10seconds.fmw',
      begin,
      end: '2032-01-01T00:00:00.000Z',
      recurrence: '0 0 8 ? * 2-6',
      request,
    };
    const { status, json, text } = await post(body);
    expect(status, text).toBe(201);
    expect(json).toEqual({
      ...body,
      owner: 'admin',
      cron: body.recurrence,
      nextRun: expect.stringMatching(/^2031-01-0[12]T/),
      request: {
        ...request,
        TMDirectives: { ...request.TMDirectives, description: 'For the team' },
        workspacePath: '"Tutorials/10seconds.fmw"',
      },
    });
    expect(await get(json)).toEqual(json);
    expect((await server.ask('GET', `${at(json)}/`)).status).toBe(200);
    expect((await server.ask('DELETE', at(json))).status).toBe(204);
    const gone = await server.ask('GET', at(json));
    expect([gone.status, gone.json]).toEqual([
      404,
      { message: 'Schedule "Every morning" in category "Re/ports" does not exist.' },
    ]);
    expect((await server.ask('DELETE', at(json))).status).toBe(404);
    expect((await server.ask('PUT', at(json), { body })).status).toBe(404);
  });

  it.each([
    [{}, 'NEVER', null],
    [{ recurrence: 'Never' }, 'NEVER', null],
    [{ recurrence: 'hour*2' }, 'HOUR*2', { count: 2, unit: 'hours' }],
    [{ recurrence: 'SECONDS * 30' }, 'SECOND*30', { count: 30, unit: 'seconds' }],
    [{ recurrence: 'DAY*4' }, 'DAY*4', { count: 96, unit: 'hours' }],
    [{ recurrence: 'WEEK*1' }, 'WEEK*1', { count: 168, unit: 'hours' }],
    [{ cron: '0 0 12 L * ?' }, '0 0 12 L * ?', null],
  ])('repeat by %o', async (more, recurrence, every) => {
    const schedule = await made(more);
    expect([schedule.recurrence, schedule.begin, schedule.end]).toEqual([recurrence, begin, null]);
    const { json } = await server.ask('GET', '/schedules');
    const own = json.find(({ name }: { name: string }) => name === schedule.name);
    expect(own.every ?? null).toEqual(every);
    await server.ask('DELETE', at(schedule));
  });

  it.each([
    [{ name: '' }, 400, 'name'],
    [{ workspace: undefined }, 400, 'workspace'],
    [{ begin: 'soon' }, 400, 'begin'],
    [{ end: 'x' }, 400, 'end'],
    [{ recurrence: 'HOUR*0' }, 400, 'recurrence'],
    [{ recurrence: 'MONTH*1' }, 400, 'recurrence'],
    [{ recurrence: 'CUSTOM' }, 400, 'recurrence'],
    [{ recurrence: '0 0 31 2 *' }, 400, 'recurrence'],
    [{ recurrence: '0 0 0 31 2 ?' }, 400, 'recurrence'],
    [{ begin: '2001-01-01T00:00:00Z' }, 400, 'recurrence'],
    [{ request: { publishedParameters: 7 } }, 400, 'request.publishedParameters'],
    [{ repository: 'Tutorials', workspace: '10seconds.fmw' }, 422, 'location'],
  ])('are refused where a field does not fit: %o', async (more, status, field) => {
    const answer = await post(echo(more));
    expect([answer.status, Object.keys(answer.json.details ?? {})], answer.text).toEqual([status, [field]]);
  });

  it('have a name once in a category, and are hidden from others', async () => {
    const schedule = await made({ category: 'C' }, mary);
    const taken = await post(echo({ name: schedule.name, category: 'C' }));
    const message = `A schedule with name "${schedule.name}" already exists in category "C".`;
    expect([taken.status, taken.json]).toEqual([409, { message }]);
    const mine = await made({ category: 'D' });
    expect((await server.ask('GET', at(mine), { auth: mary })).status).toBe(404);
    for (const one of [schedule, mine]) await server.ask('DELETE', at(one));
  });

  it('are listed as real clients ask: by category, all at once, with words nobody knows', async () => {
    const all = [await made({ category: 'OpenData' }), await made({ category: 'OpenData' }), await made()];
    const list = async (query: string) => (await server.ask('GET', `${v3}?${query}`)).json;
    expect(await list('category=OpenData&includeAutomations=false&limit=-1&offset=-1')).toEqual({
      items: all.slice(0, 2),
      totalCount: 2,
      limit: -1,
      offset: 0,
    });
    expect((await list('detail=high')).totalCount).toBe(3);
    expect((await list('limit=1&offset=2')).items).toEqual([all[2]]);
    for (const one of all) await server.ask('DELETE', at(one));
  });

  it('are replaced by the document as it was read; the request stays where it is left out', async () => {
    const request = {
      publishedParameters: [
        { name: 'DBPASS', value: 'hunter2-hunter2' },
        { name: 'USER', value: 'a' },
      ],
      TMDirectives: { ttc: 60 },
    };
    const schedule = await made({ workspace: 'Secret.fmw', request, description: 'd', end: '2041-01-01' });
    expect(schedule.request.publishedParameters[0]).toEqual({ name: 'DBPASS', value: '*****' });
    const same = await server.ask('PUT', at(schedule), { body: schedule });
    expect([same.status, same.json]).toEqual([200, schedule]);
    const { request: _request, description: _description, end: _end, ...rest } = schedule;
    const { json } = await server.ask('PUT', at(schedule), { body: { ...rest, recurrence: '0 0 12 * * ?' } });
    expect(json).toMatchObject({ end: null, recurrence: '0 0 12 * * ?', request: { TMDirectives: { ttc: 60 } } });
    const moved = await server.ask('PUT', at(schedule), { body: { ...json, cron: '0 0 13 * * ?', name: 'moved' } });
    expect(moved.json).toMatchObject({ name: 'moved', recurrence: '0 0 13 * * ?' });
    expect((await server.ask('GET', at(schedule))).status).toBe(404);
    const once = await server.ask('PUT', at(moved.json), { body: { ...moved.json, recurrence: 'NEVER' } });
    expect(once.json.recurrence).toBe('NEVER');
    expect(once.json).not.toHaveProperty('cron');
    const [native] = (await server.ask('GET', '/schedules')).json;
    const { json: job } = await server.ask('POST', `/fmeapiv4/schedules/${native.id}/trigger`);
    await server.result(job.id);
    expect((await server.ask('GET', `/jobs/${job.id}/result`)).json.output).toEqual({ length: 15 });
    await server.ask('DELETE', at(once.json));
  });

  it('are enabled and disabled by a form, with the empty 202 that clients take for done', async () => {
    const schedule = await made({ category: 'C' });
    const enable = (raw: string, type = 'application/x-www-form-urlencoded') =>
      server.ask('PUT', `${at(schedule)}/enabled?detail=high`, { raw, type });
    const off = await enable('value=false');
    expect([off.status, off.text]).toEqual([202, '']);
    expect((await get(schedule)).enabled).toBe(false);
    expect((await server.ask('GET', `${at(schedule)}/enabled`)).json).toEqual({ value: false });
    expect((await enable('{"value":true}', 'application/json')).status).toBe(202);
    expect((await server.ask('GET', `${at(schedule)}/enabled`)).json).toEqual({ value: true });
    for (const wrong of ['', 'value=perhaps']) {
      const { status, json } = await enable(wrong);
      expect([status, Object.keys(json.details)]).toEqual([400, ['value']]);
    }
    const none = await server.ask('PUT', `${v3}/C/none/enabled`, {
      raw: 'value=true',
      type: 'application/x-www-form-urlencoded',
    });
    expect(none.status).toBe(404);
    await server.ask('DELETE', at(schedule));
  });

  it('made by the other APIs have a name and a category too', async () => {
    const filter = { daysOfWeek: ['monday'] };
    const body = { workflow: '/Tests/Echo', startAt: begin, every: { count: 1, unit: 'days' }, filter };
    const { json: native } = await server.ask('POST', '/schedules', { body });
    const named = { category: 'Default', name: native.id };
    const shown = await get(named);
    expect(shown).toMatchObject({ ...named, recurrence: 'CUSTOM', workspace: 'Echo.fmw' });
    expect((await server.ask('PUT', at(named), { body: { ...shown, name: 'mine' } })).status).toBe(200);
    const { json: after } = await server.ask('GET', `/schedules/${native.id}`);
    expect(after).toMatchObject({ name: 'mine', filter, every: body.every, startAt: begin });
    await server.ask('DELETE', at({ ...named, name: 'mine' }));
  });
});
