import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic, header } from '../server.ts';
import { definitions, type Server, startServer } from './support.ts';

let server: Server;
const secret = `${header('secret')}input:
  schema:
    format: json
    document:
      type: object
      properties:
        key: { type: string, writeOnly: true }
        city: { type: string }
do:
  - answer:
      set:
        length: \${ .key | length }
        city: \${ .city }
`;
beforeAll(async () => {
  definitions['Secret.yaml'] = secret;
  server = await startServer({ MILLRACE_MAX_SCHEDULE_FAILURES: '2' });
  for (const [name, roles] of [
    ['ada', ['user']],
    ['ben', ['user']],
    ['op', ['operator']],
    ['eye', ['viewer']],
  ] as const) {
    const { status, text } = await server.ask('POST', '/users', {
      body: { name, password: `password of ${name}`, roles },
    });
    expect(status, text).toBe(201);
    // Passwords take their time at first.
    await server.ask('GET', '/jobs', { auth: as(name) });
  }
});
afterAll(() => server.stop());

const as = (name: string) => basic(name, `password of ${name}`);
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
/** Near, but not past by the time a slow machine has read it. */
const soon = () => inMs(1_200);
const minutely = { every: { count: 1, unit: 'minutes' } };

async function create(body: Record<string, unknown>, auth?: string) {
  return server.ask('POST', '/schedules', { body: { workflow: '/Echo', ...body }, ...(auth ? { auth } : {}) });
}

const get = async (id: string) => (await server.ask('GET', `/schedules/${id}`)).json;

describe('schedules', () => {
  it('are made, read, changed and deleted', async () => {
    const startAt = inMs(3_600_000);
    const body = {
      name: 'hourly',
      input: { a: 1 },
      startAt,
      timeZone: 'Europe/Berlin',
      every: { count: 2, unit: 'hours' },
      filter: {
        times: [{ from: '00:00', to: '23:59:59' }],
        daysOfWeek: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'],
        months: ['january', 'december', 'november', 'february'],
        daysOfMonth: [...Array(32).keys()].map((day) => day + 1),
      },
      skipIfRunning: true,
      queue: 'default',
      retry: { count: 2 },
      discard: { onSuccess: true },
    };
    const made = await create(body);
    expect(made.status, made.text).toBe(201);
    const { id } = made.json;
    expect(made.headers.get('location')).toBe(`/schedules/${id}`);
    expect(made.json).toMatchObject({
      name: 'hourly',
      workflow: '/Echo',
      input: { a: 1 },
      enabled: true,
      startAt,
      timeZone: 'Europe/Berlin',
      filter: { times: [{ from: '00:00:00', to: '23:59:59' }] },
      retry: { count: 2, delaySeconds: 1 },
      discard: { onSuccess: true, onFailure: false },
      owner: 'admin',
      failures: 0,
    });
    expect(await get(id)).toEqual(made.json);
    expect((await server.ask('GET', '/schedules')).json).toEqual([made.json]);

    const changed = await server.ask('PUT', `/schedules/${id}`, {
      body: { workflow: 'Naps', startAt, enabled: false },
    });
    expect(changed.json).toMatchObject({ workflow: '/Naps', enabled: false, input: { a: 1 }, nextAt: startAt });
    for (const gone of ['name', 'every', 'filter', 'retry', 'queue']) expect(changed.json).not.toHaveProperty(gone);

    expect((await server.ask('DELETE', `/schedules/${id}`)).status).toBe(204);
    expect((await server.ask('GET', `/schedules/${id}`)).status).toBe(404);
    expect((await server.ask('DELETE', `/schedules/${id}`)).status).toBe(404);
    expect((await server.ask('PUT', `/schedules/${id}`, { body: { workflow: '/Echo', startAt } })).status).toBe(404);
  });

  it('are refused with the field that does not fit', async () => {
    const startAt = inMs(60_000);
    for (const [body, pointer] of [
      [{}, '/startAt'],
      [{ startAt: 'tomorrow' }, '/startAt'],
      [{ startAt, timeZone: 'Mars/Base' }, '/timeZone'],
      [{ startAt, every: { count: 0, unit: 'minutes' } }, '/every/count'],
      [{ startAt, every: { count: 1, unit: 'weeks' } }, '/every/unit'],
      [{ startAt, filter: { times: [{ from: '24:00', to: '07:00' }] } }, '/filter/times/0/from'],
      [{ startAt, filter: { times: [{ from: '08:00', to: '07:00' }] } }, '/filter/times/0'],
      [{ startAt, filter: { daysOfMonth: [33] } }, '/filter/daysOfMonth/0'],
      [{ startAt, filter: { months: [] } }, '/filter/months'],
      [{ startAt, queue: 'nowhere' }, '/queue'],
      [{ startAt, cron: '61 * * * *' }, '/cron'],
      [{ cron: '0 0 0 1 1 2' }, '/cron'],
      [{ cron: '* * * * *', endAt: 'never' }, '/endAt'],
      [{ cron: '* * * * *', every: { count: 1, unit: 'days' } }, '/every'],
      [{ cron: '* * * * *', filter: { months: ['june'] } }, '/filter'],
      [{ cron: '* * * * *', limits: { runSeconds: 0 } }, '/limits/runSeconds'],
    ] as const) {
      const { status, json } = await create(body);
      expect([status, json.errors?.[0]?.pointer], JSON.stringify(body)).toEqual([400, pointer]);
    }
    expect((await create({ startAt, workflow: '/Nowhere' })).status).toBe(404);
    const unfit = await create({ startAt, workflow: '/Tutorials/10seconds', input: {} });
    expect([unfit.status, unfit.json.errors[0].pointer]).toEqual([422, '/location']);
  });

  it('that would never be due are refused', async () => {
    const past = await create({ startAt: inMs(-60_000) });
    expect([past.status, past.json.detail]).toEqual([400, expect.stringContaining('would never be due')]);
    const none = await create({ startAt: inMs(0), ...minutely, filter: { months: ['february'], daysOfMonth: [30] } });
    expect([none.status, none.json.detail]).toEqual([400, expect.stringContaining('passes the filter')]);
    for (const body of [
      { cron: '0 0 31 2 *' },
      { cron: '0 0 0 1 1 ? 2020' },
      { cron: '0 0 1 1 *', endAt: inMs(1_000) },
      { startAt: inMs(60_000), endAt: inMs(50_000) },
      { startAt: inMs(-60_000), endAt: inMs(-50_000), ...minutely },
    ]) {
      const { status, json } = await create(body);
      expect([status, json.detail], JSON.stringify(body)).toEqual([400, expect.stringContaining('would never be due')]);
    }
  });

  it('start a job at their time, in the name of their owner, with the label of the schedule', async () => {
    const { json } = await create({ input: { n: 1 }, startAt: soon(), ...minutely }, as('ada'));
    await expect.poll(async () => (await get(json.id)).lastJob, { timeout: 5_000 }).toBeGreaterThan(0);
    const after = await get(json.id);
    expect(Date.parse(after.lastRunAt) - Date.parse(json.startAt)).toBeLessThan(1_000);
    expect(Date.parse(after.nextAt) - Date.parse(json.startAt)).toBe(60_000);
    const { json: jobs } = await server.ask('GET', after.links.jobs);
    expect(jobs.items).toMatchObject([
      { id: after.lastJob, owner: 'ada', workflow: '/Echo', labels: { schedule: json.id } },
    ]);
    await expect
      .poll(async () => (await server.ask('GET', `/jobs/${after.lastJob}/result`)).json)
      .toMatchObject({ state: 'completed', output: { got: { n: 1 } } });
    await server.ask('DELETE', `/schedules/${json.id}`);
  });

  it('name the field of a cron expression that does not fit, and what is accepted there', async () => {
    const { json } = await create({ cron: '0 0 25 * * ?' });
    expect(json.errors).toEqual([
      expect.objectContaining({
        pointer: '/cron',
        message: expect.stringContaining('hour "25": accepted are 0 to 23'),
      }),
    ]);
  });

  it('with a cron expression fire at its times until their end', async () => {
    const endAt = inMs(3_500);
    const limits = { totalSeconds: 60, onLimit: 'cancel' };
    const body = { name: 'tick', category: 'Clocks', description: 'each second', cron: '* * * * * ?', limits };
    const { status, json, text } = await create({ ...body, endAt, timeZone: 'Europe/Berlin', input: { n: 2 } });
    expect(status, text).toBe(201);
    expect(json).toMatchObject({ ...body, endAt, timeZone: 'Europe/Berlin' });
    expect(Date.parse(json.createdAt) - Date.parse(json.startAt)).toBeLessThan(1_000);
    await expect.poll(async () => 'nextAt' in (await get(json.id)), { timeout: 8_000 }).toBe(false);
    const { json: jobs } = await server.ask('GET', json.links.jobs);
    expect(jobs.items.length).toBeGreaterThanOrEqual(2);
    expect(jobs.items.length).toBeLessThanOrEqual(4);
    for (const job of jobs.items) {
      expect(job.limits).toEqual(limits);
      expect(Date.parse(job.createdAt)).toBeLessThan(Date.parse(endAt) + 1_000);
    }
    await server.ask('DELETE', `/schedules/${json.id}`);
  });

  it('publish the ends of their jobs to the topics they name', async () => {
    const publish = { completed: ['CLOCK'], failed: [], cancelled: [], attributes: { of: 'schedule' } };
    const { json } = await create({ startAt: soon(), publish });
    expect(json.publish).toEqual(publish);
    await expect
      .poll(async () => (await server.ask('GET', '/events?topic=CLOCK')).json.items.length, { timeout: 5_000 })
      .toBe(1);
    await server.ask('DELETE', `/schedules/${json.id}`);
  });

  it('without a repetition run once', async () => {
    const { json } = await create({ startAt: soon() });
    await expect.poll(async () => (await get(json.id)).lastJob, { timeout: 5_000 }).toBeGreaterThan(0);
    expect(await get(json.id)).not.toHaveProperty('nextAt');
    const again = await server.ask('PUT', `/schedules/${json.id}`, {
      body: { workflow: '/Echo', startAt: json.startAt, name: 'done' },
    });
    expect([again.status, again.json.name]).toEqual([200, 'done']);
    await server.ask('DELETE', `/schedules/${json.id}`);
  });

  it('are seen by their owner and those who see all jobs, and changed by the owner and operators', async () => {
    const startAt = inMs(3_600_000);
    const { json } = await create({ startAt }, as('ada'));
    const path = `/schedules/${json.id}`;
    const status = async (method: string, name: string, body?: unknown) =>
      (await server.ask(method, path, { auth: as(name), ...(body ? { body } : {}) })).status;
    expect([await status('GET', 'ada'), await status('GET', 'ben'), await status('GET', 'eye')]).toEqual([
      200, 404, 200,
    ]);
    expect((await server.ask('GET', '/schedules', { auth: as('ben') })).json).toEqual([]);
    expect((await server.ask('GET', '/schedules', { auth: as('eye') })).json).toHaveLength(1);
    const body = { workflow: '/Echo', startAt, name: 'theirs' };
    expect([await status('PUT', 'ben', body), await status('PUT', 'eye', body)]).toEqual([404, 403]);
    expect([await status('DELETE', 'ben'), await status('DELETE', 'eye')]).toEqual([404, 403]);
    expect(await status('PUT', 'op', body)).toBe(200);
    expect(await get(json.id)).toMatchObject({ owner: 'ada', name: 'theirs' });
    expect(await status('DELETE', 'op')).toBe(204);
    expect((await create({ startAt }, as('eye'))).status).toBe(403);
  });

  it('keep secrets sealed, shown as asterisks, and unchanged when these come back', async () => {
    const startAt = inMs(3_600_000);
    const { json } = await create({ workflow: '/Secret', startAt, input: { key: 'hunter2-hunter2', city: 'Rom' } });
    expect(json.input).toEqual({ key: '********', city: 'Rom' });
    // A workflow that does not hold it for secret never gets it.
    for (const input of [undefined, { key: '********' }]) {
      const { json: other } = await create({ workflow: '/Secret', startAt, input: { key: 'hunter2-hunter2' } });
      const echo = await server.ask('PUT', `/schedules/${other.id}`, { body: { workflow: '/Echo', startAt, input } });
      expect(echo.json.input).toEqual({ key: null });
      await server.ask('DELETE', `/schedules/${other.id}`);
    }
    const later = soon();
    const changed = await server.ask('PUT', `/schedules/${json.id}`, {
      body: { workflow: '/Secret', startAt: later, input: { ...json.input, city: 'Bonn' } },
    });
    expect([changed.status, changed.json.input]).toEqual([200, { key: '********', city: 'Bonn' }]);
    await expect.poll(async () => (await get(json.id)).lastJob, { timeout: 5_000 }).toBeGreaterThan(0);
    const { lastJob } = await get(json.id);
    await expect
      .poll(async () => (await server.ask('GET', `/jobs/${lastJob}/result`)).json.output)
      .toEqual({ length: 15, city: 'Bonn' });
    await server.ask('DELETE', `/schedules/${json.id}`);
  });

  it('whose jobs fail are disabled, and forget it when they are enabled again', async () => {
    const { json } = await create({ workflow: '/Fails', startAt: soon(), discard: { onFailure: true } });
    await expect.poll(async () => (await get(json.id)).failures, { timeout: 5_000 }).toBe(1);
    expect((await server.ask('GET', `/jobs/${(await get(json.id)).lastJob}`)).status).toBe(404);
    await server.ask('PUT', `/schedules/${json.id}`, { body: { workflow: '/Fails', startAt: soon(), ...minutely } });
    await expect.poll(async () => (await get(json.id)).enabled, { timeout: 5_000 }).toBe(false);
    expect(await get(json.id)).toMatchObject({ failures: 2, nextAt: expect.any(String) });
    expect(server.log()).toContain('the schedule is disabled after so many failures in a row');
    const body = { workflow: '/Fails', startAt: inMs(60_000), ...minutely };
    const again = await server.ask('PUT', `/schedules/${json.id}`, { body });
    expect(again.json).toMatchObject({ enabled: true, failures: 0 });
    await server.ask('DELETE', `/schedules/${json.id}`);
  });

  it('whose workflow is gone fail with a line in the log', async () => {
    await server.ask('PUT', '/workflows/Passing', { raw: definitions['Echo.yaml']!, type: 'application/yaml' });
    const { json } = await create({ workflow: '/Passing', startAt: soon(), ...minutely });
    await server.ask('DELETE', '/workflows/Passing', { headers: { 'if-match': '*' } });
    await expect.poll(async () => (await get(json.id)).failures, { timeout: 5_000 }).toBe(1);
    expect(await get(json.id)).not.toHaveProperty('lastJob');
    expect(server.log()).toMatch(
      /"workflow":"\/Passing".*"reason":"There is no workflow .*the schedule cannot start a job/,
    );
    await server.ask('DELETE', `/schedules/${json.id}`);
  });

  it('that were due while the server was down fire once', async () => {
    const { json } = await create({ startAt: inMs(2_000), ...minutely });
    server = await (async (old) => {
      await old.app.stop(3_000);
      await new Promise((resolve) => setTimeout(resolve, 2_200));
      return old.restart();
    })(server);
    await expect.poll(async () => (await get(json.id)).lastJob, { timeout: 5_000 }).toBeGreaterThan(0);
    const after = await get(json.id);
    expect((await server.ask('GET', after.links.jobs)).json.items).toHaveLength(1);
    expect(Date.parse(after.nextAt)).toBe(Date.parse(json.startAt) + 60_000);
  });
});
