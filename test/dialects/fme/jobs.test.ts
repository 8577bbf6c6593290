import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Server, startServer } from './support.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const api = '/fmeapiv4';
const tutorial = {
  repository: 'Tutorials',
  workspace: '10seconds.fmw',
  publishedParameters: { location: ['Burnaby', 'Vancouver'], year: 1985 },
};
const post = (body: unknown) => server.ask('POST', `${api}/jobs`, { body });
const invalid = 'Parameter Validation Failed';
const hidden = 'Unauthorized request by user admin due to lack of proper permissions or the object does not exist.';

describe('POST /jobs', () => {
  it('answers 202 with an integer id, and nothing else in the body', async () => {
    const { status, headers, text, json } = await post(tutorial);
    expect([status, text]).toEqual([202, `{"id":${json.id}}`]);
    expect(headers.get('location')).toBe(`${api}/jobs/${json.id}`);
  });

  it.each([
    [{}, 400, { message: invalid, details: { repository: 'must not be blank', workspace: 'must not be blank' } }],
    [{ repository: 'Tutorials' }, 400, { message: invalid, details: { workspace: 'must not be blank' } }],
    [{ ...tutorial, repository: ' ' }, 400, { message: invalid, details: { repository: 'must not be blank' } }],
    [{ ...tutorial, repository: null }, 400, { message: invalid, details: { repository: 'must not be blank' } }],
    [
      { ...tutorial, maxJobRuntime: 0, maxTotalLifeTime: 86_401 },
      400,
      {
        message: invalid,
        details: {
          maxJobRuntime: 'must be greater than or equal to 1',
          maxTotalLifeTime: 'must be less than or equal to 86400',
        },
      },
    ],
    [
      { ...tutorial, maxTimeInQueue: 1.5 },
      400,
      { message: invalid, details: { maxTimeInQueue: 'must be an integer' } },
    ],
    [
      { ...tutorial, publishedParameters: [] },
      400,
      { message: invalid, details: { publishedParameters: 'must be an object' } },
    ],
    [{ ...tutorial, repository: 'Nowhere' }, 404, { message: hidden }],
    [{ ...tutorial, repository: '../x' }, 404, { message: hidden }],
    [{ ...tutorial, workspace: '11seconds.fmw' }, 404, { message: 'Item 11seconds.fmw does not exist.' }],
    [{ ...tutorial, workspace: 'deep/er.fmw' }, 404, { message: 'Item deep/er.fmw does not exist.' }],
    [
      { repository: 'Tutorials', workspace: '10seconds.fmw', queue: 'none' },
      422,
      { message: 'Published Parameter Validation Failed', details: { location: 'A value is required' } },
    ],
    [
      { ...tutorial, publishedParameters: { location: null, year: '' } },
      422,
      { message: 'Published Parameter Validation Failed', details: { location: 'A value is required' } },
    ],
    [{ ...tutorial, queue: 'none' }, 422, { message: 'Queue "none" does not exist.' }],
  ])('refuses %j with %i', async (body, status, expected) => {
    const answer = await post(body);
    expect([answer.status, answer.json]).toEqual([status, expected]);
  });

  it('says which value is not allowed', async () => {
    const { status, json } = await post({ ...tutorial, publishedParameters: { location: ['a'], year: 'soon' } });
    expect([status, json.message]).toEqual([422, 'Published Parameter Validation Failed']);
    expect(json.details.year).toContain('whole number');
  });

  it.each([
    ['not JSON', '{', 'application/json', 400],
    ['no body', '', 'application/json', 400],
    ['a list', '[]', 'application/json', 400],
    ['a form', 'repository=Tutorials', 'application/x-www-form-urlencoded', 415],
  ])('refuses %s', async (_name, raw, type, status) => {
    const { status: got, json } = await server.ask('POST', `${api}/jobs`, { raw, type });
    expect(got).toBe(status);
    if (status === 400) expect(json).toEqual({ message: 'Request body is missing or is not valid JSON.' });
  });

  it('takes what old clients send: numbers as text, comma lists, members of V3, a charset', async () => {
    const raw = JSON.stringify({
      repository: 'Tutorials',
      workspace: '10seconds.fmw',
      publishedParameters: { location: 'Burnaby,Vancouver', year: '1985', unheardOf: 'x' },
      maxJobRuntime: '60',
      queue: 'Default',
      priority: 5,
      TMDirectives: { ttl: -1 },
    });
    const { status, json } = await server.ask('POST', `${api}/jobs`, { raw, type: 'application/json;charset=UTF-8' });
    expect(status).toBe(202);
    expect((await server.result(json.id)).json.status).toBe('success');
    expect((await server.ask('GET', `/jobs/${json.id}/result`)).json.output).toEqual({
      where: ['Burnaby', 'Vancouver'],
      year: 1985,
    });
  });

  it('replays the same answer for the same idempotency key', async () => {
    const headers = { 'idempotency-key': 'fme-1' };
    const first = await server.ask('POST', `${api}/jobs`, { body: tutorial, headers });
    const again = await server.ask('POST', `${api}/jobs`, { body: tutorial, headers });
    expect(again.json).toEqual(first.json);
    const other = await server.ask('POST', `${api}/jobs`, { body: { ...tutorial, queue: 'Default' }, headers });
    expect(other.status).toBe(422);
  });

  it('runs workspaces of the root, of deep folders, and without their ending', async () => {
    for (const [repository, workspace] of [
      ['/', 'Root.fmw'],
      ['Tutorials/deep', 'er.fmw'],
      ['Tests', 'Echo'],
    ]) {
      const { status, json } = await post({ repository, workspace });
      expect(status).toBe(202);
      expect((await server.result(json.id)).json.status).toBe('success');
    }
  });
});

describe('GET /jobs/{id}/result', () => {
  it('waits for the end and answers exactly nine members, the same again at once', async () => {
    const { json } = await post(tutorial);
    const { status, text } = await server.ask('GET', `${api}/jobs/${json.id}/result?longPoll=true`);
    const result = JSON.parse(text);
    expect(status).toBe(200);
    expect(Object.keys(result)).toEqual([
      'id',
      'featureOutputCount',
      'requesterHost',
      'requesterResultPort',
      'status',
      'statusMessage',
      'timeQueued',
      'timeStarted',
      'timeFinished',
    ]);
    expect(result).toMatchObject({
      id: json.id,
      requesterHost: '127.0.0.1',
      status: 'success',
      statusMessage: 'Translation Successful',
    });
    for (const word of ['True', 'TRUE', 'on', 'yes', '1', 'false', '']) {
      expect((await server.ask('GET', `${api}/jobs/${json.id}/result?&longPoll=${word}&detail=high`)).text).toBe(text);
    }
  });

  it('answers 202 with id and status when the wait is over, or without one', async () => {
    const id = await server.submit('Sleeps.fmw');
    const begun = performance.now();
    const short = await server.ask('GET', `${api}/jobs/${id}/result?longPoll=true&longPollInterval=1`);
    expect([short.status, short.json]).toEqual([202, { id, status: 'running' }]);
    expect(performance.now() - begun).toBeGreaterThan(950);
    expect((await server.ask('GET', `${api}/jobs/${id}/result`)).status).toBe(202);
    await server.ask('POST', `${api}/jobs/${id}/cancel`);
    const { json } = await server.result(id);
    expect(json).toMatchObject({ status: 'cancelled', statusMessage: 'Cancelled by admin.' });
  });

  it('answers 200 for a job that failed', async () => {
    const { status, json } = await server.result(await server.submit('Fails.fmw'));
    expect([status, json.status, json.statusMessage]).toEqual([200, 'failure', 'No room for row 7']);
  });

  it.each([
    ['999999/result', 404, { message: 'The job for ID "999999" does not exist.' }],
    ['abc/result', 400, { message: invalid, details: { id: 'must be an integer' } }],
    ['1/result?longPoll=maybe', 400, { message: invalid, details: { longPoll: 'must be a boolean' } }],
    [
      '1/result?longPoll=true&longPollInterval=601',
      400,
      { message: invalid, details: { longPollInterval: 'must be less than or equal to 600' } },
    ],
  ])('answers %s with %i', async (path, status, expected) => {
    const answer = await server.ask('GET', `${api}/jobs/${path}`);
    expect([answer.status, answer.json]).toEqual([status, expected]);
  });

  it('tells a thousand clients within a second of the end', async () => {
    const { json } = await post({ ...tutorial, publishedParameters: { location: ['a'] } });
    const waits = Array.from({ length: 1000 }, () =>
      fetch(`${server.url}${api}/jobs/${json.id}/result?longPoll=true`, {
        headers: { authorization: `Basic ${Buffer.from('admin:correct horse battery').toString('base64')}` },
      }).then(async (response) => ({ status: response.status, at: Date.now(), body: await response.json() })),
    );
    const answers = await Promise.all(waits);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});

describe('POST /jobs/sync', () => {
  it('answers the result once the job has ended, well or badly', async () => {
    const { status, json } = await server.ask('POST', `${api}/jobs/sync`, { body: tutorial });
    expect([status, json.status, Object.keys(json).length]).toEqual([200, 'success', 9]);
    const bad = await server.ask('POST', `${api}/jobs/sync`, { body: { repository: 'Tests', workspace: 'Fails.fmw' } });
    expect([bad.status, bad.json.status]).toEqual([200, 'failure']);
    expect((await server.ask('GET', `${api}/jobs/${json.id}`)).json.status).toBe('success');
  });

  it('answers `cancelled` when the whole time is over', async () => {
    const begun = performance.now();
    const { status, json } = await server.ask('POST', `${api}/jobs/sync`, {
      body: { repository: 'Tests', workspace: 'Sleeps.fmw', maxTotalLifeTime: 1 },
    });
    expect([status, json.status]).toEqual([200, 'cancelled']);
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});

describe('time limits', () => {
  it.each([
    ['maxJobRuntime', 'Sleeps.fmw'],
    ['maxJobRuntime', 'Busy.fmw'],
    ['maxTotalLifeTime', 'Busy.fmw'],
  ])('%s ends %s as cancelled, to the second', async (limit, workspace) => {
    const id = await server.submit(workspace, { [limit]: 1 });
    const { json } = await server.result(id);
    expect(json.status).toBe('cancelled');
    const took = Date.parse(json.timeFinished) - Date.parse(json.timeQueued);
    expect(took).toBeGreaterThanOrEqual(1_000);
    expect(took).toBeLessThan(2_500);
    const list = await server.ask('GET', `${api}/jobs?status=cancelled&limit=1`);
    expect(list.json.items[0].id).toBe(id);
  });

  it('maxTimeInQueue ends a job that has not begun as cancelled', async () => {
    await server.ask('PUT', '/queues/closed', { body: { paused: true } });
    const id = await server.submit('Echo.fmw', { queue: 'closed', maxTimeInQueue: 1 });
    expect((await server.ask('GET', `${api}/jobs/${id}`)).json).toMatchObject({
      status: 'queued',
      queue: 'closed',
      engineName: '',
      timeStarted: null,
      timeFinished: null,
      elapsedTime: 0,
    });
    expect((await server.result(id)).json).toMatchObject({ status: 'cancelled', timeStarted: null });
  });
});

describe('GET /jobs/{id}', () => {
  it('shows the whole record, integers as integers', async () => {
    const { json } = await post(tutorial);
    const result = await server.result(json.id);
    const record = await server.ask('GET', `${api}/jobs/${json.id}`);
    expect(record.status).toBe(200);
    expect(record.text.length).toBeGreaterThan(result.text.length);
    expect(record.json).toMatchObject({
      id: json.id,
      description: '',
      repository: 'Tutorials',
      workspace: '10seconds.fmw',
      queue: 'Default',
      queueType: 'Standard',
      status: 'success',
      runtimeUsername: 'admin',
      resultDatasetDownloadUrl: '',
    });
    expect(record.json.elapsedTime).toBeGreaterThanOrEqual(300);
    expect(record.json.engineName.startsWith(`${record.json.engineHost}_`)).toBe(true);
    for (const [name, value] of Object.entries(record.json))
      if (name.startsWith('time') && value !== null) expect(value).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('never waits: a job within its wait is running', async () => {
    const id = await server.submit('Sleeps.fmw');
    await sleep(100);
    expect((await server.ask('GET', `${api}/jobs/${id}`)).json.status).toBe('running');
    await server.ask('POST', `${api}/jobs/${id}/cancel`);
  });
});

describe('POST /jobs/{id}/cancel', () => {
  it('answers 204 once, with the job cancelled, then 422', async () => {
    for (const workspace of ['Sleeps.fmw', 'Busy.fmw']) {
      const id = await server.submit(workspace);
      await sleep(50);
      const first = await server.ask('POST', `${api}/jobs/${id}/cancel`);
      expect([first.status, first.text]).toEqual([204, '']);
      expect((await server.ask('GET', `${api}/jobs/${id}`)).json.status).toBe('cancelled');
      const again = await server.ask('POST', `${api}/jobs/${id}/cancel`);
      expect([again.status, again.json]).toEqual([
        422,
        { message: `Job "${id}" is already complete and cannot be cancelled.` },
      ]);
    }
  });

  it('answers 422 for a job there is not', async () => {
    const { status, json } = await server.ask('POST', `${api}/jobs/999999/cancel`);
    expect([status, json]).toEqual([422, { message: 'The job for ID "999999" does not exist.' }]);
  });

  it.each([
    ['application/x-www-form-urlencoded', ''],
    ['application/x-www-form-urlencoded', 'x=1'],
    ['application/json', '{'],
    ['text/plain', 'stop'],
  ])('asks for no body: %s with %j does not matter', async (type, raw) => {
    const id = await server.submit('Sleeps.fmw');
    expect((await server.ask('POST', `${api}/jobs/${id}/cancel`, { raw, type })).status).toBe(204);
  });
});

describe('the log', () => {
  it('comes as text, and line by line', async () => {
    const id = await server.submit('Logs.fmw');
    await server.result(id);
    const text = await server.ask('GET', `${api}/jobs/${id}/log`);
    expect(text.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(text.text).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\| +\d+\.\d\| +\d+\.\d\|INFORM\|line 1$/m);
    const bytes = await server.ask('GET', `${api}/jobs/${id}/log`, { headers: { accept: 'application/octet-stream' } });
    expect(bytes.text).toBe(text.text);
    const { json } = await server.ask('GET', `${api}/jobs/${id}/log/parsed?limit=2&offset=1`);
    expect(json).toMatchObject({ limit: 2, offset: 1, items: [{ number: 2 }, { number: 3 }] });
    const lines = text.text.trimEnd().split('\n');
    expect(json.totalCount).toBe(lines.length);
    expect((await server.ask('GET', `${api}/jobs/${id}`)).json.lineCount).toBe(lines.length);
    expect((await server.ask('GET', `${api}/jobs/999999/log`)).status).toBe(404);
  });
});

describe('GET /jobs/{id}/request', () => {
  it('shows what was submitted with the defaults filled in', async () => {
    const { json } = await post({
      repository: 'Tutorials',
      workspace: '10seconds.fmw',
      publishedParameters: { location: 'Burnaby' },
      maxTimeInQueue: 600,
      maxJobRuntime: 3600,
      successTopics: ['DATA_READY'],
      failureTopics: ['DATA_FAILED'],
      directives: { ticket: 'A-17' },
    });
    expect((await server.ask('GET', `${api}/jobs/${json.id}/request`)).json).toEqual({
      repository: 'Tutorials',
      workspace: '10seconds.fmw',
      publishedParameters: { location: ['Burnaby'], year: 2000 },
      queue: 'Default',
      maxTimeInQueue: 600,
      maxJobRuntime: 3600,
      successTopics: ['DATA_READY'],
      failureTopics: ['DATA_FAILED'],
      directives: { ticket: 'A-17' },
    });
  });
});

describe('topics', () => {
  const topics = { successTopics: ['F_READY', '', 'F_ANY'], failureTopics: ['F_FAILED', 'F_ANY'] };
  const published = async (topic: string) =>
    (await server.ask('GET', `/events?topic=${topic}&order=oldest`)).json.items.map(
      ({ job, state }: { job: number; state: string }) => [job, state],
    );

  it('of success hear of a success, those of failure of a failure, a cancellation and a time limit; with directives', async () => {
    const directives = { ticket: 'A-17', count: 3 };
    const good = await server.submit('Echo.fmw', { ...topics, directives });
    const bad = await server.submit('Fails.fmw', topics);
    const off = await server.submit('Sleeps.fmw', topics);
    for (const id of [good, bad]) await server.result(id);
    await server.ask('POST', `${api}/jobs/${off}/cancel`);
    const late = await server.submit('Sleeps.fmw', { ...topics, maxJobRuntime: 1 });
    expect((await server.result(late)).json.status).toBe('cancelled');
    expect(await published('F_READY')).toEqual([[good, 'completed']]);
    const failures = [
      [bad, 'failed'],
      [off, 'cancelled'],
      [late, 'cancelled'],
    ];
    expect(await published('F_FAILED')).toEqual(expect.arrayContaining(failures));
    expect(await published('F_ANY')).toHaveLength(4);
    const [event] = (await server.ask('GET', '/events?topic=F_READY')).json.items;
    expect(event).toMatchObject({
      workflow: '/Tests/Echo',
      owner: 'admin',
      attributes: { ticket: 'A-17', count: '3' },
    });
    expect((await server.ask('GET', `${api}/jobs/${bad}/request`)).json).toMatchObject({
      successTopics: ['F_READY', 'F_ANY'],
      failureTopics: ['F_FAILED', 'F_ANY'],
    });
  });

  it('hear of a job that is run again, again', async () => {
    const id = await server.submit('Echo.fmw', { successTopics: ['F_AGAIN'] });
    await server.result(id);
    const { json } = await server.ask('POST', `${api}/jobs/${id}/rerun`);
    await server.result(json.id);
    expect(await published('F_AGAIN')).toEqual([
      [id, 'completed'],
      [json.id, 'completed'],
    ]);
  });

  it('may be a hundred', async () => {
    const many = Array.from({ length: 101 }, (_, n) => `T${n}`);
    const { status, json } = await post({ ...tutorial, successTopics: many });
    expect([status, Object.keys(json.details)]).toEqual([400, ['successTopics']]);
    expect((await post({ ...tutorial, failureTopics: ['x'.repeat(1_025)] })).status).toBe(400);
  });
});

describe('a password', () => {
  it('reaches the run, and stands nowhere in clear: not in /request, the log, the database or the server log', async () => {
    const secret = 'canary-p4ssw0rd-é';
    const id = await server.submit('Secret.fmw', { publishedParameters: { DBPASS: secret } });
    expect((await server.result(id)).json.status).toBe('success');
    expect((await server.ask('GET', `/jobs/${id}/result`)).json.output).toEqual({ length: [...secret].length });
    const request = await server.ask('GET', `${api}/jobs/${id}/request`);
    expect(request.json.publishedParameters).toEqual({ DBPASS: '*****', USER: 'scott' });
    expect((await server.ask('GET', `${api}/jobs/${id}/log`)).text).toContain('password is ***');
    const again = await server.ask('POST', `${api}/jobs/${id}/rerun`);
    expect(again.status).toBe(202);
    expect((await server.result(again.json.id)).json.status).toBe('success');
    for (const name of await readdir(server.data, { recursive: true, withFileTypes: true })) {
      if (!name.isFile()) continue;
      const bytes = await readFile(join(name.parentPath, name.name));
      expect(bytes.includes(secret), name.name).toBe(false);
    }
    expect(server.log()).not.toContain(secret);
  });
});

describe('DELETE /jobs/{id}', () => {
  it('takes a final job out of the history, and refuses an active one', async () => {
    const id = await server.submit('Sleeps.fmw');
    expect((await server.ask('DELETE', `${api}/jobs/${id}`)).status).toBe(422);
    expect((await server.ask('POST', `${api}/jobs/${id}/rerun`)).status).toBe(422);
    await server.ask('POST', `${api}/jobs/${id}/cancel`);
    expect((await server.ask('DELETE', `${api}/jobs/${id}`)).status).toBe(204);
    expect((await server.ask('GET', `${api}/jobs/${id}`)).status).toBe(404);
    expect((await server.ask('DELETE', `${api}/jobs/${id}`)).status).toBe(404);
  });
});
