import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Server, startServer, v4 } from './jobs-support.ts';
import { readXml } from './xml.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const job = (uuid: string) => `${v4}/jobs/${uuid}`;
const file = (text: string, type = 'text/csv') => new Blob([text], { type });
/** A form as multipart clients write it. */
const form = (...parts: [name: string, value: Blob | string, filename?: string][]) => {
  const made = new FormData();
  for (const [name, value, filename] of parts) {
    if (typeof value === 'string') made.append(name, value);
    else made.append(name, value, filename);
  }
  return made;
};
const post = (path: string, raw: FormData | string, type?: string) =>
  server.ask('POST', path, { raw, ...(type === undefined ? {} : { type }) });
const resource = (uuid: string, name: string) =>
  server.ask('GET', `${job(uuid)}/output-resources/${name}`, { headers: { accept: 'application/octet-stream' } });

describe('a workflow with a file in and a file out', () => {
  it('takes the file as the part of its name, and gives its result as a resource', async () => {
    const loaded = await server.load('files');
    expect(loaded.inputResources).toEqual({ 'file-upload-211:210': '', 'extra-1': '' });
    expect(loaded.inputParameters).toEqual({ 'line-count-3': { integer: 1 } });
    expect((await resource(loaded.id, 'result-file-918:917')).status).toBe(404);

    const body =
      '--XX\r\nContent-Disposition: form-data; name="file-upload-211:210"; filename="prices.csv"\r\nContent-Type: text/csv\r\n\r\na;b\n1;2\n3;4\n\r\n' +
      '--XX\r\nContent-Disposition: form-data; name="line-count-3"\r\nContent-Type: application/json\r\n\r\n{"integer":2}\r\n--XX--\r\n';
    const { status, json } = await post(job(loaded.id), body, 'multipart/form-data; boundary=XX');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      state: 'EXECUTION_FINISHED',
      inputResources: { 'file-upload-211:210': 'prices.csv', 'extra-1': '' },
      inputParameters: { 'line-count-3': { integer: 2 } },
      outputValues: { lines: 2 },
      outputResources: { 'result-file-918:917': 'result-file-918:917', 'names.txt': 'names.txt' },
    });
    const result = await resource(loaded.id, 'result-file-918:917');
    expect([result.status, result.text]).toEqual([200, 'a;b\n1;2\n']);
    expect(result.headers.get('content-disposition')).toBe('attachment; filename="cut.csv"');
    expect(result.headers.get('content-type')).toMatch(/^text\/csv/);
    const unknown = await server.ask('GET', `${job(loaded.id)}/output-resources/none`);
    expect([unknown.status, unknown.json.title]).toEqual([
      404,
      expect.stringContaining('there are: "result-file-918:917", "names.txt"'),
    ]);
  });

  it('keeps the file for its next run, until another takes its place', async () => {
    const { id } = await server.load('files');
    await post(job(id), form(['file-upload-211:210', file('one\n'), 'one.csv']));
    const again = await server.ask('POST', job(id), { body: {} });
    expect(again.json.inputResources['file-upload-211:210']).toBe('one.csv');
    expect((await resource(id, 'names.txt')).text).toBe('one.csv\n');
    await post(job(id), form(['file-upload-211:210', file('two\n'), 'two.csv']));
    expect((await resource(id, 'names.txt')).text).toBe('two.csv\n');
    expect((await resource(id, 'result-file-918:917')).text).toBe('two\n');
  });

  it('keeps two files of one name apart, in one request and in two', async () => {
    const { id } = await server.load('files');
    await post(
      job(id),
      form(['file-upload-211:210', file('a\n'), 'x.csv'], ['extra-1', file('b\n'), 'C:\\tmp\\x.csv']),
    );
    expect((await resource(id, 'names.txt')).text).toBe('extra-1-x.csv\nx.csv\n');
    const { json } = await post(job(id), form(['extra-1', file('c\n'), 'x.csv']));
    expect(json.inputResources).toEqual({ 'file-upload-211:210': 'x.csv', 'extra-1': 'extra-1-x.csv' });
    expect((await resource(id, 'result-file-918:917')).text).toBe('a\n');
  });

  it.each(['execution', 'execute', 'job-pool'])('runs in one step at :%s', async (action) => {
    const { status, json } = await post(
      server.guest(`files:${action}`),
      form(['file-upload-211:210', file('a\nb\n'), 'in.csv'], ['line-count-3', '2']),
    );
    expect([status, json.outputValues]).toEqual([200, { lines: 2 }]);
    expect((await server.ask('GET', job(json.id))).status).toBe(404);
  });

  it('takes a job with its file from the beginning', async () => {
    const { status, json } = await post(
      server.guest('files:jobs'),
      form(['file-upload-211:210', file('a\n'), 'in.csv']),
    );
    expect([status, json.inputResources['file-upload-211:210']]).toEqual([201, 'in.csv']);
    expect((await server.ask('POST', job(json.id))).json.outputValues).toEqual({ lines: 1 });
  });

  it('without its file is refused in the words of the original', async () => {
    const { id } = await server.load('files');
    for (const { status, json } of [
      await server.ask('POST', job(id), { body: {} }),
      await server.ask('POST', server.guest('files:execution'), { body: {} }),
    ]) {
      expect([status, json.title]).toEqual([400, expect.stringContaining('does not have an input resource')]);
    }
  });

  it.each([
    ['an unknown part', form(['nope', file('a'), 'a.csv']), 400, 'valid parameter names are'],
    ['an unknown field', form(['nope', '1']), 400, 'valid parameter names are'],
  ])('refuses %s', async (_what, raw, status, message) => {
    const answer = await post(server.guest('files:execution'), raw);
    expect([answer.status, answer.json.title]).toEqual([status, expect.stringContaining(message)]);
  });

  it('reads a parameter that comes as a file, and a broken form is 400', async () => {
    const { json } = await post(
      server.guest('files:execution'),
      form(
        ['file-upload-211:210', file('a\nb\nc\n'), 'in.csv'],
        ['line-count-3', file('{"integer":3}', 'application/json'), 'blob'],
      ),
    );
    expect(json.outputValues).toEqual({ lines: 3 });
    const broken = await post(server.guest('files:execution'), '--XX\r\nnothing', 'multipart/form-data; boundary=XX');
    expect(broken.status).toBe(400);
    const cut =
      '--XX\r\nContent-Disposition: form-data; name="file-upload-211:210"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\na;b';
    expect((await post(server.guest('files:execution'), cut, 'multipart/form-data; boundary=XX')).status).toBe(400);
  });

  it('refuses a file that is too large, naming the setting', async () => {
    const small = await startServer({}, { MILLRACE_UPLOAD_LIMIT: '1MiB' });
    try {
      const { status, json } = await small.ask('POST', small.guest('files:execution'), {
        raw: form(['file-upload-211:210', file('x'.repeat(2 ** 21)), 'big.csv']),
      });
      expect([status, json.title]).toEqual([413, expect.stringContaining('file-upload-211:210')]);
    } finally {
      await small.stop();
    }
  });
});

describe('a file that cannot be', () => {
  it.each([
    ['a control character', 'a\u0001b.csv'],
    ['more than 255 bytes', `${'x'.repeat(300)}.csv`],
  ])('has %s in its name, and is refused', async (_what, name) => {
    const body = `--XX\r\nContent-Disposition: form-data; name="file-upload-211:210"; filename="${name}"\r\n\r\na\r\n--XX--\r\n`;
    const { status, json } = await post(server.guest('files:execution'), body, 'multipart/form-data; boundary=XX');
    expect([status, json.title]).toEqual([400, expect.stringContaining('A file cannot be named')]);
  });

  it('is named by the parameter, and was never sent', async () => {
    const { id } = await server.load('files');
    const body = { 'file-upload-211:210': '../../etc/passwd' };
    for (const [method, path, sent] of [
      ['POST', server.guest('files:execution'), body],
      ['POST', server.guest('files:jobs'), body],
      ['POST', job(id), body],
      ['PUT', job(id), { inputParameters: body }],
    ] as const) {
      const { status, json } = await server.ask(method, path, { body: sent });
      expect([status, json.title], path).toEqual([400, expect.stringContaining('does not have an input resource')]);
    }
    await post(job(id), form(['file-upload-211:210', file('one\n'), 'one.csv']));
    const named = await server.ask('POST', job(id), { body: { 'file-upload-211:210': 'one.csv' } });
    expect([named.status, named.json.state]).toEqual([200, 'EXECUTION_FINISHED']);
  });
});

describe('what else a job left', () => {
  it('is its log as text, and no report', async () => {
    const { id } = await server.load('fails');
    await server.ask('POST', job(id));
    const log = await server.ask('GET', `${job(id)}/log`);
    expect([log.status, log.headers.get('content-type')]).toEqual([200, 'text/plain;charset=UTF-8']);
    expect(log.text).toMatch(/ : WARN : \/do\/0\/warn : something is odd\n/);
    const report = await server.ask('GET', `${job(id)}/report?format=PDF`);
    expect([report.status, report.json.title]).toEqual([400, expect.stringContaining('makes no report')]);
    for (const what of ['log', 'report']) {
      expect((await server.ask('GET', `${job('f0a7f5a2-13f1-4b7e-9a50-3b8a0c7c2f6e')}/${what}`)).status).toBe(404);
    }
  });

  it('is what the workflow consists of, as JSON and as XML, with the end of each node where asked for', async () => {
    const { id } = await server.load('fails');
    await server.ask('POST', job(id));
    const ask = (query: string) => server.ask('GET', `${job(id)}/workflow-summary${query}`);
    const plain = await ask('');
    expect([plain.status, plain.json.workflow.name]).toEqual([200, 'fails']);
    expect(plain.json.workflow.nodes).toEqual([
      { id: expect.stringMatching(/^\d+:1$/), name: 'warn', type: 'run:shell', successors: ['Kafka Connector'] },
      { id: expect.stringMatching(/^\d+:2$/), name: 'Kafka Connector', type: 'raise' },
    ]);
    const { json } = await ask('?format=json&includeExecutionInfo=True');
    expect(json.workflow.nodes).toMatchObject([
      { name: 'warn', state: 'EXECUTED', executionStatistics: { executions: 1 } },
      {
        name: 'Kafka Connector',
        state: 'FAILED',
        nodeMessage: { type: 'ERROR', message: 'Cannot connect to server.' },
      },
    ]);
    const xml = await ask('?format=XML&includeExecutionInfo=true');
    expect(xml.headers.get('content-type')).toBe('application/xml;charset=UTF-8');
    readXml(xml.text);
    expect(xml.text).toContain('<name>Kafka Connector</name><type>raise</type><state>FAILED</state>');
    expect((await ask('?format=PDF')).status).toBe(400);
    expect((await server.ask('GET', `${job('f0a7f5a2-13f1-4b7e-9a50-3b8a0c7c2f6e')}/workflow-summary`)).status).toBe(
      404,
    );
  });
});
