import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic } from '../server.ts';
import { type Server, startServer, v4 } from './jobs-support.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
  for (const name of ['guest', 'other']) {
    await server.ask('POST', '/users', { body: { name, password: `password of ${name}`, roles: ['user'] } });
    await server.ask('GET', `${v4}/jobs`, { auth: guest(name) });
  }
});
afterAll(() => server.stop());

const guest = (name = 'guest') => basic(name, `password of ${name}`);
const path = `${v4}/schedules`;
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

const nightly = {
  targetName: 'nightly',
  discardAfterSuccessfulExec: true,
  executionRetries: 2,
  schedule: {
    startTime: '2032-03-29T00:40+02:00[Europe/Berlin]',
    disabled: false,
    skipIfPreviousJobStillRunning: true,
    delay: 1,
    delayType: 'DAYS',
    filter: {
      times: [{ start: '00:00:00', end: '23:59:59' }],
      daysOfWeek: ['MONDAY', 'TUESDAY'],
      months: ['APRIL', 'MAY'],
      days: [1, 2, 32],
    },
  },
  inputParameters: { 'line-count': 7, db: { credentials: [{ user: 'bot', password: 'hunter2-hunter2' }] } },
  configuration: { 'mail-credentials-12': { username: 'bot', password: 'topsecret-word' } },
  configurationWithPasswords: { 'mail-credentials-12': { username: 'bot', password: 'topsecret-word' } },
  notifications: { recipients: ['ops@example.org'], reportFormats: ['HTML'] },
  actions: [
    {
      type: 'SendMail',
      onSuccess: false,
      onFailure: true,
      onInactivityDiscard: false,
      appendNodeMessages: true,
      recipients: ['ops@example.org'],
    },
  ],
};

/** As credentials are shown everywhere. */
const masked = { isEncrypted: false, credentials: [{ id: '', user: 'bot', password: '*************' }] };

describe('schedules', () => {
  it('are documents in the order clients have seen, with passwords masked (reference section 14.2)', async () => {
    const made = await server.ask('POST', server.guest('kinds:schedules'), { body: nightly, auth: guest() });
    expect(made.status, made.text).toBe(201);
    const { json } = made;
    expect(made.headers.get('location')).toBe(json['@controls'].self.href);
    expect(Object.keys(json)).toEqual([
      ...['id', 'workflowPath', 'targetName', 'user', 'reset', 'discard', 'discardAfterSuccessfulExec'],
      ...['discardAfterFailedExec', 'executionRetries', 'numFailures', 'schedule', 'inputParameters'],
      ...['configuration', 'configurationWithPasswords', 'notifications', 'actions', '@namespaces', '@controls'],
    ]);
    expect(json).toMatchObject({
      workflowPath: '/Users/guest/kinds',
      targetName: 'nightly',
      user: 'guest',
      reset: true,
      discard: false,
      discardAfterSuccessfulExec: true,
      discardAfterFailedExec: false,
      executionRetries: 2,
      numFailures: 0,
      notifications: nightly.notifications,
      actions: nightly.actions,
      configuration: { 'mail-credentials-12': { username: 'bot', password: '*************' } },
      configurationWithPasswords: {},
    });
    expect(Object.entries(json.schedule)).toEqual([
      ['startTime', '2032-03-29T00:40+02:00[Europe/Berlin]'],
      ['nextScheduledExecution', '2032-05-31T00:40+02:00[Europe/Berlin]'],
      ['disabled', false],
      ['skipIfPreviousJobStillRunning', true],
      ['delay', 1],
      ['delayType', 'DAYS'],
      ['filter', nightly.schedule.filter],
    ]);
    expect(json.inputParameters).toMatchObject({ 'line-count-3': 7, db: masked, note: 'none' });
    expect(made.text + server.log()).not.toMatch(/hunter2|topsecret/);
    const read = await server.ask('GET', `${path}/${json.id.toUpperCase()}`, { auth: guest() });
    expect(read.json).toEqual(json);
    expect(read.headers.get('content-type')).toContain('application/vnd.mason+json');
    expect((await server.ask('GET', path, { auth: guest() })).json.schedules).toEqual([json]);
    expect((await server.ask('GET', path, { auth: guest('other') })).json.schedules).toEqual([]);
  });

  it('are sent back as they were read, with changes; what was masked stays', async () => {
    const body = { workflowPath: '/Users/guest/kinds', ...nightly };
    const { json } = await server.ask('POST', path, { body });
    const self = `${path}/${json.id}`;
    const same = await server.ask('PUT', self, { body: json });
    expect(same.json).toEqual(json);

    const disabled = await server.ask('PUT', self, {
      body: { ...json, schedule: { ...json.schedule, disabled: true }, inputParameters: { note: 'changed' } },
    });
    expect(disabled.json.schedule).toMatchObject({
      disabled: true,
      nextScheduledExecution: '2032-05-31T00:40+02:00[Europe/Berlin]',
    });
    expect(disabled.json.inputParameters).toMatchObject({ 'line-count-3': 7, note: 'changed', db: masked });

    // Fired, it still has the password that was never shown.
    const soon = { startTime: inMs(1_200), disabled: false };
    await server.ask('PUT', self, { body: { ...disabled.json, discardAfterSuccessfulExec: false, schedule: soon } });
    await expect
      .poll(async () => (await server.ask('GET', self)).json.lastJob, { timeout: 5_000 })
      .toBeTypeOf('string');
    const after = await server.ask('GET', self);
    expect(after.json.lastRun).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{3})?)?Z$/);
    expect(after.json.schedule).not.toHaveProperty('nextScheduledExecution');
    const job = await server.ended(after.json.lastJob);
    expect(job).toMatchObject({ workflow: '/Users/guest/kinds', state: 'EXECUTION_FINISHED' });
    expect(job.outputValues).toMatchObject({ user: 'bot', secret: 15, note: 'changed' });

    expect((await server.ask('DELETE', self)).status).toBe(204);
    expect((await server.ask('GET', self)).status).toBe(404);
  });

  it('without delay run once; nulls are as good as nothing, and unknown members are passed over', async () => {
    const body = {
      workflowPath: '/Users/guest/echo',
      someday: 1,
      inputParameters: null,
      actions: null,
      schedule: { startTime: '2041-03-29T00:40[Europe/Berlin]', delay: null, delayType: null, filter: null, more: {} },
    };
    const { status, json, text } = await server.ask('POST', path, { body });
    expect(status, text).toBe(201);
    expect(json.schedule).toEqual({
      startTime: '2041-03-29T00:40+01:00[Europe/Berlin]',
      nextScheduledExecution: json.schedule.startTime,
      disabled: false,
      skipIfPreviousJobStillRunning: false,
    });
    expect(json).toMatchObject({ targetName: 'echo', inputParameters: {}, actions: [] });
    await server.ask('DELETE', `${path}/${json.id}`);
  });

  it('keep what other APIs say of them and KNIME has no word for', async () => {
    const endAt = '2042-01-01T00:00:00.000Z';
    const more = { category: 'Clocks', description: 'kept', limits: { totalSeconds: 60 } };
    const repeated = { startAt: inMs(60_000), every: { count: 30, unit: 'seconds' } };
    for (const timing of [{ cron: '0 0 7 ? * MON-FRI' }, repeated]) {
      const body = { workflow: '/Users/guest/echo', ...timing, endAt, ...more };
      const { json: made } = await server.ask('POST', '/schedules', { body });
      const read = await server.ask('GET', `${path}/${made.id}`);
      expect(read.status, read.text).toBe(200);
      expect(Object.keys(read.json.schedule)).toEqual([
        'startTime',
        'nextScheduledExecution',
        'disabled',
        'skipIfPreviousJobStillRunning',
      ]);
      const sent = await server.ask('PUT', `${path}/${made.id}`, { body: { ...read.json, targetName: 'new' } });
      expect(sent.status, sent.text).toBe(200);
      const kept = await server.ask('GET', `/schedules/${made.id}`);
      expect(kept.json).toMatchObject({ ...timing, endAt, ...more, name: 'new' });
      const schedule = { startTime: '2041-03-29T00:40Z', delay: 1, delayType: 'DAYS' };
      await server.ask('PUT', `${path}/${made.id}`, { body: { schedule } });
      const other = await server.ask('GET', `/schedules/${made.id}`);
      expect(other.json).toMatchObject({ every: { count: 1, unit: 'days' }, endAt });
      expect(other.json).not.toHaveProperty('cron');
      await server.ask('DELETE', `/schedules/${made.id}`);
    }
    const { json: cron } = await server.ask('POST', '/schedules', {
      body: { workflow: '/Users/guest/echo', cron: '0 7 * * *' },
    });
    const filtered = { startTime: '2041-03-29T00:40Z', filter: { days: [1] } };
    const refused = await server.ask('PUT', `${path}/${cron.id}`, { body: { schedule: filtered } });
    expect([refused.status, JSON.stringify(refused.json)]).toEqual([400, expect.stringContaining('schedule.filter')]);
    await server.ask('DELETE', `/schedules/${cron.id}`);
  });

  it('are refused in the shape of KNIME, naming the member', async () => {
    const schedule = { startTime: '2041-03-29T00:40Z' };
    for (const [body, status, text] of [
      [{ schedule }, 400, 'workflowPath'],
      [{ workflowPath: '/Users/guest/echo' }, 400, 'schedule'],
      [{ workflowPath: '/Users/guest/echo', schedule: { startTime: 'soon' } }, 400, 'startTime'],
      [{ workflowPath: '/Users/guest/echo', schedule: { ...schedule, delay: 1 } }, 400, 'delayType'],
      [
        { workflowPath: '/Users/guest/echo', schedule: { ...schedule, delay: 1, delayType: 'WEEKS' } },
        400,
        'delayType',
      ],
      [{ workflowPath: '/Users/guest/echo', schedule: { ...schedule, filter: { days: [0] } } }, 400, 'days'],
      [{ workflowPath: '/Users/guest/echo', schedule: { startTime: '2001-01-01T00:00Z' } }, 400, 'never be due'],
      [{ workflowPath: '/Users/guest/none', schedule }, 404, "Item '/Users/guest/none' does not exist."],
      [{ workflowPath: '/Users/guest/kinds', schedule }, 400, 'line-count-3'],
      [{ workflowPath: '/Users/guest/kinds', schedule, inputParameters: { nope: 1 } }, 400, 'nope'],
    ] as const) {
      const answer = await server.ask('POST', path, { body });
      expect(answer.status, JSON.stringify(body)).toBe(status);
      expect(JSON.stringify([answer.json.title, answer.json.details])).toContain(text);
      expect(answer.json['@error']['@code']).toBe(String(status));
    }
    const id = '00000000-0000-4000-8000-000000000000';
    for (const [method, body] of [['GET'], ['DELETE'], ['PUT', { schedule }]] as const) {
      const { status, json } = await server.ask(method, `${path}/${id}`, body ? { body } : {});
      expect([status, json.title, json.code]).toEqual([
        404,
        `Schedule with ID '${id}' does not exist.`,
        'ScheduleNotFound',
      ]);
    }
  });
});
