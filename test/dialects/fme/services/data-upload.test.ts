import { readdir, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSharedFiles } from '../../../../src/files/shared-files.ts';
import { parseRepositoryPath } from '../../../../src/repository/safe-path.ts';
import { type RawEntry, rawZip } from '../../../repository/raw-zip.ts';
import { silentLog } from '../../../repository/support.ts';
import { admin, basic, header } from '../../server.ts';
import { type Server, startServer } from '../support.ts';

const definitions = {
  'Tests/Reads.yaml': `${header('reads')}input:
  schema: { format: json, document: { type: object, properties: { SOURCE: { type: string, x-fme-type: file }, SOURCES: { type: array, items: { type: string }, x-fme-type: file } } } }
do:
  - shell:
      run:
        shell: { command: 'cat -- "$SOURCE"', environment: { SOURCE: '\${ $workflow.input.SOURCE // $workflow.input.SOURCES[0] }' } }
`,
};

let server: Server;
const root = '/fmedataupload/Tests/Reads.fmw';
const form = 'application/x-www-form-urlencoded';
const mary = basic('mary', 'a long password');
const prefix = '$(FME_SHAREDRESOURCE_SYSTEM)/temp/upload/Tests/Reads.fmw';
let token: string;
beforeAll(async () => {
  server = await startServer(definitions, { MILLRACE_UPLOAD_LIMIT: '200000' });
  await server.ask('POST', '/users', { body: { name: 'mary', password: 'a long password', roles: ['user'] } });
  await server.ask('POST', '/users', { body: { name: 'vera', password: 'a long password', roles: ['viewer'] } });
  const { json } = await server.ask('POST', '/fmeapiv4/tokens', { body: { name: 'upload' } });
  token = json.token;
});
afterAll(() => server.stop());

const files = (contents: Record<string, string | Uint8Array<ArrayBuffer>>, field = 'files[]'): FormData => {
  const data = new FormData();
  for (const [name, content] of Object.entries(contents)) data.append(field, new Blob([content]), name);
  return data;
};
const post = (query: string, raw: FormData, options: object = {}) =>
  server.ask('POST', `${root}${query}`, { raw, ...options });
const listing = async (query: string, options: object = {}) =>
  (await server.ask('GET', `${root}?${query}`, options)).json.serviceResponse;
const paths = (response: { files: { file: { path: string }[] } }) => response.files.file.map(({ path }) => path);
const onDisk = (path: string) => join(server.data, 'shared', path);

describe('POST', () => {
  it('stores files of a form and answers with paths that parameters take', async () => {
    const { status, json } = await post(
      '/?opt_fullpath=true&opt_responseformat=json&opt_namespace=c0ffee01',
      files({ 'a.gpkg': 'AAAA' }),
    );
    expect([status, json]).toEqual([
      200,
      {
        serviceResponse: {
          statusInfo: { status: 'success' },
          session: 'c0ffee01',
          files: {
            path: `${prefix}/c0ffee01`,
            folder: [{ path: `${prefix}/c0ffee01` }],
            file: [{ name: 'a.gpkg', size: 4, path: `${prefix}/c0ffee01/a.gpkg` }],
          },
        },
      },
    ]);
  });

  it('draws a folder where none is named, and gives relative paths unless asked for full ones', async () => {
    const first = (await post('', files({ 'x.txt': '1' }, 'file'))).json.serviceResponse;
    const second = (await post('', files({ 'x.txt': '2' }, 'file'))).json.serviceResponse;
    expect(first.session).toMatch(/^[0-9a-f]{16}$/);
    expect(second.session).not.toBe(first.session);
    expect(paths(first)).toEqual([`${first.session}/x.txt`]);
    expect(first.files.path).toBe(first.session);
  });

  it('answers about its own files first; the same name again replaces the file', async () => {
    await post('?opt_namespace=again', files({ 'b.txt': 'old', 'c.txt': 'c' }));
    const { json } = await post('?opt_namespace=again&opt_fullpath=true', files({ 'b.txt': 'newer' }));
    expect(json.serviceResponse.files.file).toEqual([{ name: 'b.txt', size: 5, path: `${prefix}/again/b.txt` }]);
    expect(paths(await listing('opt_namespace=again'))).toEqual(['again/b.txt', 'again/c.txt']);
  });

  it('of a form without files answers with the folder for them, the token in the form', async () => {
    const { status, json } = await server.ask('POST', `${root}?detail=high`, {
      raw: `opt_extractarchive=false&opt_pathlevel=3&opt_fullpath=true&token=${token}&opt_namespace=5551`,
      type: form,
      auth: false,
      headers: { accept: 'application/json' },
    });
    expect([status, json.serviceResponse]).toEqual([
      200,
      {
        statusInfo: { status: 'success' },
        session: '5551',
        files: { path: `${prefix}/5551`, folder: [{ path: `${prefix}/5551` }], file: [] },
      },
    ]);
    expect((await server.ask('POST', root)).json.serviceResponse.session).toMatch(/^[0-9a-f]{16}$/);
  });

  it('takes control values in the form beside the files, and their names in any case', async () => {
    const data = files({ 'x.txt': 'x' });
    data.append('OPT_NameSpace', 'in-form');
    data.append('opt_fullpath', 'yes');
    data.append('opt_responseformat', 'xml');
    const { text, headers } = await post('', data);
    expect(headers.get('content-type')).toBe('application/xml; charset=utf-8');
    expect(text).toContain(`<session>in-form</session><files><path>${prefix}/in-form</path>`);
    expect(text).toContain(`<file><name>x.txt</name><size>1</size><path>${prefix}/in-form/x.txt</path></file>`);
  });

  it('with a value that cannot be read, in the address or beside the files, stores nothing', async () => {
    const data = files({ 'x.txt': 'x' });
    data.append('opt_pathlevel', 'deep');
    for (const answer of [await post('?opt_namespace=bad', data), await post('?opt_fullpath=maybe', files({ x: 'x' }))])
      expect([answer.status, answer.json.serviceResponse.statusInfo.message]).toEqual([
        400,
        expect.stringMatching(
          /^Parameter Validation Failed: opt_(pathlevel: must be an integer|fullpath: must be a boolean)$/,
        ),
      ]);
    expect((await listing('opt_namespace=bad')).files.file).toEqual([]);
    await expect.poll(() => readdir(onDisk('.incoming'))).toEqual([]);
  });

  it('writes a page for browsers, JSON for those that ask for nothing', async () => {
    const page = await post('?opt_responseformat=html', files({ '<b>.txt': 'x' }));
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(page.text).not.toContain('<b>.txt');
    const plain = await post('', files({ x: 'x' }), { headers: { accept: '*/*' } });
    expect(plain.json.serviceResponse.statusInfo.status).toBe('success');
    const xml = await post('', files({ x: 'x' }), { headers: { accept: 'text/xml, application/xml' } });
    expect(xml.text).toMatch(/^<\?xml/);
  });

  it('answers 413 for a file over the limit and stores nothing of the request', async () => {
    const { status, json } = await post(
      '?opt_namespace=large',
      files({ 'small.txt': 'x', 'large.bin': new Uint8Array(200_001) }),
    );
    expect([status, json.serviceResponse.statusInfo]).toEqual([
      413,
      {
        status: 'failure',
        message: 'large.bin is larger than 200000 bytes; the setting uploadLimit (MILLRACE_UPLOAD_LIMIT) changes that.',
      },
    ]);
    expect((await listing('opt_namespace=large')).files.file).toEqual([]);
    await expect.poll(() => readdir(onDisk('.incoming'))).toEqual([]);
  });
});

describe('PUT', () => {
  it('stores its body under the name in the address', async () => {
    const put = (path: string, raw: string, type = 'application/octet-stream') =>
      server.ask('PUT', path, { raw, type });
    const { status, json } = await put(
      `${root}/${encodeURIComponent('Grüße 1.csv')}?opt_namespace=put&opt_fullpath=true`,
      'a;b',
    );
    expect([status, json.serviceResponse.files.file]).toEqual([
      200,
      [{ name: 'Grüße 1.csv', size: 3, path: `${prefix}/put/Grüße 1.csv` }],
    ]);
    expect((await put(`${root}/data.json?opt_namespace=put`, '{"not":"parsed"', 'application/json')).status).toBe(200);
    expect((await put('/fmedataupload/Tests/Reads/other.txt?opt_namespace=put', 'x')).status).toBe(200);
    expect(paths(await listing('opt_namespace=put'))).toEqual(['put/Grüße 1.csv', 'put/data.json', 'put/other.txt']);
    expect((await put(`${root}?opt_namespace=put`, 'x')).status).toBe(404);
    expect((await put(`${root}/a/b.txt`, 'x')).status).toBe(404);
    expect((await server.ask('PUT', `${root}/x.txt`, { raw: new FormData() })).status).toBe(415);
  });
});

describe('GET', () => {
  it('lists what was uploaded to a folder, or for the workspace, or behind jsessionid', async () => {
    await post('?opt_namespace=list', files({ 'l.txt': 'x' }));
    expect(paths(await listing('opt_namespace=list&opt_fullpath=true'))).toEqual([`${prefix}/list/l.txt`]);
    expect(paths(await listing(''))).toContain('list/l.txt');
    const { json } = await server.ask('GET', `${root};jsessionid=list?opt_fullpath=true`);
    expect([json.serviceResponse.session, paths(json.serviceResponse)]).toEqual(['list', [`${prefix}/list/l.txt`]]);
    const empty = await listing('opt_namespace=never');
    expect(empty.files).toEqual({ path: 'never', folder: [{ path: 'never' }], file: [] });
  });
});

describe('opt_extractarchive', () => {
  const zip = (entries: RawEntry[]): Uint8Array<ArrayBuffer> => new Uint8Array(rawZip(entries));
  const upload = (content: Uint8Array<ArrayBuffer>, namespace: string) =>
    post(`?opt_extractarchive=true&opt_namespace=${namespace}`, files({ 'data.zip': content, 'beside.txt': 'b' }));

  it('unpacks an archive into a folder of its name', async () => {
    const content = zip([
      { name: 'a.shp', data: 'A' },
      { name: 'sub/b.dbf', data: 'BB' },
    ]);
    const { json } = await upload(content, 'zip');
    expect(json.serviceResponse.files).toEqual({
      path: 'zip',
      folder: [{ path: 'zip' }, { path: 'zip/data' }, { path: 'zip/data/sub' }],
      file: [
        { name: 'a.shp', size: 1, path: 'zip/data/a.shp' },
        { name: 'b.dbf', size: 2, path: 'zip/data/sub/b.dbf' },
        { name: 'beside.txt', size: 1, path: 'zip/beside.txt' },
      ],
    });
    expect((await upload(zip([{ name: 'new.shp', data: 'N' }]), 'zip')).status).toBe(200);
    expect(paths(await listing('opt_namespace=zip'))).toEqual(['zip/beside.txt', 'zip/data/new.shp']);
    const levels = await listing('opt_namespace=zip&opt_pathlevel=1');
    expect([paths(levels), levels.files.folder.length]).toEqual([['zip/beside.txt'], 2]);
    const below = (await server.ask('GET', `${root}/data?opt_namespace=zip`)).json.serviceResponse;
    expect(paths(below)).toEqual(['zip/data/new.shp']);
    const kept = (await post('?opt_namespace=whole', files({ 'data.zip': content }))).json.serviceResponse;
    expect(paths(kept)).toEqual(['whole/data.zip']);
  });

  it.each<[string, RawEntry[]]>([
    ['a path out of it', [{ name: '../evil.txt', data: 'x' }]],
    ['an absolute path', [{ name: '/tmp/evil.txt', data: 'x' }]],
    ['a backslash', [{ name: '..\\evil.txt', data: 'x' }]],
    ['a symbolic link', [{ name: 'link', data: '/etc/passwd', mode: 0o120777 }]],
    [
      'two names that are one',
      [
        { name: 'a.txt', data: 'x' },
        { name: 'A.txt', data: 'y' },
      ],
    ],
    ['a bomb', [{ name: 'bomb', data: Buffer.alloc(20_000_000) }]],
  ])('refuses an archive with %s, and stores nothing of the request', async (what, entries) => {
    const namespace = what.replaceAll(' ', '-');
    const { status, json } = await upload(zip(entries), namespace);
    expect([400, 413]).toContain(status);
    expect(json.serviceResponse.statusInfo.status).toBe('failure');
    expect((await listing(`opt_namespace=${namespace}`)).files.file).toEqual([]);
    await expect.poll(() => readdir(onDisk('.incoming'))).toEqual([]);
  });

  it('refuses what is no archive', async () => {
    const { status, json } = await upload(new Uint8Array([1, 2, 3]), 'broken');
    expect([status, json.serviceResponse.statusInfo.message]).toEqual([
      400,
      expect.stringMatching(/^The archive is refused/),
    ]);
  });
});

describe('an uploaded file', () => {
  it('is read by later jobs of every face, by the user that brought it alone', async () => {
    const { json } = await post('?opt_fullpath=true', files({ 'in.csv': 'the content' }), { auth: mary });
    const [path] = paths(json.serviceResponse);
    const submit = (auth: string) =>
      server.ask('POST', '/fmeapiv4/jobs', {
        body: { repository: 'Tests', workspace: 'Reads.fmw', publishedParameters: { SOURCE: path } },
        auth,
      });
    const { json: job } = await submit(mary);
    await server.ask('GET', `/fmeapiv4/jobs/${job.id}/result?longPoll=true`, { auth: mary });
    expect((await server.ask('GET', `/jobs/${job.id}/result`, { auth: mary })).text).toContain('the content');
    const { json: request } = await server.ask('GET', `/fmeapiv4/jobs/${job.id}/request`, { auth: mary });
    expect(request.publishedParameters.SOURCE).toBe(path);

    const value = encodeURIComponent(`""${path}" "`);
    for (const name of ['SOURCE', 'SOURCES']) {
      const called = await server.ask(
        'GET',
        `/fmejobsubmitter/Tests/Reads.fmw?${name}=${value}&opt_responseformat=json`,
        {
          auth: mary,
        },
      );
      expect(called.json.serviceResponse.statusInfo.status).toBe('success');
      const { jobID } = called.json.serviceResponse;
      expect((await server.ask('GET', `/jobs/${jobID}/result`, { auth: mary })).text).toContain('the content');
    }
    // Another user's path of the same text is another file, which is not there.
    const other = await submit(admin);
    await server.result(other.json.id);
    expect((await server.ask('GET', `/jobs/${other.json.id}/result`)).text).not.toContain('the content');
  });

  it('goes with its folder once it is older than the setting says', async () => {
    await post('?opt_namespace=old', files({ 'o.txt': 'x' }));
    await post('?opt_namespace=young', files({ 'y.txt': 'x' }));
    const all = await readdir(onDisk('uploads'), { recursive: true });
    const old = all.filter((name) => /Reads\.fmw\/old(\/o\.txt)?$/.test(name));
    for (const name of old.toSorted().toReversed()) await utimes(join(onDisk('uploads'), name), 1, 1);
    const shared = createSharedFiles({ folder: onDisk(''), areas: [], log: silentLog });
    await shared.start?.();
    expect(await shared.sweep(parseRepositoryPath('uploads'), Date.now() - 3_600_000)).toBe(1);
    const left = await readdir(onDisk('uploads'), { recursive: true });
    expect(left.some((name) => name.includes('old'))).toBe(false);
    expect(left.some((name) => name.endsWith('young/y.txt'))).toBe(true);
  });
});

describe('who may', () => {
  it('sign in: Basic after the challenge, a token in header, address and form', async () => {
    const without = await post('', files({ x: 'x' }), { auth: false });
    expect([without.status, without.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="FME Flow"']);
    for (const query of [`?token=${token}`, `?fmetoken=${token}`])
      expect((await post(query, files({ x: 'x' }), { auth: false })).status).toBe(200);
    expect((await post('', files({ x: 'x' }), { auth: `fmetoken token=${token}` })).status).toBe(200);
    expect((await server.ask('GET', `${root}?token=wrong`, { auth: false })).status).toBe(401);
    expect(server.log()).not.toContain(token);
  });

  it('upload: whoever runs jobs, for workspaces it sees', async () => {
    const vera = basic('vera', 'a long password');
    expect((await post('', files({ x: 'x' }), { auth: vera })).status).toBe(404);
    const nowhere = await server.ask('POST', '/fmedataupload/Tests/None.fmw', { raw: files({ x: 'x' }) });
    expect([nowhere.status, nowhere.json.serviceResponse.statusInfo.message]).toEqual([
      404,
      'Item None.fmw does not exist.',
    ]);
    expect((await server.ask('GET', '/fmedataupload/')).status).toBe(404);
    expect((await server.ask('GET', '/fmedataupload/Tests')).status).toBe(404);
    for (const bad of ['..', 'a/b', 'a%00', 'con'])
      expect((await post(`?opt_namespace=${bad}`, files({ x: 'x' }))).status, bad).toBe(400);
    expect(await readFile(join(server.data, 'shared', 'x'), 'utf8').catch(() => 'none')).toBe('none');
  });
});
