import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin, definitions, type Server, startServer } from './support.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** Asks for a path as it is: other clients tidy it up first. */
const unchanged = (method: string, path: string, body?: string): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const headers = { authorization: admin, ...(body === undefined ? {} : { 'content-type': 'application/yaml' }) };
    request({ hostname, port, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .on('error', reject)
      .end(body);
  });

const source = definitions['Echo.yaml']!;
const put = (path: string, raw: string, headers: Record<string, string> = {}) =>
  server.ask('PUT', path, { raw, type: 'application/yaml', headers });

describe('the repository', () => {
  it('is listed, searched, paged and shown as a tree', async () => {
    const all = await server.ask('GET', '/workflows');
    const paths = all.json.items.map((item: { path: string }) => item.path);
    expect(paths).toContain('/Tutorials/10seconds');
    expect((await server.ask('GET', '/workflows?search=SECONDS')).json.items).toHaveLength(1);
    const first = await server.ask('GET', '/workflows?limit=2');
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1];
    const second = await server.ask('GET', next!);
    expect([...first.json.items, ...second.json.items].map((item: { path: string }) => item.path)).toEqual(
      paths.slice(0, 4),
    );
    const top = await server.ask('GET', '/workflows?deep=false');
    expect(top.json.items.map((item: { path: string }) => item.path)).toEqual(
      paths.filter((path: string) => path.lastIndexOf('/') === 0),
    );
    expect(top.json.items.length).toBeGreaterThan(0);
    const tree = await server.ask('GET', '/workflows:tree');
    expect(tree.json.folders.map((folder: { path: string }) => folder.path)).toEqual(['/A folder', '/Tutorials']);
  });

  it('has one workflow under every spelling of its address', async () => {
    const name = '50 % + Größe, (a) & #1';
    const spellings = [
      `/workflows/A%20folder/${encodeURIComponent(name)}`,
      `/workflows/${encodeURIComponent(`A folder/${name}`)}`,
      '/workflows/A%20folder/50%20%25%20+%20Gr%C3%B6%C3%9Fe,%20(a)%20&%20%231',
    ];
    for (const path of spellings) {
      const { status, json } = await server.ask('GET', path);
      expect([status, json.path], path).toEqual([200, `/A folder/${name}`]);
      expect((await server.ask('GET', `${path}:source`)).text).toBe(definitions[`A folder/${name}.yaml`]);
      expect((await server.ask('POST', `${path}:execution`, { body: {} })).json).toEqual({ odd: true });
    }
    const { json } = await server.ask('GET', spellings[0]!);
    expect((await server.ask('GET', json.links.parameters)).json.path).toBe(json.path);
  });

  it('takes a colon for a verb only when it is written as one', async () => {
    // No name may have a colon, so the encoded one is refused as a name instead of being taken for the verb.
    expect((await server.ask('GET', '/workflows/Echo%3Ajobs')).json.code).toBe('invalid-path');
    expect((await server.ask('GET', '/workflows/Echo:jobs')).json.items).toEqual([]);
    expect((await server.ask('GET', '/workflows/Echo:nonsense')).json.code).toBe('invalid-path');
  });

  it.each([
    '..%2f..%2fetc%2fpasswd',
    '%2e%2e/%2e%2e/etc',
    'a/%2e%2e/%2e%2e/etc',
    '%00',
    'a%00.yaml',
    '%5c..%5cetc',
    '....//',
    '%252e%252e',
    'C:%5c',
    `${'a'.repeat(5000)}`,
    '%c0%ae%c0%ae/',
    '/',
    '%ff',
  ])('never leaves its folder: %s', async (path) => {
    for (const verb of ['', ':source', ':parameters', ':openapi', ':jobs']) {
      const { status, text } = await unchanged('GET', `/workflows/${path}${verb}`);
      expect([200, 400, 404], `${path}${verb} ${status}`).toContain(status);
      expect(text).not.toContain('root:');
      // The only good answer is an empty list of jobs.
      if (status === 200) expect(JSON.parse(text).items).toEqual([]);
    }
    const upload = await unchanged('PUT', `/workflows/${path}`, source);
    expect([400, 404, 405], upload.text).toContain(upload.status);
  });
});

describe('a definition', () => {
  it('is made, read, changed under its ETag, moved and deleted', async () => {
    const made = await put('/workflows/Mine/hello', source, { 'if-none-match': '*' });
    expect([made.status, made.headers.get('location')]).toEqual([201, '/workflows/Mine/hello']);
    const etag = made.headers.get('etag')!;
    expect(
      (await server.ask('GET', '/workflows/Mine/hello:source', { headers: { 'if-none-match': etag } })).status,
    ).toBe(304);
    expect((await put('/workflows/Mine/hello', source)).json.code).toBe('precondition-required');
    expect((await put('/workflows/Mine/hello', source, { 'if-match': '"other"' })).status).toBe(412);
    const changed = await put('/workflows/Mine/hello', `${source}# changed\n`, { 'if-match': etag });
    expect([changed.status, changed.headers.get('etag') !== etag]).toEqual([200, true]);
    const moved = await server.ask('POST', '/workflows/Mine/hello:move', {
      body: { to: '/Mine/other' },
      headers: { 'if-match': '*' },
    });
    expect(moved.json.path).toBe('/Mine/other');
    expect((await server.ask('GET', '/workflows/Mine/hello')).status).toBe(404);
    expect(
      (await server.ask('DELETE', '/workflows/Mine/other', { headers: { 'if-match': changed.headers.get('etag')! } }))
        .status,
    ).toBe(204);
  });

  it('that is broken is refused with every issue, line and column, and changes nothing', async () => {
    const { status, json } = await put('/workflows/Broken', `${source}nonsense: true\n`);
    expect(status).toBe(422);
    expect(json.errors[0].line).toBeGreaterThan(0);
    expect((await server.ask('GET', '/workflows/Broken')).status).toBe(404);
    const check = await server.ask('POST', '/workflows:validate', { raw: 'do: [', type: 'application/yaml' });
    expect(check.json.valid).toBe(false);
    expect(check.json.issues[0].line).toBeGreaterThan(0);
    expect((await server.ask('POST', '/workflows:validate', { raw: source, type: 'text/yaml' })).json).toEqual({
      valid: true,
      issues: [],
    });
  });

  it('is not taken as a form or as plain text', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      expect((await server.ask('PUT', '/workflows/x', { raw: source, type })).status, type).toBe(415);
    }
  });
});

describe('one workflow', () => {
  it('tells its parameters, checks an input, and runs with the input as the body', async () => {
    const at = '/workflows/Tutorials/10seconds';
    const { json } = await server.ask('GET', `${at}:parameters`);
    expect(json.parameters).toMatchObject([
      { name: 'location', required: true, type: 'array', example: ['Berlin'] },
      { name: 'year', required: false, type: 'integer', default: 1985 },
    ]);
    const good = await server.ask('POST', `${at}:validate`, { body: { location: ['Oslo'] } });
    expect(good.json).toEqual({ valid: true, input: { location: ['Oslo'], year: 1985 } });
    const bad = await server.ask('POST', `${at}:validate`, { body: { location: 'Oslo', year: 'x' } });
    expect([bad.status, bad.json.valid, bad.json.errors.length]).toEqual([200, false, 2]);
    const run = await server.ask('POST', `${at}:jobs`, {
      body: { location: ['Oslo'] },
      headers: { prefer: 'wait=10' },
    });
    expect(run.json.output).toEqual({ where: 'Oslo', year: 1985 });
    expect((await server.ask('GET', `${at}:jobs?limit=5`)).json.items[0].id).toBe(run.json.id);
  });

  it('has a document of its own in 3.0 and 3.1, with its schema as the body', async () => {
    const at = '/workflows/Tutorials/10seconds:openapi';
    const old = (await server.ask('GET', at)).json;
    expect(old.openapi).toBe('3.0.3');
    expect(old.servers[0].url).toBe(server.url);
    const body = old.paths['/workflows/Tutorials/10seconds:execution'].post.requestBody.content['application/json'];
    expect(body.schema.properties.location).toEqual({ type: 'array', items: { type: 'string' }, example: ['Berlin'] });
    expect(body.example).toEqual({ location: ['Berlin'], year: 1985 });
    expect((await server.ask('GET', `${at}?version=3.1`)).json.openapi).toBe('3.1.0');
  });

  it('that does not exist names those that are near', async () => {
    const { status, json } = await server.ask('GET', '/workflows/Tutorials/10second');
    expect([status, json.similar]).toEqual([404, ['/Tutorials/10seconds']]);
  });
});
