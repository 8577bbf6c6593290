import { randomBytes } from 'node:crypto';
import { readdir, readFile, realpath, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromBufferPromise } from 'yauzl';
import { hostilePaths } from '../../repository/hostile-paths.ts';
import { admin, header } from '../server.ts';
import { basic, type Server, startServer } from './support.ts';

const definitions = {
  'Tests/Reads.yaml': `${header('reads')}input:
  schema:
    format: json
    document:
      type: object
      properties:
        SOURCE: { type: string, x-fme-type: file }
        MORE: { type: array, items: { type: string }, x-fme-type: file }
        MUST: { type: string, x-fme-type: file, x-fme-validateExistence: true }
        TARGET: { type: string, x-fme-type: folder, x-fme-accessMode: write }
        LABEL: { type: string }
do:
  - shell:
      run:
        shell:
          command: 'cat -- "$SOURCE"'
          environment: { SOURCE: '\${ $workflow.input.SOURCE }' }
  - answer:
      set:
        shell: \${ . }
        input: \${ $workflow.input }
`,
  'Tests/Preset.yaml': `${header('preset')}input:
  schema:
    format: json
    document:
      type: object
      properties:
        SOURCE: { type: string, x-fme-type: file, default: $(FME_SHAREDRESOURCE_DATA)/preset/default.txt }
        MORE: { type: array, items: { type: string }, x-fme-type: file, default: [$(FME_SHAREDRESOURCE_DATA)/preset, plain.txt] }
do:
  - answer: { set: { got: '\${ $workflow.input }' } }
`,
  'Tests/Script.yaml': `${header('script')}input:
  schema: { format: json, document: { type: object, properties: { SOURCE: { type: string, x-fme-type: file }, TARGET: { type: string, x-fme-type: folder, x-fme-accessMode: write } } } }
do:
  - copy:
      run:
        script:
          language: js
          arguments: { source: '\${ $workflow.input.SOURCE }', target: '\${ $workflow.input.TARGET }' }
          code: |
            const { readFile, writeFile } = await import('node:fs/promises');
            const text = await readFile(source, 'utf8');
            await writeFile(target + '/copy.txt', text.toUpperCase());
            return text;
`,
};

let server: Server;
const api = '/fmeapiv4/resources/connections';
const mary = basic('mary', 'a long password');
const olga = basic('olga', 'a long password');
const vera = basic('vera', 'a long password');
beforeAll(async () => {
  server = await startServer(definitions, { MILLRACE_UPLOAD_LIMIT: '200000' });
  for (const [name, role] of [
    ['mary', 'user'],
    ['olga', 'operator'],
    ['vera', 'viewer'],
  ])
    await server.ask('POST', '/users', { body: { name, password: 'a long password', roles: [role] } });
});
afterAll(() => server.stop());

const form = (files: Record<string, string | Uint8Array<ArrayBuffer>>, field = 'files'): FormData => {
  const data = new FormData();
  for (const [name, content] of Object.entries(files)) data.append(field, new Blob([content]), name);
  return data;
};
const upload = (
  path: string,
  files: Record<string, string | Uint8Array<ArrayBuffer>>,
  { connection = 'FME_SHAREDRESOURCE_TEMP', auth = admin, field = 'files', query = '&overwrite=true' } = {},
) =>
  server.ask('POST', `${api}/${connection}/upload?path=${encodeURIComponent(path)}${query}`, {
    raw: form(files, field),
    auth,
  });
const info = (path: string, auth = admin, connection = 'Temp') =>
  server.ask('GET', `${api}/${connection}/info?path=${encodeURIComponent(path)}`, { auth });
const onDisk = (path: string) => join(server.data, 'shared', path);
const zipOf = async (body: object, auth = admin) => {
  const response = await fetch(`${server.url}${api}/FME_SHAREDRESOURCE_TEMP/downloadzip`, {
    method: 'POST',
    headers: { authorization: auth, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { response, bytes: Buffer.from(await response.arrayBuffer()) };
};
const namesInZip = async (bytes: Buffer): Promise<string[]> => {
  const zip = await fromBufferPromise(bytes, { lazyEntries: true });
  const names: string[] = [];
  for await (const entry of zip.eachEntry()) names.push(entry.fileName);
  return names;
};
const realPlace = async (path: string) => join(await realpath(onDisk('')), path);
/** Until nothing lies aside any more. */
const nothingAside = () => expect.poll(() => readdir(onDisk('.incoming')), { timeout: 5_000 }).toEqual([]);

describe('POST /resources/connections/{name}/upload', () => {
  it('takes several parts named files, makes folders, and answers with what a parameter needs', async () => {
    const { status, json } = await upload('job-17/deep', { 'a.gpkg': 'AAAA', 'b b.gpkg': 'BB' });
    expect([status, json]).toEqual([
      201,
      {
        path: '$(FME_SHAREDRESOURCE_TEMP)/job-17/deep',
        files: [
          { name: 'a.gpkg', size: 4 },
          { name: 'b b.gpkg', size: 2 },
        ],
      },
    ]);
    expect(await readFile(onDisk('temp/job-17/deep/b b.gpkg'), 'utf8')).toBe('BB');
  });

  it('takes one part named file, an empty path, a bare key and none, and the short name', async () => {
    for (const query of ['?path=&overwrite=true', '?path&overwrite=true', '?overwrite=true', '?path=/&overwrite']) {
      const { status, json } = await server.ask('POST', `${api}/Temp/upload${query}`, {
        raw: form({ 'top.txt': 'x' }, 'file'),
      });
      expect([200, 201]).toContain(status);
      expect(json).toEqual({ path: '$(FME_SHAREDRESOURCE_TEMP)/top.txt', files: [{ name: 'top.txt', size: 1 }] });
    }
  });

  it('takes names with umlauts, blanks and quotes, and an empty file', async () => {
    const names = { 'Grüße aus Köln.txt': 'ü', '日本 語.gpkg': 'x', "it's (1).txt": 'y', 'leer.txt': '' };
    expect((await upload('Größe & Maß', names)).status).toBe(201);
    const { json } = await info('Größe & Maß');
    expect(json.contents.map(({ name }: { name: string }) => name).sort()).toEqual(Object.keys(names).sort());
    expect(json.contents.find(({ name }: { name: string }) => name === 'leer.txt').size).toBe(0);
  });

  it('replaces only when asked: 409 for one, 207 when others could be stored', async () => {
    await upload('over', { 'a.txt': '1' });
    const again = await upload('over', { 'a.txt': '2' }, { query: '' });
    expect([again.status, again.json]).toEqual([409, { message: '/temp/over/a.txt exists already.' }]);
    const some = await upload('over', { 'a.txt': '2', 'b.txt': '3' }, { query: '&overwrite=false' });
    expect([some.status, some.json]).toEqual([
      207,
      {
        path: '$(FME_SHAREDRESOURCE_TEMP)/over/b.txt',
        files: [{ name: 'b.txt', size: 1 }],
        failed: [{ name: 'a.txt', message: '/temp/over/a.txt exists already.' }],
      },
    ]);
    expect(await readFile(onDisk('temp/over/a.txt'), 'utf8')).toBe('1');
    expect((await upload('over', { 'a.txt': '22' })).status).toBe(200);
    expect(await readFile(onDisk('temp/over/a.txt'), 'utf8')).toBe('22');
    await nothingAside();
  });

  it('answers 413 naming the setting for a file over the limit, and 207 when others are smaller', async () => {
    const large = new Uint8Array(200_001);
    const alone = await upload('large', { 'large.bin': large });
    expect([alone.status, alone.json.message]).toEqual([
      413,
      'large.bin is larger than 200000 bytes; the setting uploadLimit (MILLRACE_UPLOAD_LIMIT) changes that.',
    ]);
    const some = await upload('large', { 'large.bin': large, 'small.bin': 'x', 'exact.bin': new Uint8Array(200_000) });
    expect([some.status, some.json.files.length, some.json.failed[0].name]).toEqual([207, 2, 'large.bin']);
    expect((await readdir(onDisk('temp/large'))).sort()).toEqual(['exact.bin', 'small.bin']);
    await nothingAside();
  });

  it('answers 400 without a file, 413 beyond 500 of them, 415 to anything but multipart', async () => {
    const none = await server.ask('POST', `${api}/Temp/upload?path=x`, { raw: form({}) });
    expect([none.status, none.json]).toEqual([
      400,
      { message: 'Parameter Validation Failed', details: { files: 'A file is required' } },
    ]);
    const many = Object.fromEntries(Array.from({ length: 501 }, (_, at) => [`${at}.txt`, 'x']));
    expect((await upload('many', many)).status).toBe(413);
    const handle = { files: [{ filepath: '/etc/passwd', filename: 'x' }] };
    expect((await server.ask('POST', `${api}/Temp/upload?path=x`, { body: handle })).status).toBe(415);
    await nothingAside();
    expect((await info('many')).status).toBe(404);
  });

  it('that breaks off leaves nothing: no file, no folder', async () => {
    const boundary = 'cut';
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write(
      `POST ${api}/Temp/upload?path=cut-off HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${admin}\r\n` +
        `Content-Type: multipart/form-data; boundary=${boundary}\r\nContent-Length: 150000\r\n\r\n` +
        `--${boundary}\r\nContent-Disposition: form-data; name="files"; filename="whole.txt"\r\n\r\nwhole\r\n` +
        `--${boundary}\r\nContent-Disposition: form-data; name="files"; filename="half.bin"\r\n\r\n${'x'.repeat(50_000)}`,
    );
    await expect.poll(async () => (await readdir(onDisk('.incoming'))).length, { timeout: 5_000 }).toBe(2);
    expect((await info('cut-off')).status).toBe(404);
    socket.destroy();
    await nothingAside();
    expect((await info('cut-off')).status).toBe(404);
  });

  it('whose last boundary is missing stores nothing', async () => {
    const body = '--b\r\nContent-Disposition: form-data; name="files"; filename="x.txt"\r\n\r\nhalf';
    const { status } = await server.ask('POST', `${api}/Temp/upload?path=unfinished`, {
      raw: body,
      type: 'multipart/form-data; boundary=b',
    });
    expect(status).toBe(400);
    await nothingAside();
    expect((await info('unfinished')).status).toBe(404);
  });

  it('keeps one of two uploads of the same name at once, whole', async () => {
    const contents = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(100_000));
    const answers = await Promise.all(contents.map((content) => upload('race', { 'x.txt': content }, { query: '' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    const winner = answers.findIndex(({ status }) => status === 201);
    expect(await readFile(onDisk('temp/race/x.txt'), 'utf8')).toBe(contents[winner]);
  });
});

describe('an upload that is refused before its end', () => {
  const multipart =
    'multipart/form-data; boundary=b\r\n\r\n--b\r\nContent-Disposition: form-data; name="files"; filename="x"\r\n\r\n';
  it.each([
    ['413', 'PUT /fmerest/v3/resources/connections/Temp/filesys/x', 'application/octet-stream\r\n\r\n'],
    ['413', 'PUT /fmedataupload/Tests/Reads.fmw/x', 'application/octet-stream\r\n\r\n'],
    ['400', `POST ${api}/Temp/upload?path=..`, multipart],
    ['404', `POST ${api}/Nowhere/upload`, multipart],
  ])('is answered %s at once, and its connection serves the next request: %s', async (status, line, rest) => {
    const bytes = 3_000_000;
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    let got = '';
    socket.on('data', (chunk) => {
      got += chunk;
    });
    const [type, body = ''] = rest.split('\r\n\r\n');
    const content = body === '' ? '' : rest.slice(type!.length + 4);
    socket.write(
      `${line} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${admin}\r\nContent-Type: ${type}\r\n` +
        `Content-Length: ${content.length + bytes}\r\n\r\n${content}${'x'.repeat(bytes)}`,
    );
    socket.write('GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
    expect([...got.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, code]) => code)).toEqual([status, '200']);
  });
});

describe('GET /resources/connections', () => {
  it('lists what the caller may see', async () => {
    const names = async (auth: string) =>
      (await server.ask('GET', api, { auth })).json.items.map(({ name }: { name: string }) => name);
    const short = (name: string) => `FME_SHAREDRESOURCE_${name}`;
    expect(await names(admin)).toEqual(['BACKUP', 'DATA', 'SYSTEM', 'TEMP'].map(short));
    expect(await names(olga)).toEqual(['BACKUP', 'DATA', 'TEMP'].map(short));
    expect(await names(mary)).toEqual(['DATA', 'TEMP'].map(short));
    const { json } = await server.ask('GET', `${api}?limit=1&offset=1`);
    expect(json).toMatchObject({ totalCount: 4, limit: 1, offset: 1, items: [{ displayName: 'Data', type: 'FILE' }] });
  });
});

describe('GET /resources/connections/{name}/info', () => {
  it('tells of a folder, of a file in it, and of the top', async () => {
    await upload('seen/sub', { 'a.gpkg': 'AAAA' });
    await upload('seen', { 'z.txt': 'zz' });
    const { json } = await info('seen');
    expect(json).toMatchObject({ name: 'seen', type: 'DIR', path: '/' });
    expect(json.contents).toEqual([
      { name: 'sub', type: 'DIR', path: '/seen/', date: expect.stringMatching(/^\d{4}-.*Z$/) },
      { name: 'z.txt', type: 'FILE', path: '/seen/', size: 2, date: expect.stringMatching(/^\d{4}-.*Z$/) },
    ]);
    expect((await info('/seen/sub/a.gpkg/')).json).toMatchObject({
      name: 'a.gpkg',
      type: 'FILE',
      path: '/seen/sub/',
      size: 4,
    });
    expect((await info('')).json).toMatchObject({ name: '', type: 'DIR', path: '/' });
    expect((await server.ask('GET', `${api}/Temp/info`)).json.contents.length).toBeGreaterThan(1);
  });

  it('answers 404 in the words of the original for a connection, and for what is not there', async () => {
    const unknown = await info('', admin, 'FME_SHAREDRESOURCE_NONE');
    expect([unknown.status, unknown.json.message]).toEqual([
      404,
      'Unauthorized request by user admin due to lack of proper permissions or the object does not exist.',
    ]);
    expect((await info('nowhere')).json).toEqual({ message: 'Resource "nowhere" does not exist.' });
    expect((await info('top.txt/x')).status).toBe(404);
  });
});

describe('POST /resources/connections/{name}/downloadzip', () => {
  it('streams a real archive of files and folders under the name asked for', async () => {
    await upload('zip', { 'a.gpkg': 'AAAA', 'Grüße aus Köln.txt': 'ü' });
    await upload('zip/sub', { 'c.txt': 'C', '.hidden': 'h' });
    const { response, bytes } = await zipOf({
      path: 'zip',
      items: ['a.gpkg', 'Grüße aus Köln.txt', 'sub', '/sub/c.txt'],
      zipFileName: 'Ergebnis ü.zip',
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/zip');
    expect(response.headers.get('content-disposition')).toContain("filename*=UTF-8''Ergebnis%20%C3%BC.zip");
    expect((await namesInZip(bytes)).sort()).toEqual(['Grüße aus Köln.txt', 'a.gpkg', 'sub/.hidden', 'sub/c.txt']);
    const all = await zipOf({ path: '/zip/', items: ['.'] });
    expect(all.response.headers.get('content-disposition')).toBe('attachment; filename="resources.zip"');
    expect((await namesInZip(all.bytes)).length).toBe(4);
  });

  it('takes 500 items and no more', async () => {
    const names = Array.from({ length: 500 }, (_, at) => `${at}.txt`);
    await upload('five-hundred', Object.fromEntries(names.map((name) => [name, `content of ${name}`])));
    const { response, bytes } = await zipOf({ path: 'five-hundred', items: names });
    expect(response.status).toBe(200);
    expect((await namesInZip(bytes)).sort()).toEqual([...names].sort());
    const more = await zipOf({ path: 'five-hundred', items: [...names, 'x'] });
    expect([more.response.status, JSON.parse(more.bytes.toString()).details]).toEqual([
      400,
      { items: 'size must be between 0 and 500' },
    ]);
  }, 60_000);

  it('answers 404 for an item that is not there, 400 without items', async () => {
    const gone = await zipOf({ path: 'zip', items: ['a.gpkg', 'nowhere'] });
    expect([gone.response.status, JSON.parse(gone.bytes.toString()).message]).toEqual([
      404,
      'There is nothing at /temp/zip/nowhere.',
    ]);
    for (const body of [{}, { path: 'zip', items: [] }, { path: 'zip', items: ['/'] }, { items: 'a.gpkg' }])
      expect((await zipOf(body)).response.status).toBe(400);
    const none = await zipOf({ items: [] });
    expect(JSON.parse(none.bytes.toString()).details).toEqual({ items: 'must not be empty' });
  });
});

describe('DELETE /resources/connections/{name}/item', () => {
  it('removes a file, and a folder with all in it', async () => {
    await upload('gone/sub', { 'a.txt': '1', 'b.txt': '2' });
    const remove = (path: string, auth = admin) => server.ask('DELETE', `${api}/Temp/item?path=${path}`, { auth });
    expect((await remove('gone/sub/a.txt')).status).toBe(204);
    const again = await remove('gone/sub/a.txt');
    expect([again.status, again.json]).toEqual([404, { message: 'Resource "gone/sub/a.txt" does not exist.' }]);
    expect((await remove('gone')).status).toBe(204);
    expect((await info('gone')).status).toBe(404);
    for (const path of ['', '/', '//']) expect((await remove(path)).status).toBe(400);
    expect((await remove('..')).status).toBe(400);
  });
});

describe('a path', () => {
  it('of any spelling reaches no byte outside', async () => {
    await writeFile(join(server.data, 'secret.txt'), 'the secret outside');
    const before = (await readdir(server.data)).sort();
    const encoded = [...hostilePaths, '../../data/secret.txt', '..%2fsecret.txt', 'x/../../secret.txt'];
    for (const raw of encoded) {
      for (const path of [raw, encodeURIComponent(raw.toWellFormed())]) {
        const got = await fetch(`${server.url}${api}/Temp/info?path=${path}`, { headers: { authorization: admin } });
        expect([200, 400, 404], path).toContain(got.status);
        expect(await got.text(), path).not.toContain('"type":"FILE","path":"/","size":18');
      }
    }
    for (const path of ['../x', 'a/../../x', 'C:\\x', 'con/x', 'a\0b', 'x%2e%2e/y', '.. /x'])
      expect((await upload(path, { 'x.txt': 'x' })).status, path).toBe(400);
    for (const name of ['con.txt', 'a:b.txt', 'x.txt.', 'a%2fb.txt'])
      expect((await upload('names', { [name]: 'x' })).status, name).toBe(400);
    // The folders of a name are cut off, as browsers may send them.
    expect((await upload('names', { '../../evil.txt': 'x' })).json.path).toBe(
      '$(FME_SHAREDRESOURCE_TEMP)/names/evil.txt',
    );
    expect((await readdir(server.data)).sort()).toEqual(before);
    expect((await info('../.incoming')).status).toBe(400);
  });

  it('through a symbolic link is not there', async () => {
    await upload('links', { 'a.txt': 'x' });
    await symlink(server.data, onDisk('temp/links/out'));
    await symlink(join(server.data, 'secret.txt'), onDisk('temp/links/secret.txt'));
    for (const path of ['links/out', 'links/out/secret.txt', 'links/secret.txt']) {
      expect((await info(path)).status, path).toBe(404);
      expect((await server.ask('DELETE', `${api}/Temp/item?path=${path}`)).status, path).toBe(404);
      expect((await zipOf({ items: [path] })).response.status, path).toBe(404);
    }
    expect([404, 409]).toContain((await upload('links/out', { 'x.txt': 'x' })).status);
    expect((await upload('links', { 'secret.txt': 'x' })).status).toBe(409);
    expect((await info('links')).json.contents.map(({ name }: { name: string }) => name)).toEqual(['a.txt']);
    expect(await readFile(join(server.data, 'secret.txt'), 'utf8')).toBe('the secret outside');
    const submitted = await server.ask('POST', '/fmeapiv4/jobs', {
      body: {
        repository: 'Tests',
        workspace: 'Reads.fmw',
        publishedParameters: { SOURCE: '$(FME_SHAREDRESOURCE_TEMP)/links/out/secret.txt' },
      },
    });
    expect([submitted.status, submitted.json.details.SOURCE]).toEqual([
      422,
      'There is nothing at /temp/links/out/secret.txt.',
    ]);
  });
});

describe('who may', () => {
  it('write: users what passes between jobs, operators the data too, viewers nothing', async () => {
    const write = async (auth: string, connection: string) =>
      (await upload('rights', { [`${randomBytes(4).toString('hex')}.txt`]: 'x' }, { auth, connection })).status;
    expect([await write(mary, 'Temp'), await write(olga, 'Temp'), await write(vera, 'Temp')]).toEqual([201, 201, 403]);
    expect([await write(mary, 'Data'), await write(olga, 'Data'), await write(vera, 'Data')]).toEqual([403, 201, 403]);
    expect([await write(mary, 'Backup'), await write(olga, 'Backup')]).toEqual([404, 201]);
    expect([await write(mary, 'System'), await write(olga, 'System'), await write(admin, 'System')]).toEqual([
      404, 404, 201,
    ]);
  });

  it('read: everybody what passes between jobs and the data', async () => {
    await upload('rights', { 'r.txt': 'x' }, { connection: 'Data' });
    for (const auth of [mary, olga, vera]) expect((await info('rights/r.txt', auth, 'Data')).status).toBe(200);
    const hidden = await info('', mary, 'System');
    expect([hidden.status, hidden.json.message]).toEqual([
      404,
      'Unauthorized request by user mary due to lack of proper permissions or the object does not exist.',
    ]);
    const remove = await server.ask('DELETE', `${api}/Data/item?path=rights/r.txt`, { auth: mary });
    expect([remove.status, remove.json.message]).toEqual([403, 'User mary may not write shared files of data.']);
  });

  it('with a token only what it is limited to', async () => {
    const token = async (permissions: string[]) => {
      const { json } = await server.ask('POST', '/fmeapiv4/tokens', {
        body: { name: randomBytes(4).toString('hex'), customPermissions: true, permissions },
      });
      return `fmetoken token=${json.token}`;
    };
    const [runs, reads, writes, lists] = await Promise.all(
      [['runWorkspace:access'], ['resources:read'], ['resources:write'], ['repositories:read']].map(token),
    );
    const writesTo = async (auth: string, connection: string) =>
      (await upload('tokens', { 'x.txt': 'x' }, { auth, connection })).status;
    await upload('tokens', { 'x.txt': 'x' });
    await upload('tokens', { 'x.txt': 'x' }, { connection: 'Data' });
    expect([await writesTo(runs!, 'Temp'), await writesTo(runs!, 'Data')]).toEqual([200, 403]);
    expect([await writesTo(reads!, 'Temp'), await writesTo(writes!, 'Temp'), await writesTo(writes!, 'Data')]).toEqual([
      403, 200, 200,
    ]);
    expect([(await info('', reads)).status, (await info('', writes)).status, (await info('', lists)).status]).toEqual([
      200, 200, 403,
    ]);
    expect((await server.ask('GET', api, { auth: false })).status).toBe(401);
  });
});

describe('a published parameter', () => {
  const run = async (publishedParameters: object, workspace = 'Reads.fmw', auth = admin) => {
    const { status, json } = await server.ask('POST', '/fmeapiv4/jobs', {
      body: { repository: 'Tests', workspace, publishedParameters },
      auth,
    });
    return { status, json };
  };
  const outputOf = async (id: number) => {
    await server.result(id);
    return (await server.ask('GET', `/jobs/${id}/result`)).json;
  };

  it('leads to the uploaded file on the disk', async () => {
    const { json: uploaded } = await upload('für job 1', { 'Grüße 1.csv': 'a,b\n1,2\n' });
    const { status, json } = await run({ SOURCE: uploaded.path, LABEL: uploaded.path });
    expect(status).toBe(202);
    const output = await outputOf(json.id);
    expect(output.shell ?? output.output.shell).toMatch(/^a,b\n1,2/);
    const { input } = output.output ?? output;
    expect(input.SOURCE).toBe(await realPlace('temp/für job 1/Grüße 1.csv'));
    expect(input.LABEL).toBe(uploaded.path);
    const { json: request } = await server.ask('GET', `/fmeapiv4/jobs/${json.id}/request`);
    expect(request.publishedParameters).toEqual({ SOURCE: uploaded.path, LABEL: uploaded.path });
  });

  it('leads a script to files and to the folder for its output', async () => {
    await upload('js', { 'in.txt': 'hello' });
    const { json } = await run(
      { SOURCE: '$(FME_SHAREDRESOURCE_TEMP)/js/in.txt', TARGET: '$(FME_SHAREDRESOURCE_TEMP)/js' },
      'Script.fmw',
    );
    expect((await server.result(json.id)).json.status).toBe('success');
    expect(await readFile(onDisk('temp/js/copy.txt'), 'utf8')).toBe('HELLO');
  });

  it('has its default where the caller names none', async () => {
    await upload('preset', { 'default.txt': 'the default' }, { connection: 'Data' });
    const { json } = await run({}, 'Preset.fmw');
    const output = await outputOf(json.id);
    expect((output.output ?? output).got).toEqual({
      SOURCE: await realPlace('data/preset/default.txt'),
      MORE: [await realPlace('data/preset'), 'plain.txt'],
    });
    const { json: named } = await run({ SOURCE: 'mine.txt', MORE: ['x'] }, 'Preset.fmw');
    const other = await outputOf(named.id);
    expect((other.output ?? other).got).toEqual({ SOURCE: 'mine.txt', MORE: ['x'] });
  });

  it('may be a list, and several in quotes', async () => {
    await upload('list', { 'a.txt': 'A', 'b.txt': 'B' });
    const [a, b] = ['a.txt', 'b.txt'].map((name) => `$(FME_SHAREDRESOURCE_TEMP)/list/${name}`);
    const { json } = await run({ SOURCE: a, MORE: `""${a}" "${b}" "` });
    const output = await outputOf(json.id);
    expect((output.output ?? output).input.MORE).toEqual([
      await realPlace('temp/list/a.txt'),
      await realPlace('temp/list/b.txt'),
    ]);
    const { json: request } = await server.ask('GET', `/fmeapiv4/jobs/${json.id}/request`);
    expect(request.publishedParameters.MORE).toEqual([a, b]);
  });

  it.each([
    ['SOURCE', '$(FME_SHAREDRESOURCE_TEMP)/../../secret.txt', 'The path leads out of its shared resource'],
    ['SOURCE', '$(FME_SHAREDRESOURCE_NONE)/x', 'There is no shared resource FME_SHAREDRESOURCE_NONE'],
    [
      'MUST',
      '$(FME_SHAREDRESOURCE_TEMP)/nowhere.txt',
      'Resource "$(FME_SHAREDRESOURCE_TEMP)/nowhere.txt" does not exist.',
    ],
    ['SOURCE', '$(FME_SHAREDRESOURCE_TEMP)/a:b', expect.stringContaining('it has a colon')],
  ])('%s = %s is refused', async (name, value, message) => {
    const { status, json } = await run({ [name]: value });
    expect([status, json]).toEqual([
      422,
      { message: 'Published Parameter Validation Failed', details: { [name]: message } },
    ]);
  });

  it('holds its caller to its rights', async () => {
    const hidden = await run({ SOURCE: '$(FME_SHAREDRESOURCE_BACKUP)/x' }, 'Reads.fmw', mary);
    expect([hidden.status, hidden.json.details.SOURCE]).toEqual([
      422,
      'There are no shared files called backup, or you may not see them.',
    ]);
    const written = await run({ TARGET: '$(FME_SHAREDRESOURCE_DATA)/out' }, 'Reads.fmw', mary);
    expect(written.json.details.TARGET).toBe('User mary may not write shared files of data.');
    expect((await run({ SOURCE: '$(FME_SHAREDRESOURCE_DATA)/x' }, 'Reads.fmw', mary)).status).toBe(202);
  });
});
