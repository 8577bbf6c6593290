import { Agent, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DialectServer } from '../server.ts';
import { basic, header, PASSWORD } from '../server.ts';
import { startServer, v4 } from './support.ts';
import { unzip, zip } from './zip.ts';

const repository = `${v4}/repository`;
const WORKFLOW = 'application/vnd.knime.workflow+zip';
const GROUP = 'application/vnd.knime.workflow-group+zip';
const definition = (name: string): string => `${header(name)}do:\n  - done:\n      set: { name: ${name} }\n`;

let server: DialectServer;
beforeAll(async () => {
  server = await startServer({
    'Users/guest/prices.csv': 'a;b\n1;2\n',
    'Users/guest/deep/er/x.txt': 'x',
    'Users/guest/deep/er/wf.yaml': definition('deep'),
  });
});
afterAll(() => server.stop());

const href = (path: string): string => `${server.url}${repository}${path}`;
const ask = (method: string, path: string, options?: Parameters<DialectServer['ask']>[2]) =>
  server.ask(method, `${repository}${path}`, options);

/** Bytes and headers of a download. */
async function download(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(href(path), {
    headers: { authorization: basic('admin', PASSWORD), ...headers },
  });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

/** Sends bytes, or nothing at all with `Content-Length: 0`. */
async function upload(path: string, type: string | undefined, body?: Buffer | string) {
  const response = await fetch(href(path), {
    method: 'PUT',
    headers: {
      authorization: basic('admin', PASSWORD),
      ...(type === undefined ? {} : { 'content-type': type }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, json: JSON.parse(text) };
}

describe('GET :data', () => {
  it('of a workflow is a ZIP with one folder called like it, whatever Accept says', async () => {
    for (const accept of ['*/*', 'application/vnd.mason+json', 'application/json', 'image/png']) {
      const { status, headers, bytes } = await download('//Users/guest/My%20Workflow:data', { accept });
      expect([status, headers.get('content-type')]).toEqual([200, WORKFLOW]);
      expect(headers.get('content-disposition')).toBe('attachment; filename="My Workflow.zip"');
      expect(Object.keys(unzip(bytes))).toEqual(['My Workflow/', 'My Workflow/My Workflow.yaml']);
    }
  });

  it('told by its headers alone has no length, for none is known', async () => {
    const response = await fetch(href('/Users/guest/My%20Workflow:data'), {
      method: 'HEAD',
      headers: { authorization: basic('admin', PASSWORD) },
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, WORKFLOW]);
    expect(response.headers.get('content-length')).toBeNull();
  });

  it('of a group has all below it', async () => {
    const { headers, bytes } = await download('/Users/guest/deep:data');
    expect(headers.get('content-type')).toBe(GROUP);
    expect(unzip(bytes)).toEqual({
      'deep/': '',
      'deep/er/': '',
      'deep/er/wf.yaml': definition('deep'),
      'deep/er/x.txt': 'x',
    });
    expect(Object.keys(unzip((await download('/:data')).bytes))).toContain('repository/Users/guest/prices.csv');
  });

  it('of a file is the file', async () => {
    const { headers, bytes } = await download('/Users/guest/prices.csv:data');
    expect([headers.get('content-type'), bytes.toString()]).toEqual(['text/csv', 'a;b\n1;2\n']);
    expect(headers.get('content-disposition')).toBe('attachment; filename="prices.csv"');
    const part = await download('/Users/guest/prices.csv:data', { range: 'bytes=4-6' });
    expect([part.status, part.bytes.toString()]).toEqual([206, '1;2']);
  });

  it('packs as hard as asked', async () => {
    const size = async (level: string) =>
      (await download(`/Users/guest/echo:data?compressionLevel=${level}`)).bytes.length;
    expect(await size('0')).toBeGreaterThan(await size('9'));
    for (const level of ['10', '-1', 'x']) {
      const { status, json } = await ask('GET', `/Users/guest/echo:data?compressionLevel=${level}`);
      expect([status, json.title]).toEqual([400, expect.stringContaining('compressionLevel')]);
    }
  });

  it('is not sent again to who has it', async () => {
    const { headers } = await download('/Users/guest/echo:data');
    const known = [
      { 'if-none-match': headers.get('etag')! },
      { 'if-modified-since': headers.get('last-modified')! },
      { 'if-modified-since': new Date(Date.now() + 60_000).toUTCString() },
    ] as Record<string, string>[];
    for (const one of known) expect((await download('/Users/guest/echo:data', one)).status).toBe(304);
    const older = { 'if-modified-since': 'Thu, 01 Jan 2015 00:00:00 GMT' };
    expect((await download('/Users/guest/echo:data', older)).status).toBe(200);
  });
});

describe('PUT :data', () => {
  it('takes the ZIP of a workflow: new, then again', async () => {
    const body = zip({ 'whatever/x.yaml': definition('first') });
    const made = await upload('/Users/guest/up:data', WORKFLOW, body);
    expect([made.status, made.headers.get('location')]).toEqual([201, href('/Users/guest/up')]);
    expect(made.json).toMatchObject({ path: '/Users/guest/up', type: 'Workflow' });
    const again = await upload('/Users/guest/up:data', WORKFLOW, zip({ 'y.yaml': definition('second') }));
    expect([again.status, again.headers.get('location')]).toEqual([200, null]);
    expect(unzip((await download('/Users/guest/up:data')).bytes)['up/up.yaml']).toBe(definition('second'));
  });

  it('takes back what was downloaded', async () => {
    const { bytes } = await download('/Users/guest/My%20Workflow:data');
    expect((await upload('/Users/guest/again:data', WORKFLOW, bytes)).status).toBe(201);
    const group = await download('/Users/guest/deep:data');
    const made = await upload('/Users/guest/deep2:data', GROUP, group.bytes);
    expect([made.status, made.json.type, made.json.children.length]).toEqual([201, 'WorkflowGroup', 1]);
    expect((await ask('GET', '/Users/guest/deep2/er/wf')).json.type).toBe('Workflow');
    expect((await upload('/Users/guest/deep2:data', GROUP, group.bytes)).status).toBe(200);
  });

  it('takes a definition by itself', async () => {
    expect((await upload('/Users/guest/bare:data', 'application/yaml', definition('bare'))).status).toBe(201);
    expect((await upload('/Users/guest/named.yaml:data', undefined, definition('named'))).json.path).toBe(
      '/Users/guest/named',
    );
    expect((await ask('GET', '/Users/guest/named')).json.type).toBe('Workflow');
  });

  it('takes files of any type, a ZIP among them', async () => {
    const made = await upload('/Users/guest/a%20b.bin:data', 'application/x-anything', Buffer.from([0, 1, 2, 255]));
    expect([made.status, made.headers.get('location')]).toEqual([201, href('/Users/guest/a%20b.bin')]);
    expect(made.json).toMatchObject({ path: '/Users/guest/a b.bin', type: 'Data', size: 4 });
    expect((await download('/Users/guest/a%20b.bin:data')).bytes).toEqual(Buffer.from([0, 1, 2, 255]));
    expect((await upload('/Users/guest/x.zip:data', 'application/zip', zip({ a: 'b' }))).json.type).toBe('Data');
    expect((await upload('/Users/guest/empty.txt:data', 'text/plain')).json.size).toBe(0);
    expect((await upload('/Users/guest/a%20b.bin:data', undefined, 'new')).status).toBe(200);
  });

  it('reads a type that says nothing as a new version of what is there', async () => {
    const body = zip({ 'w/w.yaml': definition('third') });
    for (const type of ['application/octet-stream', 'application/zip', undefined]) {
      expect((await upload('/Users/guest/up:data', type, body)).json.type).toBe('Workflow');
    }
    expect(unzip((await download('/Users/guest/up:data')).bytes)['up/up.yaml']).toBe(definition('third'));
  });

  it.each([
    ['a file onto a workflow', '/Users/guest/echo:data', 'text/plain', 'x', 'is a workflow'],
    ['a file onto a group', '/Users/guest:data', 'text/plain', 'x', 'is a workflow group'],
    [
      'a workflow onto a file',
      '/Users/guest/prices.csv:data',
      WORKFLOW,
      zip({ 'a/a.yaml': definition('a') }),
      'is a file',
    ],
    ['a broken definition', '/Users/guest/bad:data', 'application/yaml', 'do: 1', '"document"'],
    ['what is no archive', '/Users/guest/bad:data', WORKFLOW, 'no zip', 'archive is refused'],
    [
      'an archive with two workflows',
      '/Users/guest/bad:data',
      WORKFLOW,
      zip({ 'a/a.yaml': 'x', 'a/b.yaml': 'y' }),
      '/a.yaml'.slice(1),
    ],
    [
      'a workflow of the desktop program',
      '/Users/guest/bad:data',
      WORKFLOW,
      zip({ 'a/workflow.knime': 'x' }),
      'workflow.knime',
    ],
    ['an archive that climbs', '/Users/guest/bad:data', GROUP, zip({ '../../evil.yaml': 'x' }), 'refused'],
    ['an archive with a broken workflow', '/Users/guest/bad:data', GROUP, zip({ 'a/b.yaml': 'do: 1' }), 'errors'],
    ['a name nothing may have', '/Users/guest/a%3Cb:data', 'text/plain', 'x', '<'],
  ] as [
    string,
    string,
    string,
    string | Buffer,
    string,
  ][])('refuses %s with 400', async (_, path, type, body, words) => {
    const { status, json } = await upload(path, type, body);
    expect([status, [json.title, ...json.details].join(' ')]).toEqual([400, expect.stringContaining(words)]);
    expect((await ask('GET', '/Users/guest/bad')).status).toBe(404);
  });

  it('needs the group to be there', async () => {
    const { status, json } = await upload('/Users/nobody/x.txt:data', 'text/plain', 'x');
    expect([status, json.title]).toEqual([404, "Item '/Users/nobody' does not exist."]);
  });

  it('refuses what is too large, and keeps the old', async () => {
    const small = await startServer({ 'x.txt': 'old' }, { MILLRACE_UPLOAD_LIMIT: '2KiB' });
    try {
      const path = `${repository}/x.txt:data`;
      expect((await small.ask('PUT', path, { raw: 'y'.repeat(3_000), type: 'text/plain' })).status).toBe(413);
      expect((await small.ask('GET', path)).text).toBe('old');
      expect((await small.ask('GET', `${repository}/`)).json.children).toHaveLength(2);
    } finally {
      await small.stop();
    }
  });
});

describe('PUT :data?from-repository=', () => {
  it('copies an item of each type', async () => {
    for (const [from, to] of [
      ['/Users/guest/echo', '/Users/guest/copy%20of%20echo'],
      ['/Users/guest/prices.csv', '/Users/guest/prices2.csv'],
      ['/Users/guest/deep', '/Users/guest/deep3'],
    ]) {
      const { status, json, headers } = await upload(`${to}:data?from-repository=${from}`, undefined);
      expect([status, json.path, headers.get('location')]).toEqual([201, decodeURIComponent(to!), href(to!)]);
      expect((await ask('GET', from!)).status).toBe(200);
    }
    expect((await ask('GET', '/Users/guest/deep3/er/wf')).json.type).toBe('Workflow');
    expect(
      (await upload('/Users/guest/prices2.csv:data?from-repository=Users/guest/prices.csv', undefined)).status,
    ).toBe(200);
  });

  it('with move=true moves it', async () => {
    const { status } = await upload('/Users/guest/moved:data?from-repository=/Users/guest/deep3&move=True', undefined);
    expect(status).toBe(201);
    expect((await ask('GET', '/Users/guest/deep3')).status).toBe(404);
    expect((await ask('GET', '/Users/guest/moved/er/x.txt')).json.size).toBe(1);
  });

  it('refuses what is not there, what is in the way, and a group into itself', async () => {
    const put = async (path: string) => (await upload(path, undefined)).status;
    expect(await put('/Users/guest/n:data?from-repository=/no')).toBe(404);
    expect(await put('/Users/guest/deep:data?from-repository=/Users/guest/moved')).toBe(409);
    expect(await put('/Users/guest/prices.csv:data?from-repository=/Users/guest/echo')).toBe(409);
    expect(await put('/Users/guest/deep/in:data?from-repository=/Users/guest/deep')).toBe(409);
    expect(await put('/no/where:data?from-repository=/Users/guest/echo')).toBe(404);
  });
});

describe('PUT :data?from-job=', () => {
  it('stores the definition the job has, with an empty body', async () => {
    const { json } = await server.ask('POST', '/jobs', { body: { workflow: '/Users/guest/up' } });
    await upload('/Users/guest/up:data', 'application/yaml', definition('fourth'));
    const made = await upload(`/Users/guest/kept:data?from-job=${json.uuid}`, undefined);
    expect([made.status, made.json.type]).toEqual([201, 'Workflow']);
    expect(unzip((await download('/Users/guest/kept:data')).bytes)['kept/kept.yaml']).toBe(definition('third'));
    expect((await upload(`/Users/guest/kept:data?from-job=${json.uuid}`, undefined)).status).toBe(200);
    expect(
      (await upload('/Users/guest/kept:data?from-job=00000000-0000-4000-8000-000000000000', undefined)).status,
    ).toBe(404);
  });
});

describe('PUT of a group', () => {
  it('makes it once', async () => {
    const made = await upload('/Users/guest/new%20group', undefined);
    expect([made.status, made.headers.get('location')]).toEqual([201, href('/Users/guest/new%20group')]);
    expect(made.json).toMatchObject({ path: '/Users/guest/new group', type: 'WorkflowGroup', children: [] });
    expect((await upload('/Users/guest/new%20group', 'application/json', '{}')).status).toBe(200);
  });

  it.each([
    ['PUT', '/Users/guest/long', 400],
    ['PUT', '/Users/guest:data', 400],
  ])('with a long body that is refused, %s %s leaves the connection to the next request', async (method, path, code) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = (way: string, at: string, body?: Buffer): Promise<[number | undefined, boolean]> =>
      new Promise((resolve, reject) => {
        const headers = { authorization: basic('admin', PASSWORD), 'content-type': 'text/plain' };
        const sent = request(href(at), { agent, method: way, headers }, (answer) => {
          answer.resume().once('end', () => resolve([answer.statusCode, sent.reusedSocket]));
        });
        sent.once('error', reject).end(body);
      });
    expect((await send(method, path, Buffer.alloc(3_000_000, 'x')))[0]).toBe(code);
    expect(await send('GET', '/Users/guest')).toEqual([200, true]);
    agent.destroy();
  });

  it('refuses a name that is taken, a group that is missing, a name nothing may have, and a body', async () => {
    expect((await upload('/Users/guest/echo', undefined)).status).toBe(409);
    expect((await upload('/Users/guest/prices.csv', undefined)).status).toBe(409);
    expect((await upload('/no/where', undefined)).status).toBe(404);
    expect((await upload('/Users/a%7Cb', undefined)).status).toBe(400);
    expect((await upload('/Users/body', 'text/plain', 'some content')).status).toBe(400);
    expect((await upload('/', undefined)).status).toBe(405);
  });

  it('by many at once is made by one and there for all', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => upload('/Users/guest/crowd', undefined)));
    expect(made.map(({ status }) => status).sort()).toEqual([...Array.from({ length: 7 }, () => 200), 201]);
  });
});

describe('DELETE', () => {
  it('removes items of each type, with ?deletePermanently and without', async () => {
    for (const path of [
      '/Users/guest/moved?deletePermanently',
      '/Users/guest/prices2.csv',
      '/Users/guest/kept?deletePermanently=true',
    ]) {
      expect((await ask('DELETE', path)).status).toBe(204);
      expect((await ask('GET', path.split('?')[0]!)).status).toBe(404);
      expect((await ask('DELETE', path)).status).toBe(404);
    }
  });

  it('never removes the root', async () => {
    expect((await ask('DELETE', '/')).status).toBe(405);
    expect((await ask('GET', '/')).status).toBe(200);
  });

  it('of a group with something the caller may not change removes nothing', async () => {
    await server.ask('POST', '/users', { body: { name: 'olaf', password: 'a long password', roles: ['operator'] } });
    await server.ask('PUT', '/permissions', {
      body: { path: '/Users/guest/deep/er', user: 'olaf', actions: ['read'] },
    });
    const auth = basic('olaf', 'a long password');
    expect((await ask('DELETE', '/Users/guest/deep', { auth })).status).toBe(403);
    expect((await ask('GET', '/Users/guest/deep/er/x.txt')).status).toBe(200);
    const denied = await ask('PUT', '/Users/guest/deep/er/y.txt:data', { auth, raw: 'y', type: 'text/plain' });
    expect(denied.status).toBe(403);
  });
});
