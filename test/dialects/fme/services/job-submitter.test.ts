import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../server.ts';
import { basic, type Server, startServer } from '../support.ts';
import { fileWorkflows } from './workflows.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer(fileWorkflows, { MILLRACE_ALLOWED_ORIGINS: 'https://maps.example' });
  await server.ask('POST', '/users', { body: { name: 'mary', password: 'a long password', roles: ['user'] } });
});
afterAll(() => server.stop());

const root = '/fmejobsubmitter';
const json = 'opt_responseformat=json';
const challenge = 'Basic realm="FME Flow"';
const form = 'application/x-www-form-urlencoded';
const call = (path: string, options: Parameters<Server['ask']>[2] = {}) =>
  server.ask('GET', `${root}/${path}`, options);
const post = (path: string, raw: string, type: string, options: Parameters<Server['ask']>[2] = {}) =>
  server.ask('POST', `${root}/${path}`, { raw, type, ...options });
const outputOf = async (id: number) => (await server.ask('GET', `/jobs/${id}/result`)).json.output;
const requestOf = async (id: number) => (await server.ask('GET', `/fmeapiv4/jobs/${id}/request`)).json;
const failure = (message: string) => ({ serviceResponse: { statusInfo: { status: 'failure', message } } });
const token = async (): Promise<string> =>
  (
    await server.ask('POST', '/fmeapiv4/tokens', {
      body: { name: `t${Math.random()}`, enabled: true, secondsToExpiry: 600 },
    })
  ).json.token;

describe('a call', () => {
  it('waits for the end of the job and tells how it ended', async () => {
    const { status, headers, json: body } = await call(`Tests/Echo.fmw?${json}&a=1`);
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    const { jobID } = body.serviceResponse;
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(body).toEqual({
      serviceResponse: {
        statusInfo: { mode: 'sync', status: 'success' },
        jobID: expect.any(Number),
        fmeTransformationResult: {
          fmeEngineResponse: {
            statusNumber: 0,
            statusMessage: 'Translation Successful',
            logFileName: `job_${jobID}.log`,
            featuresWritten: {},
          },
          fmeServerResponse: {
            id: jobID,
            jobStatus: 'SUCCESS',
            result: '',
            resultSuccess: true,
            serviceMsg: '',
            serviceSuccess: true,
            timeStarted: time,
            timeFinished: time,
            requesterHost: '127.0.0.1',
            requesterResultPort: -1,
            request: '',
            requestKeyword: '',
            priority: -1,
            description: '',
          },
        },
      },
    });
    expect(await outputOf(jobID)).toEqual({ got: { a: '1' } });
  });

  it.each([
    'opt_servicemode=async',
    'opt_showresult=false',
    'OPT_ServiceMode=Async',
  ])('with %s is answered at once', async (mode) => {
    const { status, json: body } = await call(`Tests/Sleeps.fmw?${json}&${mode}`);
    const { jobID } = body.serviceResponse;
    expect([status, body]).toEqual([
      200,
      { serviceResponse: { statusInfo: { mode: 'async', status: 'success' }, jobID: expect.any(Number) } },
    ]);
    expect((await server.ask('GET', `/fmeapiv4/jobs/${jobID}`)).json.status).toMatch(/queued|running/);
    await server.ask('POST', `/fmeapiv4/jobs/${jobID}/cancel`);
  });

  it('of a workspace that fails is 200 with the status failure and the message of the job', async () => {
    const { status, json: body } = await call(`Tests/Fails.fmw?${json}`);
    expect(status).toBe(200);
    const { statusInfo, fmeTransformationResult } = body.serviceResponse;
    expect(statusInfo).toEqual({ mode: 'sync', status: 'failure', message: 'No room for row 7' });
    expect(fmeTransformationResult.fmeEngineResponse).toMatchObject({
      statusNumber: 1,
      statusMessage: 'No room for row 7',
    });
    expect(fmeTransformationResult.fmeServerResponse).toMatchObject({
      jobStatus: 'FME_FAILURE',
      resultSuccess: false,
      serviceSuccess: false,
      serviceMsg: 'No room for row 7',
    });
  });

  it('carries queue, limits, topics, directives and a description to the job', async () => {
    const { json: body } = await call(
      `Tests/Echo.fmw?${json}&tm_tag=Default&tm_ttl=60&tm_ttc=120&tm_priority=5&nm_jobsuccess_topic=A,B&nm_jobfailure_topic=C&nm_ticket=A-17&opt_requesteremail=a@b.c&opt_description=test&opt_unknown=1&x=y`,
    );
    const { jobID } = body.serviceResponse;
    expect(await requestOf(jobID)).toEqual({
      repository: 'Tests',
      workspace: 'Echo.fmw',
      publishedParameters: { x: 'y' },
      queue: 'Default',
      maxTimeInQueue: 60,
      maxJobRuntime: 120,
      successTopics: ['A', 'B'],
      failureTopics: ['C'],
      directives: { ticket: 'A-17', requesteremail: 'a@b.c' },
    });
    expect((await server.ask('GET', `/fmeapiv4/jobs/${jobID}`)).json.description).toBe('test');
    expect(body.serviceResponse.fmeTransformationResult.fmeServerResponse.description).toBe('test');
  });

  it('takes limits that are not above zero for none', async () => {
    const { json: body } = await call(`Tests/Echo.fmw?${json}&tm_ttl=-1&tm_ttc=0`);
    expect(await requestOf(body.serviceResponse.jobID)).not.toHaveProperty('maxTimeInQueue');
  });

  it('that runs out of its time ends as failure', async () => {
    const { json: body } = await call(`Tests/Sleeps.fmw?${json}&tm_ttc=1`);
    expect(body.serviceResponse.statusInfo.status).toBe('failure');
    expect(body.serviceResponse.fmeTransformationResult.fmeServerResponse.jobStatus).toBe('ABORTED');
  });

  it.each([
    ['lists as repeated names', 'location=Burnaby&location=Vancouver', ['Burnaby', 'Vancouver']],
    ['lists as one text', 'location=Burnaby,Vancouver', ['Burnaby', 'Vancouver']],
  ])('reads %s', async (_name, query, where) => {
    const { json: body } = await call(`Tutorials/10seconds.fmw?&${json}&detail=high&year=1985&${query}`);
    expect(await outputOf(body.serviceResponse.jobID)).toEqual({ where, year: 1985 });
  });

  it('reaches repositories of deep folders, with slashes encoded or not, spaces, and a slash at the end', async () => {
    for (const path of [
      'Tutorials/deep/er.fmw',
      'Tutorials%2Fdeep/er.fmw',
      'Tutorials/deep/er.fmw/',
      'Tutorials/deep/er',
    ]) {
      const { status, json: body } = await call(`${path}?${json}`);
      // The whole of it: what went wrong is in its message.
      expect([status, body.serviceResponse.statusInfo], path).toEqual([200, { mode: 'sync', status: 'success' }]);
    }
  });

  it('may be a long address', async () => {
    const area = 'x'.repeat(16_384);
    const { json: body } = await call(`Tests/Echo.fmw?${json}&area=${area}`);
    expect(await outputOf(body.serviceResponse.jobID)).toEqual({ got: { area } });
  });

  it('with the same idempotency key is answered with the same job', async () => {
    const headers = { 'idempotency-key': 'once' };
    const ids = [];
    for (let n = 0; n < 2; n++) {
      const { json: body } = await post('Tests/Echo.fmw', `${json}&a=1`, form, { headers });
      ids.push(body.serviceResponse.jobID);
    }
    expect(ids[0]).toBe(ids[1]);
    expect((await post('Tests/Echo.fmw', `${json}&a=2`, form, { headers })).status).toBe(422);
  });

  it('is not made by HEAD', async () => {
    expect((await server.ask('HEAD', `${root}/Tests/Echo.fmw`)).status).toBe(405);
  });
});

describe('a body', () => {
  it('of a form has control values and parameters, which count more than those of the address', async () => {
    const { json: body } = await post('Tests/Echo.fmw?a=1', `a=2&b=3&${json}&opt_description=form`, form);
    expect(await outputOf(body.serviceResponse.jobID)).toEqual({ got: { a: '2', b: '3' } });
  });

  it('of JSON has values by name', async () => {
    const { json: body } = await post(
      'Tests/Echo.fmw?a=1',
      JSON.stringify({ b: [1], opt_responseformat: 'json' }),
      'application/json',
    );
    expect(await outputOf(body.serviceResponse.jobID)).toEqual({ got: { a: '1', b: [1] } });
  });

  it.each([
    ['text/csv', {}, 'source.csv'],
    ['application/json', {}, 'source.json'],
    [
      'application/octet-stream',
      { 'content-disposition': 'attachment; filename="C:\\\\data\\\\towns.gpkg"' },
      'towns.gpkg',
    ],
    ['application/octet-stream', { 'content-disposition': 'attachment; filename=".."' }, 'source.bin'],
  ])('of %s is the source file of a workspace that has a parameter for one', async (type, headers, name) => {
    const { json: body } = await post(`Files/Reads.fmw?${json}`, '{"a":1}', type, { headers });
    expect(await outputOf(body.serviceResponse.jobID)).toEqual({ name, text: '{"a":1}' });
  });

  it('is one of several files where the parameter takes a list', async () => {
    const form = new FormData();
    form.append('SOURCES', new Blob(['a']), 'a.csv');
    form.append('SOURCES', new Blob(['b']), 'b.csv');
    const { json: body } = await server.ask('POST', `${root}/Files/Lists.fmw?${json}`, { raw: form });
    expect(await outputOf(body.serviceResponse.jobID)).toEqual({ texts: ['a', 'b'] });
    const one = await post(`Files/Lists.fmw?${json}`, 'c', 'text/csv');
    expect(await outputOf(one.json.serviceResponse.jobID)).toEqual({ texts: ['c'] });
  });

  it('that comes in chunks is taken too', async () => {
    const response = await fetch(`${server.url}${root}/Files/Reads.fmw?${json}`, {
      method: 'POST',
      headers: { authorization: admin, 'content-type': 'text/csv' },
      body: new Blob(['a,b\n', '1,2\n']).stream(),
      duplex: 'half',
    } as RequestInit);
    const { serviceResponse } = (await response.json()) as { serviceResponse: { jobID: number } };
    expect(await outputOf(serviceResponse.jobID)).toEqual({ name: 'source.csv', text: 'a,b\n1,2\n' });
  });

  it('that is empty is none, whatever its type', async () => {
    for (const type of ['text/csv', 'application/json', 'text/plain', form]) {
      const { status, json: body } = await post(`Files/Reads.fmw?${json}`, '', type);
      expect([type, status]).toEqual([type, 200]);
      expect(await outputOf(body.serviceResponse.jobID)).toEqual({ name: null, text: null });
    }
    expect((await post(`Tests/Echo.fmw?${json}`, '', 'text/csv')).status).toBe(200);
  });

  it.each([
    ['text/csv', 'a,b', 415, 'This workspace has no parameter for a source file.'],
    ['application/json', '[1]', 400, 'a JSON body must be an object of values'],
    ['application/json', '{"a":', 400, 'Request body is missing or is not valid JSON.'],
  ])('of %s that cannot be taken is refused: %s', async (type, raw, status, message) => {
    const answer = await post(`Tests/Echo.fmw?${json}`, raw, type);
    expect(answer.status).toBe(status);
    expect(answer.json.serviceResponse.statusInfo.message).toContain(message);
  });

  it('of a multipart form has values, and files for the parameters their fields are named after', async () => {
    const form = new FormData();
    form.set('NOTE', 'hi');
    form.set('SOURCE', new Blob(['a,b\n']), 'my towns.csv');
    form.set('opt_responseformat', 'json');
    const { status, json: body } = await server.ask('POST', `${root}/Files/Reads.fmw`, { raw: form });
    expect(status).toBe(200);
    expect(await outputOf(body.serviceResponse.jobID)).toEqual({ name: 'my towns.csv', text: 'a,b\n' });
    expect((await requestOf(body.serviceResponse.jobID)).publishedParameters).toEqual({
      NOTE: 'hi',
      SOURCE: 'my towns.csv',
    });
    const other = new FormData();
    other.set('file', new Blob(['c']), 'C:\\data\\c.bin');
    const odd = await server.ask('POST', `${root}/Files/Reads.fmw?${json}`, { raw: other });
    expect(await outputOf(odd.json.serviceResponse.jobID)).toEqual({ name: 'c.bin', text: 'c' });
    const none = await server.ask('POST', `${root}/Tests/Echo.fmw?${json}`, { raw: other });
    expect(none.status).toBe(415);
  });

  it('may give way to an address of the source', async () => {
    const { json: body } = await call(
      `Files/Reads.fmw?${json}&opt_geturl=http://example.com/a.csv&opt_servicemode=async`,
    );
    expect((await requestOf(body.serviceResponse.jobID)).publishedParameters).toEqual({
      SOURCE: 'http://example.com/a.csv',
    });
  });
});

describe('the form of an answer', () => {
  it.each([
    ['is XML without a wish', '', {}, 'application/xml'],
    [
      'is XML for a Java client that would take HTML',
      '',
      { accept: 'text/html, image/gif, image/jpeg, */*; q=.2' },
      'application/xml',
    ],
    ['is JSON for who asks for it in the header', '', { accept: 'application/json' }, 'application/json'],
    [
      'is a page for browsers',
      '',
      { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' },
      'text/html',
    ],
    [
      'is what the address says',
      '&opt_responseformat=JSON',
      { accept: 'text/html,application/xhtml+xml' },
      'application/json',
    ],
    ['is what the address says', '&opt_responseformat=html', {}, 'text/html'],
  ])('%s', async (_name, query, headers, type) => {
    const answer = await call(`Tests/Fails.fmw?x=1${query}`, { headers: headers as Record<string, string> });
    expect(answer.headers.get('content-type')).toBe(`${type}; charset=utf-8`);
    expect(answer.text).toContain('No room for row 7');
  });

  it('in XML has the same tree', async () => {
    const { text } = await call('Tests/Sleeps.fmw?opt_servicemode=async');
    expect(text).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?>\n<serviceResponse><statusInfo><mode>async<\/mode><status>success<\/status><\/statusInfo><jobID>\d+<\/jobID><\/serviceResponse>\n$/,
    );
  });

  it('keeps names and texts of clients from becoming markup', async () => {
    const odd = '<b>&"\u0001';
    const path = `Tests/${encodeURIComponent(odd)}.fmw`;
    const xml = await call(path);
    expect([xml.status, xml.text.includes('<b>'), xml.text.includes('\u0001')]).toEqual([404, false, false]);
    const html = await call(`${path}?opt_responseformat=html`);
    expect([html.status, html.text.includes('<b>')]).toEqual([404, false]);
  });
});

describe('an error', () => {
  const hidden = (user: string) =>
    `Unauthorized request by user ${user} due to lack of proper permissions or the object does not exist.`;
  it.each([
    ['Nowhere/Echo.fmw?x=1', 404, hidden('admin')],
    ['Echo.fmw?x=1', 404, hidden('admin')],
    ['Tests/Nothing.fmw?x=1', 404, 'Item Nothing.fmw does not exist.'],
    [
      'Tutorials/10seconds.fmw?year=soon',
      422,
      'Published Parameter Validation Failed: location: A value is required; year: ',
    ],
    ['Tests/Echo.fmw?tm_tag=none', 422, 'Queue "none" does not exist.'],
    [
      'Tests/Echo.fmw?opt_servicemode=later',
      400,
      'Parameter Validation Failed: opt_servicemode: must be one of sync, async',
    ],
    ['Tests/Echo.fmw?tm_ttl=soon', 400, 'Parameter Validation Failed: tm_ttl: must be an integer'],
  ])('%s is %i in the shape of the services', async (path, status, message) => {
    const answer = await call(`${path}&${json}`);
    expect([answer.status, Object.keys(answer.json.serviceResponse)]).toEqual([status, ['statusInfo']]);
    expect(answer.json.serviceResponse.statusInfo.status).toBe('failure');
    expect(answer.json.serviceResponse.statusInfo.message).toContain(message);
    const xml = await call(path);
    expect([xml.status, xml.headers.get('content-type')]).toEqual([status, 'application/xml; charset=utf-8']);
    expect(xml.text).toContain('<status>failure</status>');
  });

  it('hides what the caller may not see', async () => {
    await server.ask('PUT', '/permissions', {
      body: { path: '/Tutorials/deep', user: 'admin', actions: ['run', 'read'] },
    });
    await server.ask('PUT', '/permissions', { body: { path: '/Tutorials/deep', user: 'mary', actions: [] } });
    const { status, json: body } = await call(`Tutorials/deep/er.fmw?${json}`, {
      auth: basic('mary', 'a long password'),
    });
    expect([status, body]).toEqual([404, failure(hidden('mary'))]);
  });
});

describe('signing in', () => {
  it('is asked for with a challenge for Basic, which the next request answers', async () => {
    const first = await call(`Tests/Echo.fmw?${json}`, { auth: false });
    expect([first.status, first.headers.get('www-authenticate'), first.json]).toEqual([
      401,
      challenge,
      failure('Unauthorized request. Credentials are missing, invalid or expired.'),
    ]);
    expect((await call(`Tests/Echo.fmw?${json}`)).status).toBe(200);
  });

  it('takes a token in the header, the address or a form, and never gives it to the workspace', async () => {
    const secret = await token();
    const ways = [
      call(`Tests/Echo.fmw?${json}`, { auth: `fmetoken token=${secret}` }),
      call(`Tests/Echo.fmw?${json}&token=${secret}`, { auth: false }),
      call(`Tests/Echo.fmw?${json}&fmetoken=${secret}`, { auth: false }),
      post(`Tests/Echo.fmw?${json}`, `token=${secret}`, form, { auth: false }),
      post(`Tests/Echo.fmw?${json}`, `fmetoken=${secret}`, form, { auth: false }),
    ];
    for (const { status, json: body } of await Promise.all(ways)) {
      expect(status).toBe(200);
      expect(await outputOf(body.serviceResponse.jobID)).toEqual({ got: {} });
    }
    expect(server.log()).not.toContain(secret);
  });

  it.each([
    ['a wrong token in the address', 'token=0011', undefined],
    ['a wrong token in a form', '', 'token=0011'],
  ])('refuses %s', async (_name, query, raw) => {
    const path = `Tests/Echo.fmw?${json}&${query}`;
    const answer = raw === undefined ? await call(path, { auth: false }) : await post(path, raw, form, { auth: false });
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, challenge]);
  });

  it('with a password the browser lends to a page of another site is refused', async () => {
    const { status } = await call(`Tests/Echo.fmw?${json}`, { headers: { 'sec-fetch-site': 'cross-site' } });
    expect(status).toBe(403);
    for (const [origin, expected] of [
      ['https://maps.example', 200],
      ['https://evil.example', 403],
    ] as const) {
      const headers = { 'sec-fetch-site': 'cross-site', origin };
      expect((await call(`Tests/Echo.fmw?${json}`, { headers })).status, origin).toBe(expected);
    }
    const secret = await token();
    const own = await call(`Tests/Echo.fmw?${json}&token=${secret}`, {
      auth: false,
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    expect(own.status).toBe(200);
  });
});
