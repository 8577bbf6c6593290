import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic } from '../server.ts';
import { type Server, startServer, v4 } from './jobs-support.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
  await server.ask('POST', '/users', { body: { name: 'guest', password: 'a long password', roles: ['user'] } });
});
afterAll(() => server.stop());

const guest = basic('guest', 'a long password');
const table = {
  'table-spec': [{ colors: 'string' }, { vote: 'long' }],
  'table-data': [
    ['blau', 42],
    ['gelb', -1],
  ],
};
const job = (uuid: string) => `${v4}/jobs/${uuid}`;
const run = (uuid: string, body?: unknown, query = '') =>
  server.ask('POST', `${job(uuid)}${query}`, body === undefined ? {} : { body });
const get = (uuid: string) => server.ask('GET', job(uuid));

describe('POST {path}:jobs', () => {
  it('without body and content type loads a job: Location, id and link all lead to it', async () => {
    const { status, json, headers } = await server.ask('POST', server.guest('test20190410:jobs'));
    expect(status).toBe(201);
    const address = `${server.url}${job(json.id)}`;
    expect(headers.get('location')).toBe(address);
    expect(json).toMatchObject({
      workflow: '/Users/guest/test20190410',
      owner: 'admin',
      state: 'CONFIGURED',
      createdVia: 'generic client',
      isOutdated: false,
      isSwapped: false,
      hasReport: false,
      discard: false,
      configuration: {},
      notifications: {},
      actions: [],
      nodeMessages: [],
      inputParameters: {
        'input-2': { 'table-spec': [{ colors: 'string' }, { vote: 'long' }], 'table-data': [['rot', 1]] },
      },
      '@namespaces': { knime: { name: 'http://www.knime.com/server/rels#' } },
    });
    expect(json.outputValues).toBeUndefined();
    expect(json.startedExecutionAt).toBeUndefined();
    expect(json['@controls']).toEqual({
      self: { href: address, method: 'GET' },
      'knime:execute-job': {
        href: `${address}{?async}`,
        isHrefTemplate: true,
        method: 'POST',
        encoding: 'Json',
        title: 'Execute job',
        template: json.inputParameters,
      },
      edit: { href: address, method: 'PUT', encoding: 'Json' },
      'knime:delete': { href: address, method: 'DELETE' },
      'knime:workflow': { href: `${server.url}${v4}/repository/Users/guest/test20190410`, method: 'GET' },
    });
  });

  it.each([
    ['{}', '{}'],
    ['nothing but a content type', ''],
  ])('with %s loads one too, also where parameters are still missing', async (_what, raw) => {
    const { status, json } = await server.ask('POST', server.guest('kinds:jobs'), { raw, type: 'application/json' });
    expect([status, json.state]).toEqual([201, 'CONFIGURED']);
    expect(json.inputParameters).toEqual({ 'variable-input': { mode: 'fast' }, note: 'none' });
  });

  it('sets parameters that come along, and passes over settings of newer clients', async () => {
    const body = { note: 'early', inputParameters: { 'line-count-3': 4 }, configuration: {}, actions: [] };
    const { json } = await server.ask('POST', server.guest('kinds:jobs'), { body });
    expect(json.inputParameters).toMatchObject({ note: 'early', 'line-count-3': 4 });
    const { status } = await server.ask('POST', server.guest('kinds:jobs'), { body: { nope: 1 } });
    expect(status).toBe(400);
  });

  it('with timeout=0 is 504', async () => {
    const { status, json } = await server.ask('POST', server.guest('kinds:jobs?timeout=0'));
    expect([status, json.title]).toEqual([504, expect.stringContaining("job wasn't loaded within")]);
  });

  it('answers the same job for the same idempotency key', async () => {
    const ask = () => server.ask('POST', server.guest('kinds:jobs'), { headers: { 'idempotency-key': 'load-1' } });
    expect((await ask()).json.id).toBe((await ask()).json.id);
  });
});

describe('POST /jobs/{uuid}', () => {
  it('runs the job, and again with other input, under one id', async () => {
    const { id } = await server.load('test20190410');
    const first = await run(id, { 'input-2': table });
    expect(first.status).toBe(200);
    expect(first.json).toMatchObject({ id, state: 'EXECUTION_FINISHED', outputValues: { 'output-1': table } });
    const read = await get(id);
    expect(read.json).toEqual(first.json);
    const other = { ...table, 'table-data': [['rosa', 7]] };
    const second = await run(id, { input: other });
    expect(second.json).toMatchObject({
      id,
      inputParameters: { 'input-2': other },
      outputValues: { 'output-1': other },
    });
    expect((await get(id)).json).toEqual(second.json);
    expect([second.json.name, second.json.createdAt]).toEqual([first.json.name, first.json.createdAt]);
    expect(second.json['@controls'].self.href).toBe(`${server.url}${job(id)}`);
  });

  it.each([
    ['{}', {}],
    ['nothing', undefined],
  ])('with %s runs with what is set; inputs stay set, and null sets one back', async (_what, body) => {
    const { id } = await server.load('kinds');
    const outputs = async (values: unknown) => (await run(id, values)).json.outputValues;
    expect(await outputs({ 'line-count-3': { integer: 2 }, note: 'x' })).toMatchObject({ z: 2, note: 'x' });
    expect(await outputs(body)).toMatchObject({ z: 2, note: 'x' });
    expect(await outputs({ note: null })).toMatchObject({ z: 2, note: 'none' });
    expect((await run(id, { 'line-count-3': null })).status).toBe(400);
    expect(await outputs(body)).toMatchObject({ z: 2, note: 'none' });
  });

  it('keeps secrets between runs, and shows none', async () => {
    const { id } = await server.load('kinds');
    const credentials = { credentials: [{ id: 'db', user: 'scott', password: 'tiger' }] };
    const first = await run(id, { 'line-count-3': 1, db: credentials });
    expect(first.json.outputValues).toMatchObject({ user: 'scott', secret: 5 });
    expect(first.text).not.toContain('tiger');
    const again = await run(id, first.json['@controls']['knime:execute-job'].template);
    expect(again.json.outputValues).toMatchObject({ user: 'scott', secret: 5 });
    expect(server.log()).not.toContain('tiger');
  });

  it('without what is required is 400, and the job waits on', async () => {
    const { id } = await server.load('kinds');
    const { status, json } = await run(id, {});
    expect([status, json.title]).toEqual([400, expect.stringContaining('"line-count-3"')]);
    expect((await get(id)).json.state).toBe('CONFIGURED');
  });

  it('that fails is 200, and can run again', async () => {
    const { id } = await server.load('fails');
    for (let n = 0; n < 2; n++) {
      const { status, json } = await run(id, {});
      expect([status, json.state, json.outputValues]).toEqual([200, 'EXECUTION_FAILED', {}]);
      expect(json.nodeMessages).toEqual([
        { node: expect.stringMatching(/^warn \d+:1$/), messageType: 'WARNING', message: 'something is odd' },
        {
          node: expect.stringMatching(/^Kafka Connector \d+:2$/),
          messageType: 'ERROR',
          message: 'Execute failed: Cannot connect to server.',
        },
      ]);
    }
  });

  it('with async=true answers at once; meanwhile nothing of it can be changed', async () => {
    const { id } = await server.load('sleeps');
    const { status, json } = await run(id, {}, '?async=true');
    expect([status, json.state, json.outputValues]).toEqual([200, 'EXECUTING', undefined]);
    const second = await run(id, {});
    expect([second.status, second.json.title]).toEqual([
      409,
      expect.stringMatching(new RegExp(`^Job ${id} is .* workflow is still in execution`)),
    ]);
    expect((await server.ask('PUT', job(id), { body: { inputParameters: { a: 1 } } })).status).toBe(409);
    expect((await server.ask('PUT', `${job(id)}/swap`)).status).toBe(400);
    expect((await server.ask('DELETE', `${job(id)}/execution`)).status).toBe(204);
    expect((await server.ended(id)).state).toBe('EXECUTION_CANCELLED');
    expect((await server.ask('DELETE', `${job(id)}/execution`)).status).toBe(204);
  });

  it('of many clients at once runs once', async () => {
    const { id } = await server.load('kinds');
    const answers = await Promise.all(Array.from({ length: 8 }, () => run(id, { 'line-count-3': 1 })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 7 }, () => 409)]);
    const again = await Promise.all(Array.from({ length: 8 }, () => run(id)));
    expect(again.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1);
  });

  it('with an idempotency key runs once, however often it is said', async () => {
    const { id } = await server.load('kinds');
    const ask = (key: string) =>
      server.ask('POST', `${job(id)}?async=true`, {
        body: { 'line-count-3': 1 },
        headers: { 'idempotency-key': key },
      });
    expect((await ask('run-1')).status).toBe(200);
    expect((await ask('run-1')).status).toBe(200);
    const { finishedExecutionAt } = await server.ended(id);
    expect((await ask('run-1')).json.finishedExecutionAt).toBe(finishedExecutionAt);
    expect((await ask('run-2')).json.state).toBe('EXECUTING');
  });

  it('with timeout=0 is 504 and not started; over a timeout it is 504 and cancelled', async () => {
    const { id } = await server.load('sleeps');
    expect((await run(id, {}, '?timeout=0')).status).toBe(504);
    expect((await get(id)).json.state).toBe('CONFIGURED');
    const { status, json } = await run(id, {}, '?timeout=200');
    expect([status, json.title]).toEqual([504, expect.stringContaining('200 ms')]);
    const ended = await server.ended(id);
    expect(ended.state).toBe('EXECUTION_CANCELLED');
    expect(ended.nodeMessages.at(-1).message).toContain('longer than 200 ms');
  });

  it('answers to what is left of a link template', async () => {
    const { id } = await server.load('test20190410');
    const { status } = await server.ask('POST', `${job(id)}%7B?async%7D`, { body: {} });
    expect(status).toBe(200);
  });
});

describe('GET /jobs', () => {
  it('lists jobs of a user, newest first and each once, with a link', async () => {
    const loaded = (await server.ask('POST', server.guest('test20190410:jobs'), { auth: guest })).json;
    await server.ask('POST', job(loaded.id), { auth: guest, body: {} });
    const again = await server.ask('POST', job(loaded.id), { auth: guest, body: {} });
    const other = (await server.ask('POST', server.guest('echo:jobs'), { auth: guest })).json;
    for (const [path, auth] of [
      [`${v4}/jobs?user=guest`, undefined],
      [`${v4}/jobs/`, guest],
    ] as const) {
      const { status, json } = await server.ask('GET', path, auth === undefined ? {} : { auth });
      expect(status).toBe(200);
      expect(json.jobs.map(({ id }: { id: string }) => id)).toEqual([other.id, loaded.id]);
      expect(json.jobs[1]).toEqual({
        id: loaded.id,
        name: again.json.name,
        workflow: '/Users/guest/test20190410',
        owner: 'guest',
        state: 'EXECUTION_FINISHED',
        createdAt: again.json.createdAt,
        startedExecutionAt: again.json.startedExecutionAt,
        finishedExecutionAt: again.json.finishedExecutionAt,
        isSwapped: false,
        isOutdated: false,
        '@controls': { self: { href: `${server.url}${job(loaded.id)}`, method: 'GET' } },
      });
    }
    const ofWorkflow = await server.ask('GET', server.guest('echo:jobs'));
    expect(ofWorkflow.json.jobs.map(({ id }: { id: string }) => id)).toEqual([other.id]);
    expect((await server.ask('GET', `${v4}/jobs?user=nobody`)).json.jobs).toEqual([]);
    expect((await server.ask('GET', server.guest('not_there_00:jobs'))).status).toBe(404);
    const broken = await server.ask('GET', server.guest('broken:jobs'));
    expect([broken.status, broken.json.jobs]).toEqual([200, []]);
  });

  it('and each job are for those who may see them', async () => {
    const { id } = await server.load('echo');
    const { json } = await server.ask('GET', `${v4}/jobs?user=admin`, { auth: guest });
    expect(json.jobs).toEqual([]);
    for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
      expect((await server.ask(method, job(id), { auth: guest })).status, method).toBe(404);
      expect((await server.ask(method, job(id), { auth: false })).status, method).toBe(401);
    }
    await server.ask('POST', '/users', { body: { name: 'vera', password: 'a long password', roles: ['viewer'] } });
    const vera = basic('vera', 'a long password');
    expect((await server.ask('GET', job(id), { auth: vera })).status).toBe(200);
    expect((await server.ask('POST', job(id), { auth: vera })).status).toBe(403);
    expect((await server.ask('DELETE', job(id), { auth: vera })).status).toBe(403);
  });

  it('shows jobs of other APIs as well', async () => {
    const { json } = await server.ask('POST', '/jobs', { body: { workflow: '/Users/guest/echo', input: { a: 1 } } });
    const read = await server.ended(json.uuid);
    expect(read).toMatchObject({ id: json.uuid, createdVia: 'rest api', outputValues: { got: { a: 1 } } });
    expect((await run(json.uuid, { a: 2 })).json).toMatchObject({ id: json.uuid, outputValues: { got: { a: 2 } } });
  });

  it.each(['f0a7f5a2-13f1-4b7e-9a50-3b8a0c7c2f6e', '1', 'x'])('of the id %s is 404 with a message', async (uuid) => {
    const { status, json } = await get(uuid);
    expect([status, json.code, json.title]).toEqual([404, 'JobNotFound', `Job with ID '${uuid}' does not exist.`]);
  });

  it('tells a changed workflow from the job that was loaded before', async () => {
    const text = 'document: { dsl: 1.0.3, namespace: t, name: c, version: 1.0.0 }\ndo:\n  - a: { set: { v: 1 } }\n';
    const put = (body: string) =>
      server.ask('PUT', '/workflows/Users/guest/changing', {
        raw: body,
        type: 'application/yaml',
        headers: { 'if-match': '*' },
      });
    expect(
      (await server.ask('PUT', '/workflows/Users/guest/changing', { raw: text, type: 'application/yaml' })).status,
    ).toBe(201);
    const { id, isOutdated } = await server.load('changing');
    expect(isOutdated).toBe(false);
    expect((await put(text.replace('v: 1', 'v: 2'))).status).toBe(200);
    const { json } = await run(id);
    expect([json.isOutdated, json.outputValues]).toEqual([true, { v: 1 }]);
    const list = await server.ask('GET', server.guest('changing:jobs'));
    expect(list.json.jobs[0].isOutdated).toBe(true);
  });

  it('bears ten and more requests a second for one job', async () => {
    const { id } = await server.load('echo');
    const answers = await Promise.all(Array.from({ length: 50 }, () => get(id)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});

describe('PUT /jobs/{uuid}', () => {
  it('takes the document back as it was read, and changes nothing', async () => {
    const { id } = await server.load('kinds');
    const loaded = (await get(id)).json;
    expect((await server.ask('PUT', job(id), { body: loaded })).json).toEqual(loaded);
    const ended = (await run(id, { 'line-count-3': 2, db: { username: 'u', password: 'p' } })).json;
    const same = await server.ask('PUT', job(id), { body: { ...ended, unknown: [1], state: 'IDLE', owner: 'eve' } });
    expect(same.json).toEqual(ended);
    expect((await server.ask('PUT', job(id), { body: {} })).json).toEqual(ended);
    expect((await server.ask('PUT', job(id))).json).toEqual(ended);
  });

  it('sets other inputs: the job is loaded again and has no results until it runs', async () => {
    const { id } = await server.load('kinds');
    const document = (await run(id, { 'line-count-3': 2 })).json;
    document.inputParameters['line-count-3'] = 5;
    document.inputParameters.note = 'changed';
    const { status, json } = await server.ask('PUT', `${job(id)}?timeout=5000&reset=True`, { body: document });
    expect([status, json.id, json.state, json.outputValues]).toEqual([200, id, 'CONFIGURED', undefined]);
    expect(json.inputParameters).toMatchObject({ 'line-count-3': 5, note: 'changed' });
    expect((await run(id)).json.outputValues).toMatchObject({ z: 5, note: 'changed' });
  });

  it.each([
    [[1], 'The body must be an object'],
    [{ inputParameters: 7 }, '"inputParameters" must be an object'],
    [{ inputParameters: { nope: 1 } }, 'valid parameter names are'],
    [{ inputParameters: { db: 'x' } }, 'Parameter "db"'],
    [{ inputParameters: { 'line-count-3': 0 } }, 'Parameter "line-count-3" must be a number from 1; found 0.'],
  ])('with %j is 400', async (body, message) => {
    const { id } = await server.load('kinds');
    const { status, json } = await server.ask('PUT', job(id), { body });
    expect([status, json.title]).toEqual([400, expect.stringContaining(message)]);
  });
});

describe('DELETE', () => {
  it('discards a job in any state with all its runs, and then it is not found', async () => {
    const loaded = await server.load('echo');
    const ended = await server.load('echo');
    await run(ended.id);
    await run(ended.id);
    const sleeping = await server.load('sleeps');
    await run(sleeping.id, {}, '?async=true');
    const busy = await server.load('busy');
    await run(busy.id, {}, '?async=true');
    for (const { id } of [loaded, ended, sleeping, busy]) {
      expect((await server.ask('DELETE', job(id))).status).toBe(204);
      for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
        expect((await server.ask(method, job(id))).status, method).toBe(404);
      }
    }
    const left = (await server.ask('GET', '/jobs?limit=500')).json.items.map(({ uuid }: { uuid: string }) => uuid);
    for (const { id } of [loaded, ended, sleeping, busy]) expect(left).not.toContain(id);
  });

  it('of a list discards all of them, or none when one is unknown', async () => {
    const ids = [(await server.load('echo')).id, (await server.load('echo')).id];
    const remove = (body: unknown) => server.ask('DELETE', `${v4}/jobs`, { body });
    expect((await remove([...ids, 'f0a7f5a2-13f1-4b7e-9a50-3b8a0c7c2f6e'])).status).toBe(404);
    expect((await get(ids[0])).status).toBe(200);
    expect((await remove({ id: 1 })).status).toBe(400);
    expect((await remove(ids)).status).toBe(204);
    for (const id of ids) expect((await get(id)).status).toBe(404);
  });
});

describe('PUT /jobs/{uuid}/as-workflow', () => {
  const save = (id: string, destination: string, auth?: string) =>
    server.ask('PUT', `${job(id)}/as-workflow?destination=${encodeURIComponent(destination)}`, auth ? { auth } : {});

  it('stores the definition of a job', async () => {
    const { id } = await server.load('echo');
    for (let n = 0; n < 2; n++) expect((await save(id, '/Users/guest/saved echo')).status).toBe(204);
    const { json } = await server.ask('POST', server.guest('saved%20echo:execution'), { body: { a: 1 } });
    expect(json.outputValues).toEqual({ got: { a: 1 } });
  });

  it('needs a path in a group that is there, a job, and the right to write', async () => {
    const { id } = await server.load('echo');
    expect((await server.ask('PUT', `${job(id)}/as-workflow`)).status).toBe(400);
    expect((await save(id, 'no/slash')).status).toBe(400);
    expect((await save(id, '/Users/guest/a*b')).status).toBe(400);
    const parent = await save(id, '/Nowhere/wf');
    expect([parent.status, parent.json.title]).toEqual([404, "Item '/Nowhere' does not exist."]);
    const unknown = await save('f0a7f5a2-13f1-4b7e-9a50-3b8a0c7c2f6e', '/Users/guest/x');
    expect([unknown.status, unknown.json.code]).toEqual([404, 'JobNotFound']);
    const own = (await server.ask('POST', server.guest('echo:jobs'), { auth: guest })).json;
    expect((await save(own.id, '/Users/guest/x', guest)).status).toBe(403);
  });
});

describe('a job of somebody else', () => {
  it('can be read by a viewer, and changed in nothing', async () => {
    const viewer = basic('vera', 'a long password');
    await server.ask('POST', '/users', { body: { name: 'vera', password: 'a long password', roles: ['viewer'] } });
    const { id } = await server.load('echo');
    expect((await server.ask('GET', job(id), { auth: viewer })).status).toBe(200);
    for (const [method, what] of [
      ['POST', ''],
      ['PUT', ''],
      ['DELETE', ''],
      ['PUT', '/swap'],
      ['PUT', '/load'],
      ['DELETE', '/execution'],
    ] as const) {
      const { status, json } = await server.ask(method, `${job(id)}${what}`, { auth: viewer });
      expect([status, json.title], method + what).toEqual([403, expect.stringContaining(`Job ${id} belongs to admin`)]);
    }
    expect((await server.ask('DELETE', `${v4}/jobs`, { auth: viewer, body: [id] })).status).toBe(403);
  });
});

describe('swapping', () => {
  it('marks a job until it is loaded or run again; requests come with an empty body and no type', async () => {
    const { id } = await server.load('echo');
    const put = async (what: string) => (await server.ask('PUT', `${job(id)}/${what}`)).json.isSwapped;
    expect(await put('swap')).toBe(true);
    expect((await get(id)).json.isSwapped).toBe(true);
    expect(await put('load')).toBe(false);
    await put('swap?asyncSwapping=false');
    expect((await run(id)).json.isSwapped).toBe(false);
    expect((await server.ask('PUT', `${v4}/jobs/f0a7f5a2-13f1-4b7e-9a50-3b8a0c7c2f6e/swap`)).status).toBe(404);
  });
});

describe('old names of states', () => {
  it('are answered where the setting says so', async () => {
    const old = await startServer({}, { MILLRACE_KNIME_STATE_NAMES: 'old' });
    try {
      const states = [];
      for (const name of ['echo', 'fails']) {
        const { id, state } = await old.load(name);
        states.push(state, (await old.ask('POST', job(id))).json.state);
      }
      expect(states).toEqual(['CONFIGURED', 'EXECUTED', 'CONFIGURED', 'IDLE']);
      expect((await old.ask('POST', old.guest('echo:execution'))).json.state).toBe('EXECUTED');
    } finally {
      await old.stop();
    }
  });
});
