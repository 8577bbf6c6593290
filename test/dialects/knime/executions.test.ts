import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../src/stores/sqlite/driver.ts';
import { basic } from '../server.ts';
import { type Server, startServer, v4 } from './jobs-support.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const table = {
  'table-spec': [{ colors: 'string' }, { vote: 'long' }],
  'table-data': [
    ['blau', 42],
    ['gelb', -1],
  ],
};
const execute = (name: string, body?: unknown, query = '') =>
  server.ask('POST', server.guest(`${name}:execution${query}`), body === undefined ? {} : { body });
const count = async () => (await server.ask('GET', `${v4}/jobs`)).json.jobs.length;

describe('POST {path}:execution', () => {
  it('answers the job with its values, in the order of members clients have seen', async () => {
    const { status, json, headers } = await execute('test20190410', { 'input-2': table }, '?timeout=10000&reset=True');
    expect([status, headers.get('content-type')]).toEqual([200, 'application/vnd.mason+json;charset=UTF-8']);
    expect(Object.keys(json)).toEqual([
      'id',
      'name',
      'workflow',
      'owner',
      'state',
      'createdAt',
      'startedExecutionAt',
      'finishedExecutionAt',
      'createdVia',
      'isOutdated',
      'isSwapped',
      'hasReport',
      'discard',
      'discardAfterSuccessfulExec',
      'discardAfterFailedExec',
      'configuration',
      'notifications',
      'actions',
      'nodeMessages',
      'inputParameters',
      'outputValues',
      '@namespaces',
      '@controls',
    ]);
    expect(json).toMatchObject({
      workflow: '/Users/guest/test20190410',
      owner: 'admin',
      state: 'EXECUTION_FINISHED',
      createdVia: 'generic client',
      discard: true,
      discardAfterSuccessfulExec: true,
      discardAfterFailedExec: true,
      nodeMessages: [],
      inputParameters: { 'input-2': table },
      outputValues: { 'output-1': table },
      '@controls': {},
    });
    expect(json.name).toMatch(/^test20190410 \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d$/);
    expect(json.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)\[[\w/+-]+\]$/);
  });

  it('throws the job away: it is in no list, and not found by its id', async () => {
    const before = await count();
    const { json } = await execute('test20190410', {});
    expect(await count()).toBe(before);
    expect((await server.ask('GET', `${v4}/jobs/${json.id}`)).status).toBe(404);
    expect((await server.ask('GET', `${v4}/jobs/${json.id}/output-resources/x`)).status).toBe(404);
    const kept = openDatabase(join(server.data, 'millrace.db'), { readonly: true })
      .prepare('SELECT state FROM history WHERE workflow = ? AND dialect = ?')
      .all('/Users/guest/test20190410', 'knime');
    expect(kept).toContainEqual({ state: 'completed' });
  });

  it('keeps numbers to the last digit', async () => {
    const raw =
      '{"input-2":{"table-spec":[{"n":"long"},{"d":"double"}],"table-data":[[9223372036854775807,42.0],[42,0.5]]}}';
    const { text } = await server.ask('POST', server.guest('test20190410:execution'), {
      raw,
      type: 'application/json',
    });
    const sent = raw.slice('{"input-2":'.length, -1);
    expect(text).toContain(`"outputValues":{"output-1":${sent}}`);
    expect(text).toContain(`"inputParameters":{"input-2":${sent}}`);
  });

  it.each([
    ['no body at all', undefined],
    ['an empty object', {}],
    ['null for an input', { 'input-2': null }],
  ])('with %s runs with the default', async (_what, body) => {
    const { json } = await execute('test20190410', body);
    expect(json.outputValues['output-1']['table-data']).toEqual([['rot', 1]]);
  });

  it('takes the short name of a parameter, and wrapped values as bare ones', async () => {
    expect((await execute('test20190410', { input: table })).json.outputValues['output-1']).toEqual(table);
    const wrapped = {
      'line-count-3': { integer: 2 },
      'json-input-57': { jsonvalue: [{ smiles: 'CCO' }], id: 'json-input' },
      variable: { mode: 'slow' },
      db: { isEncrypted: false, credentials: [{ id: 'db', user: 'scott', password: 'tiger' }] },
    };
    const { status, json, text } = await execute('kinds', { ...wrapped, variable: undefined });
    expect(status).toBe(200);
    expect(Object.entries(json.outputValues)).toEqual([
      ['z', 2],
      ['a', [{ smiles: 'CCO' }]],
      ['m', 'fast'],
      ['user', 'scott'],
      ['secret', 5],
      ['note', 'none'],
    ]);
    expect(json.inputParameters.db.credentials).toEqual([{ id: 'db', user: 'scott', password: '*************' }]);
    expect(text).not.toContain('tiger');
  });

  it('of a workflow that fails is 200, with the reason in the last message', async () => {
    const { status, json } = await execute('fails', {});
    expect([status, json.state]).toEqual([200, 'EXECUTION_FAILED']);
    expect(json.nodeMessages.at(-1)).toMatchObject({
      messageType: 'ERROR',
      message: 'Execute failed: Cannot connect to server.',
    });
    expect(json.nodeMessages.at(-1).node).toMatch(/^Kafka Connector \d+:2$/);
    expect(json.outputValues).toEqual({});
  });

  it.each([0, '0'])('with timeout=%s is 504, however quick the workflow is', async (timeout) => {
    const { status, json } = await execute('test20190410', {}, `?timeout=${timeout}`);
    expect([status, json.status]).toEqual([504, 504]);
  });

  it.each(['sleeps', 'busy'])('of %s over its timeout is 504, and the job is gone', async (name) => {
    const before = await count();
    const { status, json } = await execute(name, {}, '?timeout=300');
    expect([status, json.title]).toEqual([504, expect.stringContaining('did not end within 300 ms')]);
    expect(await count()).toBe(before);
    const unfinished = async () =>
      (await server.ask('GET', '/jobs?state=running,waiting,queued')).json.items.filter(
        ({ workflow }: { workflow: string }) => workflow === `/Users/guest/${name}`,
      );
    for (let tries = 0; (await unfinished()).length > 0 && tries < 200; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(await unfinished()).toEqual([]);
  });

  it.each([
    [
      { nope: 1 },
      `Parameter name "nope" doesn't match any node in the workflow, valid parameter names are: ["input-2"]`,
    ],
    [{ 'input-2': 7 }, 'Parameter "input-2": a table is'],
  ])('with %j is refused in the words of the original', async (body, message) => {
    const { status, json } = await execute('test20190410', body);
    expect([status, json.title]).toEqual([400, expect.stringContaining(message)]);
  });

  it('names every parameter that does not fit', async () => {
    const { status, json } = await execute('kinds', { 'line-count-3': 0, note: 7 });
    expect(status).toBe(400);
    expect(json.details).toEqual([
      'Parameter "line-count-3" must be a number from 1; found 0.',
      'Parameter "note" must be a string; found 7.',
    ]);
    const missing = await execute('kinds', {});
    expect([missing.status, missing.json.title]).toEqual([400, expect.stringMatching(/"line-count-3".* is missing/)]);
  });

  it.each([
    ['[1]', 'must be a JSON object'],
    ['"x"', 'must be a JSON object'],
    ['{"input-2":', 'not valid JSON'],
  ])('with the body %s is 400', async (raw, message) => {
    const { status, json } = await server.ask('POST', server.guest('test20190410:execution'), {
      raw,
      type: 'application/json',
    });
    expect([status, json.title]).toEqual([400, expect.stringContaining(message)]);
  });

  it('says where in a parameter a value does not fit', async () => {
    const { status, json } = await execute('rows', {
      'rows-3': { 'table-spec': [{ name: 'string' }], 'table-data': [['a'], ['b'.repeat(9)]] },
    });
    expect([status, json.title]).toEqual([400, expect.stringContaining('Parameter "rows-3" at 1/name: "name" must')]);
  });

  it('takes null for a missing cell: the default stands in, or nothing', async () => {
    const { json } = await execute('rows', {
      'rows-3': {
        'table-spec': [{ name: 'string' }, { n: 'long' }, { d: 'double' }],
        'table-data': [['a', null, null]],
      },
      'row-4': { n: null, d: null },
    });
    expect(json.state).toBe('EXECUTION_FINISHED');
    expect(json.outputValues).toEqual({ rows: [{ name: 'a', d: 0.5 }], row: { d: 0.5 } });
    expect(json.inputParameters['rows-3']['table-data']).toEqual([['a', null, 0.5]]);
    const missing = await execute('rows', { 'rows-3': { 'table-spec': [{ name: 'string' }], 'table-data': [[null]] } });
    expect([missing.status, missing.json.title]).toEqual([400, expect.stringContaining('"name" is missing')]);
  });

  it('shows a number that is larger than any', async () => {
    const { json } = await server.ask('POST', server.guest('test20190410:execution'), {
      raw: '{"input-2":{"table-spec":[{"a":"double"}],"table-data":[[1e400]]}}',
      type: 'application/json',
    });
    expect(json.title).toContain('Infinity is not a double');
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/octet-stream',
    'image/png',
  ])('takes an empty body that is called %s, and no other', async (type) => {
    const send = (raw: string) => server.ask('POST', server.guest('test20190410:execution'), { raw, type });
    expect((await send('')).status).toBe(200);
    const { status, json } = await send('{}');
    expect([status, json.title]).toEqual([415, expect.stringContaining('Content-Type: application/json')]);
  });

  it('of an item that is no workflow is 400', async () => {
    for (const action of ['execution', 'jobs']) {
      const { status, json } = await server.ask('POST', `${v4}/repository/Users/guest:${action}`, { body: {} });
      expect([status, json.title]).toEqual([400, "Item '/Users/guest' is not a workflow."]);
    }
  });

  it('takes the last of a timeout that is given twice', async () => {
    expect((await execute('test20190410', {}, '?timeout=0&timeout=20000')).status).toBe(200);
  });

  it.each(['abc', '1.5', '-2'])('with timeout=%s is 400', async (timeout) => {
    expect((await execute('test20190410', {}, `?timeout=${timeout}`)).status).toBe(400);
  });

  it.each(['execution', 'execute', 'job-pool', 'jobs'])('of an unknown workflow is 404 at :%s', async (action) => {
    const { status, json } = await server.ask('POST', server.guest(`not_there_00:${action}`), { body: {} });
    expect([status, json.title]).toEqual([404, "Item '/Users/guest/not_there_00' does not exist."]);
  });

  it.each(['execute', 'job-pool'])('answers under the name %s too', async (action) => {
    const { status, json } = await server.ask('POST', server.guest(`test20190410:${action}`), {
      body: { 'input-2': table },
    });
    expect([status, json.outputValues['output-1']]).toEqual([200, table]);
  });

  it('answers plain JSON to who asks for it', async () => {
    const { headers } = await server.ask('POST', server.guest('test20190410:execution'), {
      headers: { accept: 'application/json' },
    });
    expect(headers.get('content-type')).toBe('application/json;charset=UTF-8');
  });

  it('needs a sign-in and the right to run', async () => {
    const path = server.guest('test20190410:execution');
    expect((await server.ask('POST', path, { auth: false, body: {} })).status).toBe(401);
    await server.ask('POST', '/users', { body: { name: 'vera', password: 'a long password', roles: ['viewer'] } });
    expect((await server.ask('POST', path, { auth: basic('vera', 'a long password'), body: {} })).status).toBe(403);
  });

  it('runs a workflow that declares nothing with whatever it is sent', async () => {
    const { json } = await execute('echo', { any: [1, { b: null }] });
    expect(json.outputValues).toEqual({ got: { any: [1, { b: null }] } });
  });
});

describe('GET {path}:execution', () => {
  it('has no HEAD: nothing is run for who asks for headers alone', async () => {
    const { status, headers } = await server.ask('HEAD', server.guest('test20190410:execution'));
    expect([status, headers.get('allow')]).toEqual([405, 'POST, GET']);
  });

  it('takes parameters from the query, as JSON or as text', async () => {
    const query = `line-count-3=2&pm:note=${encodeURIComponent('two words')}&json-input=${encodeURIComponent('[1,2]')}&unknown=1`;
    const { status, json } = await server.ask('GET', server.guest(`kinds:execution?${query}`));
    expect(status).toBe(200);
    expect(json.outputValues).toMatchObject({ z: 2, a: [1, 2], note: 'two words' });
  });

  it('refuses what is named as a parameter and is none, and answers 504 in no time', async () => {
    const ask = (query: string) => server.ask('GET', server.guest(`test20190410:execution?${query}`));
    expect((await ask('pm:nope=1')).json.title).toContain('valid parameter names are: ["input-2"]');
    expect((await ask('timeout=0')).status).toBe(504);
    expect((await ask('')).json.outputValues['output-1']['table-data']).toEqual([['rot', 1]]);
  });
});
