import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromBufferPromise } from 'yauzl';
import { header } from '../server.ts';
import { type Server, startServer } from './support.ts';

/** What known clients send about files, request by request (reference sections 7.1, 10.3, 12). */

const definitions = {
  'conversions/convert.yaml': `${header('convert')}input:
  schema:
    format: json
    document:
      type: object
      properties:
        FOLDER: { type: string, x-fme-type: folder, x-fme-accessMode: write }
        SourceDataset: { type: array, items: { type: string }, x-fme-type: file }
do:
  - convert:
      run:
        script:
          language: js
          arguments: { folder: '\${ .FOLDER // null }', sources: '\${ .SourceDataset // [] }' }
          code: |
            const { readdirSync, readFileSync, mkdirSync, writeFileSync } = await import('node:fs');
            const files = folder === null ? sources : readdirSync(folder).filter((name) => name.endsWith('.gml')).map((name) => folder + '/' + name);
            if (folder !== null) mkdirSync(folder + '/output', { recursive: true });
            for (const file of files) {
              const text = readFileSync(file, 'utf8').toUpperCase();
              const name = file.split('/').at(-1) + '.out';
              writeFileSync((folder === null ? 'out/' : folder + '/output/') + name, text);
            }
            return files.length;
`,
};

let server: Server;
let token: string;
beforeAll(async () => {
  server = await startServer(definitions);
  token = (await server.ask('POST', '/fmeapiv4/tokens', { body: { name: 'client' } })).json.token;
});
afterAll(() => server.stop());

const form = (field: string, files: Record<string, string>): FormData => {
  const data = new FormData();
  for (const [name, content] of Object.entries(files)) data.append(field, new Blob([content]), name);
  return data;
};
const ask = (method: string, path: string, options: Parameters<Server['ask']>[2] = {}) =>
  server.ask(method, path, { auth: `fmetoken token=${token}`, ...options });
const filesIn = async (url: string, init: RequestInit = {}): Promise<Record<string, string>> => {
  const response = await fetch(url, init);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/zip']);
  const zip = await fromBufferPromise(Buffer.from(await response.arrayBuffer()), { lazyEntries: true });
  const files: Record<string, string> = {};
  for await (const entry of zip.eachEntry()) {
    const chunks: Buffer[] = [];
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
    files[entry.fileName] = Buffer.concat(chunks).toString();
  }
  return files;
};
const submit = async (publishedParameters: object): Promise<number> => {
  const { status, json } = await ask('POST', '/fmeapiv4/jobs', {
    body: { repository: 'conversions', workspace: 'convert.fmw', publishedParameters },
  });
  expect(status).toBe(202);
  return json.id;
};

describe('a converter of reports (EEA, V4)', () => {
  it('uploads a folder of files, converts them, takes the archive of the results and clears up', async () => {
    const api = '/fmeapiv4/resources/connections/FME_SHAREDRESOURCE_TEMP';
    const uploaded = await ask('POST', `${api}/upload?path=convdir/env_1&overwrite=true`, {
      raw: form('files', { 'a.gml': 'first', 'b.gml': 'second' }),
    });
    expect([200, 201]).toContain(uploaded.status);
    const id = await submit({ FOLDER: '$(FME_SHAREDRESOURCE_TEMP)/convdir/env_1' });
    expect((await server.result(id)).json.status).toBe('success');

    const { json } = await ask('GET', `${api}/info?path=convdir/env_1/output`);
    const items = json.contents
      .filter(({ type }: { type: string }) => type === 'FILE')
      .map((one: { name: string }) => one.name);
    const files = await filesIn(`${server.url}${api}/downloadzip`, {
      method: 'POST',
      headers: {
        authorization: `fmetoken token=${token}`,
        'content-type': 'application/json',
        accept: 'application/zip',
      },
      body: JSON.stringify({ path: 'convdir/env_1/output', items, zipFileName: 'resources.zip' }),
    });
    expect(files).toEqual({ 'a.gml.out': 'FIRST', 'b.gml.out': 'SECOND' });
    for (const item of ['convdir/env_1/output/a.gml.out', 'convdir/env_1'])
      expect((await ask('DELETE', `${api}/item?path=${encodeURIComponent(item)}`)).status).toBe(204);
    expect((await ask('GET', `${api}/info?path=convdir/env_1`)).status).toBe(404);
  });
});

describe('a converter of reports (EEA, V3)', () => {
  it('reads a list of what it uploaded, takes the archive of a folder, and deletes the folder', async () => {
    const api = '/fmerest/v3/resources/connections/FME_SHAREDRESOURCE_TEMP';
    const folder = 'convdir/env_2';
    const uploaded = await ask('POST', `${api}/filesys/${folder}?createDirectories=true&overwrite=true`, {
      raw: form('files', { 'a.gml': 'first' }),
      headers: { accept: 'application/json' },
    });
    expect([uploaded.status, uploaded.json.map(({ name }: { name: string }) => name)]).toEqual([200, ['a.gml']]);
    await server.result(await submit({ FOLDER: `$(FME_SHAREDRESOURCE_TEMP)/${folder}` }));
    const address = `${server.url}${api}/downloadzip/${folder}/output?zipFileName=resources.zip&fileNames=.`;
    const files = await filesIn(address, {
      method: 'POST',
      headers: {
        authorization: `fmetoken token=${token}`,
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/zip',
      },
    });
    expect(files).toEqual({ 'a.gml.out': 'FIRST' });
    expect((await ask('DELETE', `${api}/filesys/${folder}`)).status).toBe(204);
  });
});

describe('a map widget (WIDGET)', () => {
  it('uploads one file to Temp and hands the path of the answer to a job', async () => {
    const { json } = await ask('POST', '/fmeapiv4/resources/connections/Temp/upload?path=widget_w1&overwrite=true', {
      raw: form('file', { 'area 1.geojson': '{"type":"x"}' }),
    });
    expect(json.path).toBe('$(FME_SHAREDRESOURCE_TEMP)/widget_w1/area 1.geojson');
    const id = await submit({ SourceDataset: json.path });
    expect((await server.result(id)).json.status).toBe('success');
    expect((await server.ask('GET', `/jobs/${id}/files/area%201.geojson.out`)).text).toBe('{"TYPE":"X"}');
  });
});

describe('a map application (HAJK)', () => {
  it('uploads to the service, with a slash at the end, and downloads the result of a run over that path', async () => {
    const { json } = await ask(
      'POST',
      '/fmedataupload/conversions/convert.fmw/?opt_fullpath=true&opt_responseformat=json&opt_namespace=hajk-1',
      { raw: form('file', { 'a.gml': 'ett' }) },
    );
    const { files } = json.serviceResponse;
    const path = files.file[0].path;
    expect(path).toBe(`${files.folder[0].path}/a.gml`);
    const query = new URLSearchParams({ SourceDataset: path, opt_responseformat: 'json', opt_showresult: 'true' });
    const ran = await ask('GET', `/fmedatadownload/conversions/convert.fmw/?${query}`);
    expect(ran.json.serviceResponse.statusInfo.status).toBe('success');
    expect(await filesIn(ran.json.serviceResponse.url)).toEqual({ 'a.gml.out': 'ETT' });
  });
});

describe('the browser library (JSAPI)', () => {
  it('asks for a session, uploads into it, lists it, and runs over all its files', async () => {
    const service = '/fmedataupload/conversions/convert.fmw';
    const accept = { accept: 'application/json' };
    const session = await ask('POST', `${service}?detail=high`, {
      raw: `opt_extractarchive=false&opt_pathlevel=3&opt_fullpath=true&token=${token}&opt_namespace=2617`,
      type: 'application/x-www-form-urlencoded',
      headers: accept,
    });
    const id = session.json.serviceResponse.session;
    expect(session.json.serviceResponse.files.folder[0].path).toMatch(/\/2617$/);
    const uploaded = await ask('POST', `${service}?opt_namespace=${id}&opt_fullpath=true&token=${token}&detail=high`, {
      raw: form('files[]', { 'a.gml': 'one', 'b.gml': 'two' }),
      headers: accept,
    });
    expect(uploaded.json.serviceResponse.files.file).toHaveLength(2);
    const listed = await ask('GET', `${service}?opt_namespace=${id}&opt_fullpath=true&detail=high`, {
      headers: accept,
    });
    const paths = listed.json.serviceResponse.files.file.map(({ path }: { path: string }) => path);
    // As the library builds it: an empty pair of quotes first, and an open one at the end.
    const value = `%22%22${paths.map((path: string) => `${path}%22%20%22`).join('')}`;
    const ran = await ask(
      'GET',
      `/fmedatadownload/conversions/convert.fmw?SourceDataset=${value}&opt_responseformat=json&token=${token}&detail=high`,
      { headers: accept, auth: false },
    );
    expect(await filesIn(ran.json.serviceResponse.url)).toEqual({ 'a.gml.out': 'ONE', 'b.gml.out': 'TWO' });
  });

  it('uploads to a resource, lists it, downloads and deletes', async () => {
    const path = '/fmerest/v3/resources/connections/FME_SHAREDRESOURCE_TEMP/filesys/js/lib';
    const query = '?createDirectories=true&overwrite=false&type=FILE&detail=high';
    expect((await ask('POST', `${path}${query}`, { raw: form('files[]', { 'x y.txt': 'text' }) })).status).toBe(200);
    const { json } = await ask('GET', `${path}?depth=2&detail=high`);
    expect(json.contents.map(({ name }: { name: string }) => name)).toEqual(['x y.txt']);
    const file = await ask('GET', `${path}/x%20y.txt?accept=contents&token=${token}`, { auth: false });
    expect(file.text).toBe('text');
    const removed = await ask('DELETE', `${path}/x%20y.txt?detail=high`);
    expect([removed.status, removed.text]).toEqual([204, '']);
  });
});

describe('a client that sends without a length', () => {
  it.each(['POST', 'PUT'])('%s of a chunked body is stored whole', async (method) => {
    const name = `chunked-${method}.bin`;
    const target = method === 'PUT' ? `/${name}` : '';
    const body = new ReadableStream({
      start(controller) {
        for (let at = 0; at < 20; at++) controller.enqueue(new TextEncoder().encode('0123456789'.repeat(1_000)));
        controller.close();
      },
    });
    const init: RequestInit & { duplex: 'half' } = {
      method,
      body,
      duplex: 'half',
      headers: {
        authorization: `fmetoken token=${token}`,
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename="${name}"`,
      },
    };
    const response = await fetch(`${server.url}/fmerest/v3/resources/connections/Temp/filesys${target}`, init);
    expect([response.status, ((await response.json()) as { size: number }).size]).toEqual([201, 200_000]);
  });
});
