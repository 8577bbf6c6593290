import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileWorkflows } from '../services/workflows.ts';
import { type Server, startServer } from '../support.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer(fileWorkflows);
});
afterAll(() => server.stop());

const root = '/fmerest/v3/transformations';
const post = (path: string, body?: unknown) =>
  server.ask('POST', `${root}/${path}`, body === undefined ? {} : { body });
const get = (path: string, headers: Record<string, string> = {}) => server.ask('GET', `${root}/${path}`, { headers });
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/);
const start = async (path: string, body: unknown = {}): Promise<number> => (await post(`submit/${path}`, body)).json.id;
const ended = async (id: number) => {
  await server.result(id);
  return (await server.ask('GET', `/jobs/${id}/result`)).json.output;
};
const cancel = (id: number) => server.ask('POST', `/fmeapiv4/jobs/${id}/cancel`);
const whole = {
  publishedParameters: [
    { name: 'location', value: ['Burnaby', 'Vancouver'] },
    { name: 'year', value: '1985' },
  ],
  TMDirectives: { rtc: false, ttc: 3600, ttl: 600, tag: 'Default', description: 'test', priority: 5 },
  NMDirectives: {
    directives: [{ name: 'ticket', value: 'A-17' }],
    successTopics: ['DATA_READY'],
    failureTopics: ['DATA_FAILED'],
  },
};

describe('POST /transformations/submit', () => {
  it('answers 202 with the number of the job, which has all that was asked for', async () => {
    const { status, text, json } = await post('submit/Tutorials/10seconds.fmw', whole);
    expect([status, text]).toEqual([202, `{"id":${json.id}}`]);
    expect(await ended(json.id)).toEqual({ where: ['Burnaby', 'Vancouver'], year: 1985 });
    expect((await get(`jobs/id/${json.id}/request`)).json).toEqual({
      publishedParameters: [
        { name: 'location', value: ['Burnaby', 'Vancouver'] },
        { name: 'year', value: 1985 },
      ],
      TMDirectives: { rtc: false, ttc: 3600, tag: 'Default', ttl: 600, description: 'test' },
      NMDirectives: whole.NMDirectives,
      workspacePath: '"Tutorials/10seconds.fmw"',
    });
  });

  it('needs nothing but an empty object, or no body at all', async () => {
    for (const body of [{}, undefined]) {
      const { status, json } = await post('submit/Tests/Echo.fmw', body);
      expect([status, await ended(json.id)]).toEqual([202, { got: {} }]);
    }
  });

  it('takes -1 as no limit', async () => {
    const id = await start('Tests/Echo.fmw', {
      TMDirectives: { ttc: -1, ttl: null, tag: null, rtc: 'false', priority: '5' },
    });
    expect((await get(`jobs/id/${id}/request`)).json.TMDirectives).toEqual({
      rtc: false,
      ttc: -1,
      tag: 'Default',
      ttl: -1,
      description: '',
    });
  });

  it.each([
    ['application/json', '{"event":"push","commits":[1]}'],
    ['application/json', '[1,2]'],
    ['text/plain', 'anything'],
    ['application/xml', '<event/>'],
  ])('takes parameters from the address when a webhook sends %s', async (type, raw) => {
    const { status, json } = await server.ask('POST', `${root}/submit/Tests/Echo.fmw?PARAM=x&detail=high`, {
      raw,
      type,
    });
    expect([status, await ended(json.id)]).toEqual([202, { got: { PARAM: 'x' } }]);
  });

  it('takes the fields of a form for parameters', async () => {
    const type = 'application/x-www-form-urlencoded';
    const { json } = await server.ask('POST', `${root}/submit/Tests/Echo.fmw?a=1`, { raw: 'a=2&b=3', type });
    expect(await ended(json.id)).toEqual({ got: { a: '2', b: '3' } });
  });

  const token = async (): Promise<string> =>
    (await server.ask('POST', '/fmeapiv4/tokens', { body: { name: `t${Math.random()}`, secondsToExpiry: 600 } })).json
      .token;

  it('takes the token of old clients in the address, and keeps it from the workspace and the log', async () => {
    const secret = await token();
    const { status, json } = await server.ask('POST', `${root}/submit/Tests/Echo.fmw?fmetoken=${secret}`, {
      body: {},
      auth: false,
    });
    expect([status, await ended(json.id)]).toEqual([202, { got: {} }]);
    expect(server.log()).not.toContain(secret);
    expect(
      (await server.ask('POST', `${root}/submit/Tests/Echo.fmw?fmetoken=0011`, { body: {}, auth: false })).status,
    ).toBe(401);
  });

  it('takes the token of old clients in a form', async () => {
    const secret = await token();
    const type = 'application/x-www-form-urlencoded';
    const send = (raw: string) => server.ask('POST', `${root}/submit/Tests/Echo.fmw`, { raw, type, auth: false });
    const { status, json } = await send(`fmetoken=${secret}&a=1`);
    expect([status, await ended(json.id)]).toEqual([202, { got: { a: '1' } }]);
    expect((await send('a=1')).status).toBe(401);
  });

  it.each([
    ['Nowhere/Echo.fmw', {}, 404, /lack of proper permissions or the object does not exist/],
    ['Tests/Nothing.fmw', {}, 404, /^Item Nothing.fmw does not exist.$/],
    ['Tutorials/10seconds.fmw', {}, 422, /^Published Parameter Validation Failed$/],
    ['Tests/Echo.fmw', { TMDirectives: { tag: 'none' } }, 422, /^Queue "none" does not exist.$/],
    ['Tests/Echo.fmw', { TMDirectives: { ttc: 'soon' } }, 400, /^Parameter Validation Failed$/],
    ['Tests/Echo.fmw', { publishedParameters: 'x' }, 400, /^Parameter Validation Failed$/],
  ])('refuses %s with %j: %i', async (path, body, status, message) => {
    for (const action of ['submit', 'transact']) {
      const answer = await post(`${action}/${path}`, body);
      expect([action, answer.status]).toEqual([action, status]);
      expect(answer.json.message).toMatch(message);
    }
  });

  it('names the field that does not fit', async () => {
    const { json } = await post('submit/Tests/Echo.fmw', { TMDirectives: { ttc: 1.5 } });
    expect(json.details).toEqual({ 'TMDirectives.ttc': 'must be an integer' });
    expect((await post('submit/Tutorials/10seconds.fmw', {})).json.details).toEqual({
      location: 'A value is required',
    });
    expect((await post('submit/Tests/Echo.fmw', { publishedParameters: 'x' })).json.details).toEqual({
      publishedParameters: 'must be a list of objects with name and value',
    });
  });
});

describe('POST /transformations/transact', () => {
  it('answers once the job has ended, with these members in this order', async () => {
    const { status, json } = await post('transact/Tutorials/10seconds.fmw/', whole);
    expect(status).toBe(200);
    expect(Object.entries(json)).toEqual([
      ['id', expect.any(Number)],
      ['priority', -1],
      ['status', 'SUCCESS'],
      ['statusMessage', 'Translation Successful'],
      ['numFeaturesOutput', 0],
      ['requesterHost', '127.0.0.1'],
      ['requesterResultPort', -1],
      ['timeRequested', time],
      ['timeStarted', time],
      ['timeFinished', time],
    ]);
    expect((await get(`jobs/id/${json.id}/result`)).json).toEqual(json);
  });

  it('answers 422 for a job that ends badly, with a message', async () => {
    const { status, json } = await post('transact/Tests/Fails.fmw', {});
    expect([status, json]).toEqual([
      422,
      expect.objectContaining({
        status: 'FME_FAILURE',
        statusMessage: 'No room for row 7',
        message: 'No room for row 7',
      }),
    ]);
  });

  it('answers 422 for a job over its limit', async () => {
    const { status, json } = await post('transact/Tests/Sleeps.fmw', { TMDirectives: { ttc: 1 } });
    expect([status, json.status]).toEqual([422, 'ABORTED']);
  });
});

describe('POST /transformations/transactdata', () => {
  const send = (path: string, raw: string, type: string, headers: Record<string, string> = {}) =>
    server.ask('POST', `${root}/transactdata/${path}`, { raw, type, headers });

  it.each([
    ['text/csv', 'source.csv'],
    ['application/json', 'source.json'],
    ['application/x-www-form-urlencoded', 'source.bin'],
  ])('hands a body of %s to the workspace as a file', async (type, name) => {
    const { status, json } = await send('Files/Reads.fmw', 'a=1&b', type);
    expect([status, json.status]).toEqual([200, 'SUCCESS']);
    expect(await ended(json.id)).toEqual({ name, text: 'a=1&b' });
    const [file] = (await server.ask('GET', `/jobs/${json.id}/files`)).json;
    expect(file).toMatchObject({ name, direction: 'in', bytes: 5 });
  });

  it('takes directives and parameters from the address', async () => {
    const { json } = await send(
      'Files/Reads.fmw?opt_description=d&opt_successtopics=A,B&opt_failuretopics=C&opt_tag=Default&opt_ttl=60&opt_ttc=120&NOTE=hi',
      'x',
      'text/plain',
      { 'content-disposition': 'attachment; filename="notes.txt"' },
    );
    expect((await get(`jobs/id/${json.id}/request`)).json).toMatchObject({
      publishedParameters: [
        { name: 'NOTE', value: 'hi' },
        { name: 'SOURCE', value: 'notes.txt' },
      ],
      TMDirectives: { ttc: 120, tag: 'Default', ttl: 60, description: 'd' },
      NMDirectives: { successTopics: ['A', 'B'], failureTopics: ['C'] },
    });
  });

  it('lets a large body pass to the disk', async () => {
    const body = 'x'.repeat(5 * 2 ** 20);
    const { status, json } = await send('Files/One.fmw', body, 'text/plain');
    expect(status).toBe(200);
    const files = (await server.ask('GET', `/jobs/${json.id}/files`)).json;
    expect(files.map(({ bytes }: { bytes: number }) => bytes)).toEqual([body.length, body.length]);
  });

  it('says when the workspace has no place for a body, and when it failed', async () => {
    const none = await send('Tests/Echo.fmw', 'x', 'text/plain');
    expect([none.status, none.json.message]).toEqual([422, expect.stringContaining('no parameter for a source file')]);
    expect((await send('Tests/Echo.fmw', '', 'text/plain')).status).toBe(200);
    const failed = await server.ask('POST', `${root}/transactdata/Tests/Fails.fmw`);
    expect([failed.status, failed.json.status]).toEqual([422, 'FME_FAILURE']);
    expect((await send('Tests/Nothing.fmw', 'x', 'text/plain')).status).toBe(404);
  });
});

describe('GET /transformations/jobs/id/{id}', () => {
  it('has these members in this order', async () => {
    const id = await start('Tutorials/10seconds.fmw', whole);
    await ended(id);
    const { status, json } = await get(`jobs/id/${id}?detail=high`);
    expect(status).toBe(200);
    expect(Object.keys(json)).toEqual([
      'id',
      'status',
      'repository',
      'workspace',
      'userName',
      'description',
      'engineHost',
      'engineName',
      'timeSubmitted',
      'timeQueued',
      'timeDelivered',
      'timeStarted',
      'timeFinished',
      'elapsedTime',
      'cpuTime',
      'cpuPct',
      'peakMemUsage',
      'numLines',
      'numWarnings',
      'numErrors',
      'request',
      'result',
    ]);
    expect(json).toMatchObject({
      id,
      status: 'SUCCESS',
      repository: 'Tutorials',
      workspace: '10seconds.fmw',
      userName: 'admin',
      description: 'test',
      timeFinished: time,
      request: { workspacePath: '"Tutorials/10seconds.fmw"', TMDirectives: { tag: 'Default' } },
      result: { id, status: 'SUCCESS' },
    });
  });

  it('of a job that has not ended has no result and no empty times', async () => {
    const id = await start('Tests/Sleeps.fmw');
    const { json } = await get(`jobs/id/${id}`);
    expect([json.status, json.timeFinished, 'result' in json]).toEqual([
      expect.stringMatching(/QUEUED|IN_PROCESS/),
      null,
      false,
    ]);
    expect(JSON.stringify(json)).not.toContain('"time":""');
    expect((await get(`jobs/id/${id}/result`)).status).toBe(404);
    await cancel(id);
    expect((await get(`jobs/id/${id}`)).json).toMatchObject({ status: 'ABORTED', result: { status: 'ABORTED' } });
  });

  it('shows the address of a data download with its result, and hides passwords', async () => {
    const url = '/fmedatadownload/Files/Two.fmw?opt_responseformat=json';
    const { serviceResponse } = (await server.ask('GET', url)).json;
    expect((await get(`jobs/id/${serviceResponse.jobID}`)).json.result.resultDatasetDownloadUrl).toBe(
      serviceResponse.url,
    );
    const id = await start('Tests/Secret.fmw', { publishedParameters: [{ name: 'DBPASS', value: 'tiger' }] });
    await ended(id);
    expect((await get(`jobs/id/${id}`)).text).not.toContain('tiger');
  });

  it.each(['', '/result', '/log', '/request'])('of an unknown job: %s is 404', async (part) => {
    const { status, json } = await get(`jobs/id/999999${part}`);
    expect([status, json.message]).toEqual([404, 'The job for ID "999999" does not exist.']);
    expect((await get(`jobs/id/abc${part}`)).status).toBe(400);
  });
});

describe('GET /transformations/jobs/id/{id}/log', () => {
  it('is text, or lines for who asks for JSON', async () => {
    const id = await start('Tests/Logs.fmw');
    await ended(id);
    for (const headers of [{}, { accept: 'text/plain' }, { accept: '*/*' }] as Record<string, string>[]) {
      const { headers: got, text } = await get(`jobs/id/${id}/log`, headers);
      expect(got.get('content-type')).toMatch(/^text\/plain/);
      expect(text).toMatch(/\|INFORM\|line 1\n/);
    }
    const bytes = await get(`jobs/id/${id}/log/`, { accept: 'application/octet-stream' });
    expect([bytes.headers.get('content-type'), bytes.text.split('\n').length]).toEqual(['application/octet-stream', 5]);
    const json = await get(`jobs/id/${id}/log?detail=high`, { accept: 'application/json' });
    expect(json.json.items.map(({ message }: { message: string }) => message).sort()).toEqual([
      'line 1',
      'line 2',
      'line 3',
      'oops',
    ]);
    const contents = await get(`jobs/id/${id}/log?accept=contents`, { accept: 'application/json' });
    expect(contents.headers.get('content-type')).toMatch(/^text\/plain/);
  });
});

describe('GET /transformations/jobs/{active|completed|running|queued}', () => {
  it('lists jobs by what becomes of them, in the envelope of all lists', async () => {
    const done = await start('Tests/Echo.fmw');
    await ended(done);
    const running = await start('Tests/Busy.fmw');
    await expect.poll(async () => (await get(`jobs/id/${running}`)).json.status).toBe('IN_PROCESS');
    const completed = await get('jobs/completed/?limit=1&detail=high');
    expect(Object.keys(completed.json)).toEqual(['items', 'totalCount', 'limit', 'offset']);
    expect(completed.json).toMatchObject({ items: [{ id: done, status: 'SUCCESS' }], limit: 1, offset: 0 });
    const ids = async (path: string): Promise<number[]> =>
      (await get(`jobs/${path}`)).json.items.map(({ id }: { id: number }) => id);
    expect(await ids('active')).toEqual([running]);
    expect(await ids('running?repository=Tests&workspace=Busy.fmw&userName=admin')).toEqual([running]);
    expect(await ids('running?repository=Tests&workspace=Echo.fmw')).toEqual([]);
    expect(await ids('running?userName=nobody')).toEqual([]);
    expect(await ids('running?sourceType=automations&sourceID=1')).toEqual([]);
    expect(await ids('queued')).toEqual([]);
    expect((await ids('completed?limit=-1&offset=-1')).length).toBe((await get('jobs/completed')).json.totalCount);
    expect((await get('jobs/completed?offset=1000')).json.items).toEqual([]);
    expect((await get('jobs/completed?limit=x')).status).toBe(400);
    expect((await get('jobs/other')).status).toBe(404);
    await cancel(running);
  });
});

describe('DELETE /transformations/jobs/{running|queued}/{id}', () => {
  const remove = (path: string) => server.ask('DELETE', `${root}/jobs/${path}`);

  it('cancels a running job there, which is not found among the queued ones', async () => {
    const id = await start('Tests/Busy.fmw');
    await expect.poll(async () => (await get(`jobs/id/${id}`)).json.status).toBe('IN_PROCESS');
    const queued = await remove(`queued/${id}`);
    expect([queued.status, queued.json.message]).toEqual([404, `The job for ID "${id}" is not queued.`]);
    const running = await remove(`running/${id}`);
    expect([running.status, running.text]).toEqual([204, '']);
    expect((await get(`jobs/id/${id}`)).json.status).toBe('ABORTED');
    expect((await remove(`running/${id}`)).status).toBe(404);
  });

  it('takes a queued job out of the queue', async () => {
    await server.ask('PUT', '/queues/held', { body: { paused: true } });
    const id = await start('Tests/Echo.fmw', { TMDirectives: { tag: 'held' } });
    expect((await get('jobs/queued')).json.items).toMatchObject([{ id, status: 'QUEUED', timeStarted: null }]);
    expect((await remove(`running/${id}`)).status).toBe(404);
    expect((await remove(`queued/${id}/`)).status).toBe(204);
    await sleep(10);
    expect((await get(`jobs/id/${id}`)).json.status).toBe('DELETED');
  });

  it('is 404 for an unknown job', async () => {
    expect((await remove('queued/999999')).status).toBe(404);
  });
});
