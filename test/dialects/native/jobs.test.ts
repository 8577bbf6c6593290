import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic } from '../server.ts';
import { type Server, startServer } from './support.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const quick = { workflow: '/Tutorials/10seconds', input: { location: ['Rome'] } };

describe('POST /jobs', () => {
  it('answers 202 with id, uuid, state, links, Location and Retry-After once the job is on disk', async () => {
    const { status, headers, json } = await server.ask('POST', '/jobs', { body: quick });
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/jobs/${json.id}`);
    expect(headers.get('retry-after')).toBe('1');
    expect(json).toMatchObject({ workflow: '/Tutorials/10seconds', owner: 'admin', dialect: 'native' });
    expect(json.links.result).toBe(`/jobs/${json.id}/result`);
    expect((await server.ask('GET', `/jobs/${json.uuid.toUpperCase()}`)).json.id).toBe(json.id);
  });

  it('waits for the result when the client prefers to', async () => {
    const { status, headers, json } = await server.ask('POST', '/jobs', {
      body: quick,
      headers: { prefer: 'wait=10' },
    });
    expect(status).toBe(200);
    expect(headers.get('preference-applied')).toBe('wait=10');
    expect(json).toMatchObject({ state: 'completed', output: { where: 'Rome', year: 1985 } });
  });

  it('answers 202 with the id, never a time-out, when the wait is over', async () => {
    const { status, json } = await server.ask('POST', '/jobs', {
      body: { workflow: 'Sleeps' },
      headers: { prefer: 'wait=1' },
    });
    expect(status).toBe(202);
    expect(['running', 'waiting']).toContain(json.state);
    await server.ask('POST', `/jobs/${json.id}/cancel`, { body: { reason: 'enough' } });
  });

  it('answers a failed job with its problem', async () => {
    const { status, json } = await server.ask('POST', '/jobs', {
      body: { workflow: 'Fails' },
      headers: { prefer: 'wait=10' },
    });
    expect(status).toBe(200);
    expect(json.state).toBe('failed');
    expect(json.error).toMatchObject({ title: 'It is full' });
    const result = await server.ask('GET', `/jobs/${json.id}/result`);
    expect(result.status).toBe(200);
    expect(result.json).toMatchObject({ state: 'failed', error: { title: 'It is full' } });
  });

  it('refuses what does not fit with every field at once, before a job exists', async () => {
    const before = (await server.ask('GET', '/jobs?limit=1')).json.items[0]?.id;
    const { status, json } = await server.ask('POST', '/jobs', {
      body: { workflo: 'x', priority: 5000, queue: '', labels: { a: 1 }, runAt: 'tomorrow' },
    });
    expect(status).toBe(400);
    expect(json.errors.map((error: { pointer: string }) => error.pointer).sort()).toEqual(
      ['/labels/a', '/priority', '/queue', '/runAt', '/workflo', '/workflow'].sort(),
    );
    expect(json.detail).toContain('Missing: workflow');
    expect(json.detail).toContain('Did you mean workflow?');
    const input = await server.ask('POST', '/jobs', { body: { ...quick, input: { location: 'Rome' } } });
    expect(input.status).toBe(422);
    expect(input.json.errors[0]).toMatchObject({ pointer: '/location', in: 'input' });
    expect((await server.ask('GET', '/jobs?limit=1')).json.items[0]?.id).toBe(before);
  });

  it('replays the same answer for the same idempotency key and refuses another request with it', async () => {
    const headers = { 'idempotency-key': 'order-4711' };
    const first = await server.ask('POST', '/jobs', { body: quick, headers });
    const again = await server.ask('POST', '/jobs', { body: quick, headers });
    expect(again.json.id).toBe(first.json.id);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    const other = await server.ask('POST', '/jobs', { body: { ...quick, priority: 1 }, headers });
    expect(other.status).toBe(422);
    expect(other.json.code).toBe('idempotency-conflict');
    expect(
      (await server.ask('POST', '/jobs', { body: quick, headers: { 'idempotency-key': 'no spaces' } })).status,
    ).toBe(400);
  });

  it('keeps what the submit says', async () => {
    const body = {
      ...quick,
      priority: 7,
      runAt: '2031-01-01T01:00:00+01:00',
      businessKey: 'key-1',
      labels: { team: 'finance' },
      limits: { runSeconds: 1.5 },
      retry: { count: 2 },
    };
    const { json } = await server.ask('POST', '/jobs', { body });
    expect(json).toMatchObject({
      state: 'queued',
      priority: 7,
      runAt: '2031-01-01T00:00:00.000Z',
      businessKey: 'key-1',
      labels: { team: 'finance' },
      limits: { runSeconds: 1.5 },
      retry: { count: 2, delaySeconds: 1, backoff: 'exponential', maxDelaySeconds: 300, jitter: 0.2 },
    });
    expect(Object.keys(json).slice(0, 4)).toEqual(['id', 'uuid', 'state', 'workflow']);
    const why = await server.ask('GET', `/jobs/${json.id}/why`);
    expect(why.json.text).toContain('2031-01-01T00:00:00.000Z');
    for (const query of [
      'label=team',
      'label=team=finance',
      'businessKey=key-1',
      'state=queued&from=2020-01-01T00:00:00Z',
    ]) {
      const list = await server.ask('GET', `/jobs?${query}`);
      expect(
        list.json.items.map((job: { id: number }) => job.id),
        query,
      ).toContain(json.id);
    }
    expect((await server.ask('GET', '/jobs?label=team=other')).json.items).toEqual([]);
  });

  it('ignores nothing it does not know: server-made members cannot be set', async () => {
    for (const member of ['id', 'state', 'owner', 'createdAt', 'uuid', 'attempt', 'dialect', 'output', 'retryOf']) {
      const { status } = await server.ask('POST', '/jobs', { body: { ...quick, [member]: 1 } });
      expect(status, member).toBe(400);
    }
  });
});

describe('a multipart submit', () => {
  it('takes the job from its part, further fields as input, and files as input files under their names', async () => {
    const form = new FormData();
    form.append('rows', new Blob(['a,b\n1,2\n'], { type: 'text/csv' }), 'rows "1".csv');
    form.append('job', JSON.stringify({ workflow: '/Echo', input: { kept: true } }));
    form.append('note', 'hello');
    const { status, json } = await server.ask('POST', '/jobs', { raw: form, headers: { prefer: 'wait=10' } });
    expect(status).toBe(200);
    expect(json.output.got).toEqual({ kept: true, note: 'hello', rows: 'rows "1".csv' });
    const files = await server.ask('GET', `/jobs/${json.id}/files`);
    expect(files.json).toMatchObject([{ name: 'rows "1".csv', direction: 'in', bytes: 8, contentType: 'text/csv' }]);

    const whole = await server.ask('GET', files.json[0].href);
    expect(whole.text).toBe('a,b\n1,2\n');
    expect(whole.headers.get('content-disposition')).toBe(
      `attachment; filename="rows _1_.csv"; filename*=UTF-8''rows%20%221%22.csv`,
    );
    expect(whole.headers.get('x-content-type-options')).toBe('nosniff');
    const part = await server.ask('GET', files.json[0].href, { headers: { range: 'bytes=4-6' } });
    expect([part.status, part.text, part.headers.get('content-range')]).toEqual([206, '1,2', 'bytes 4-6/8']);
    const known = await server.ask('GET', files.json[0].href, {
      headers: { 'if-none-match': whole.headers.get('etag')! },
    });
    expect([known.status, known.text]).toEqual([304, '']);
    const behind = await server.ask('GET', files.json[0].href, { headers: { range: 'bytes=99-' } });
    expect([behind.status, behind.headers.get('content-range')]).toEqual([416, 'bytes */8']);
  });

  it('is refused where no route takes it, and when it has too many parts', async () => {
    const form = new FormData();
    form.append('a', 'b');
    expect((await server.ask('PUT', '/queues/x', { raw: form })).status).toBe(415);
    for (let i = 0; i < 300; i++) form.append(`f${i}`, 'x');
    const flood = await server.ask('POST', '/jobs', { raw: form });
    expect([flood.status, flood.json.code]).toEqual([413, 'too-large']);
  });

  it('cannot be played by JSON that looks like an upload', async () => {
    const body = { workflow: '/Echo', files: { a: { filepath: '/etc/passwd' } } };
    expect((await server.ask('POST', '/jobs', { body })).status).toBe(400);
  });
});

describe('what is large', () => {
  it('passes through: an upload above the limit of other bodies, and an output kept as a file', async () => {
    const bytes = 3 * 1024 * 1024;
    const form = new FormData();
    form.append('job', JSON.stringify({ workflow: '/Echo', input: { text: 'x'.repeat(300_000) } }));
    form.append('big', new Blob([new Uint8Array(bytes).fill(65)]), 'big.bin');
    const { status, json } = await server.ask('POST', '/jobs', { raw: form, headers: { prefer: 'wait=15' } });
    expect([status, json.state, json.output.got.text.length]).toEqual([200, 'completed', 300_000]);
    const [file] = (await server.ask('GET', `/jobs/${json.id}/files`)).json;
    expect((await server.ask('GET', file.href)).text).toBe('A'.repeat(bytes));
    const result = await server.ask('GET', `/jobs/${json.id}/result`);
    expect(result.json.output.got.text.length).toBe(300_000);
    expect(Number(result.headers.get('content-length'))).toBe(result.text.length);
  });
});

describe('POST /execution', () => {
  it('answers the output itself and keeps no job', async () => {
    const { status, headers, json } = await server.ask('POST', '/execution', { body: quick });
    expect([status, json]).toEqual([200, { where: 'Rome', year: 1985 }]);
    expect((await server.ask('GET', `/jobs/${headers.get('millrace-job')}`)).status).toBe(404);
  });

  it('takes no more numbers than it needs where little goes on', async () => {
    const fresh = await startServer();
    try {
      const run = await fresh.ask('POST', '/execution', { body: { workflow: '/Echo' } });
      const job = await fresh.ask('POST', '/jobs', { body: { workflow: '/Echo' } });
      expect([run.headers.get('millrace-job'), job.json.id]).toEqual(['1', 2]);
    } finally {
      await fresh.stop();
    }
  });

  it('becomes an ordinary job when the wait is over', async () => {
    const { status, headers, json } = await server.ask('POST', '/execution', {
      body: { workflow: 'Sleeps' },
      headers: { prefer: 'wait=0' },
    });
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/jobs/${json.id}`);
    expect((await server.ask('POST', `/jobs/${json.id}/cancel`)).json.state).toBeDefined();
  });

  it('answers a failed run with 500 and the problem the workflow raised inside, whatever status that has', async () => {
    const { status, json } = await server.ask('POST', '/execution', { body: { workflow: 'Fails' } });
    expect(status).toBe(500);
    expect(json.code).toBe('workflow-failed');
    expect(json.raised).toMatchObject({ title: 'It is full', status: 409 });
  });
});

describe('a job of somebody else that an operator runs again', () => {
  const auth = basic('mary', 'a long password');
  const result = '/result?longPoll=true&longPollInterval=10';
  const audited = async (action: string) =>
    (await server.ask('GET', '/audit?limit=100')).json.items
      .filter((entry: { action: string }) => entry.action === action)
      .map(({ actor, target, detail }: Record<string, string>) => [actor, target, detail]);

  it("stays its owner's, who sees it and its result, and is on record", async () => {
    await server.ask('POST', '/users', { body: { name: 'mary', password: 'a long password', roles: ['user'] } });
    const { json: first } = await server.ask('POST', '/jobs', { auth, body: quick });
    expect((await server.ask('GET', `/jobs/${first.id}${result}`, { auth })).json.state).toBe('completed');
    const own = await server.ask('POST', `/jobs/${first.id}/retry`, { auth });
    expect(own.json).toMatchObject({ owner: 'mary', retryOf: first.id });
    expect(await audited('job.retry')).toEqual([]);

    const again = await server.ask('POST', `/jobs/${first.id}/retry`);
    expect(again.json).toMatchObject({ owner: 'mary', retryOf: first.id });
    const seen = await server.ask('GET', `/jobs/${again.json.id}${result}`, { auth });
    expect(seen.json).toMatchObject({ state: 'completed', output: { where: 'Rome' } });
    expect(await audited('job.retry')).toEqual([['admin', String(first.id), 'of mary']]);
  });

  it('does so under its first id too, as clients of KNIME Server run it', async () => {
    const { json: first } = await server.ask('POST', '/jobs', { auth, body: quick });
    await server.ask('GET', `/jobs/${first.id}${result}`, { auth });
    const run = await server.ask('POST', `/knime/rest/v4/jobs/${first.uuid}`, { body: {} });
    expect(run.json).toMatchObject({ id: first.uuid, owner: 'mary', state: 'EXECUTION_FINISHED' });
    expect(await audited('job.again')).toEqual([['admin', String(first.id), 'of mary']]);
  });
});

describe('the life of a job', () => {
  it('is loaded, started, waited for, and removed', async () => {
    const { json: loaded } = await server.ask('POST', '/jobs', { body: { ...quick, start: false } });
    expect(loaded.state).toBe('loaded');
    expect((await server.ask('DELETE', `/jobs/${loaded.id}`)).status).toBe(409);
    expect((await server.ask('POST', `/jobs/${loaded.id}/start`)).status).toBe(202);
    const result = await server.ask('GET', `/jobs/${loaded.id}/result?longPoll=true&longPollInterval=10`);
    expect(result.json).toMatchObject({ id: loaded.id, state: 'completed', output: { where: 'Rome' } });
    expect((await server.ask('POST', `/jobs/${loaded.id}/start`)).status).toBe(409);
    expect((await server.ask('POST', `/jobs/${loaded.id}/cancel`)).status).toBe(409);
    const again = await server.ask('POST', `/jobs/${loaded.id}/retry`, { body: { keepSteps: false } });
    expect(again.json).toMatchObject({ retryOf: loaded.id });
    expect((await server.ask('GET', `/jobs/${loaded.id}/runs`)).json).toMatchObject([
      { attempt: 1, outcome: 'completed' },
    ]);
    expect((await server.ask('DELETE', `/jobs/${loaded.id}`)).status).toBe(204);
    expect((await server.ask('GET', `/jobs/${loaded.id}`)).status).toBe(404);
  });

  it('answers 202 at once without a long poll, and as soon as the job ends with one', async () => {
    const { json } = await server.ask('POST', '/jobs', { body: { workflow: 'Naps' } });
    const now = await server.ask('GET', `/jobs/${json.id}/result`);
    expect([now.status, now.headers.get('retry-after')]).toEqual([202, '1']);
    const started = performance.now();
    const end = await server.ask('GET', `/jobs/${json.id}/result?longPoll=true`);
    expect(end.json).toMatchObject({ state: 'completed', output: { slept: true } });
    expect(performance.now() - started).toBeLessThan(8_000);
  });

  it('is walked in pages that the Link header leads through', async () => {
    for (let i = 0; i < 3; i++) await server.ask('POST', '/jobs', { body: { ...quick, businessKey: 'paged' } });
    let path: string | undefined = '/jobs?businessKey=paged&limit=2&order=oldest';
    const seen: number[] = [];
    while (path !== undefined) {
      const page: Awaited<ReturnType<Server['ask']>> = await server.ask('GET', path);
      seen.push(...page.json.items.map((job: { id: number }) => job.id));
      path = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1];
    }
    expect(seen).toHaveLength(3);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });
});

describe('an id', () => {
  it.each([
    '0',
    '-1',
    '1e3',
    '01',
    '1.0',
    '0x1',
    ' 1',
    '1/',
    'abc',
    '...',
    '%00',
    '9999999999999999',
    '1;x',
    "1'",
  ])('%s names no job and is refused as it is', async (id) => {
    const { status } = await server.ask('GET', `/jobs/${encodeURI(id)}`);
    expect([400, 404]).toContain(status);
  });
});
