import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromBufferPromise } from 'yauzl';
import { admin, basic } from '../../server.ts';
import { type Server, startServer } from '../support.ts';

let server: Server;
const api = '/fmerest/v3/resources/connections';
const temp = `${api}/FME_SHAREDRESOURCE_TEMP/filesys`;
const mary = basic('mary', 'a long password');
beforeAll(async () => {
  server = await startServer({}, { MILLRACE_UPLOAD_LIMIT: '200000' });
  await server.ask('POST', '/users', { body: { name: 'mary', password: 'a long password', roles: ['user'] } });
});
afterAll(() => server.stop());

const onDisk = (path: string) => join(server.data, 'shared', path);
const form = (files: Record<string, string>, field: string): FormData => {
  const data = new FormData();
  for (const [name, content] of Object.entries(files)) data.append(field, new Blob([content]), name);
  return data;
};
const raw = (path: string, content: string, disposition: string, auth = admin) =>
  server.ask('POST', `${temp}/${path}`, {
    raw: content,
    type: 'application/octet-stream',
    headers: { 'content-disposition': disposition },
    auth,
  });

describe('POST …/filesys/{path}', () => {
  it.each([
    ['attachment; filename="a b.gml"', 'a b.gml'],
    ['attachment;filename="quoted.xlsx"', 'quoted.xlsx'],
    ['attachment; filename = "ReverseIT.xlsx"', 'ReverseIT.xlsx'],
    ['attachment; filename=12345.json', '12345.json'],
    ["attachment; filename=x; filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt", 'Grüße.txt'],
    [Buffer.from('attachment; filename="Köln.txt"').toString('latin1'), 'Köln.txt'],
    ['attachment; filename="C:\\\\temp\\\\evil.txt"', 'evil.txt'],
    ['attachment; filename="../../up.txt"', 'up.txt'],
  ])('takes a body with %s', async (disposition, name) => {
    const query = '?createDirectories=true&overwrite=true';
    const first = await raw(`upload/geojson${query}`, '{"a":1}', disposition);
    expect([first.status, first.json]).toEqual([
      201,
      { name, type: 'FILE', path: '/upload/geojson/', size: 7, date: expect.stringMatching(/Z$/) },
    ]);
    expect((await raw(`upload/geojson/${query}`, '{"a":2}', disposition)).status).toBe(200);
    expect(await readFile(onDisk(`temp/upload/geojson/${name}`), 'utf8')).toBe('{"a":2}');
  });

  it('takes the files of a form in fields of any name, and answers with a list', async () => {
    for (const field of ['files[]', 'files', 'file0']) {
      const { status, json } = await server.ask(
        'POST',
        `${temp}/job-1?createDirectories=true&overwrite=true&type=FILE`,
        {
          raw: form({ 'a.gml': 'A', 'b.gml': 'BB' }, field),
        },
      );
      expect([status, json.map(({ name }: { name: string }) => name)]).toEqual([200, ['a.gml', 'b.gml']]);
    }
    const top = await server.ask('POST', `${temp}?overwrite=true&detail=high`, { raw: form({ 't.txt': 't' }, 'f') });
    expect([top.status, top.json[0].path]).toEqual([200, '/']);
  });

  it('makes no folders and replaces no file unless asked', async () => {
    expect((await raw('not-there', 'x', 'attachment; filename=x')).json).toEqual({
      message: 'Resource "not-there" does not exist.',
    });
    await raw('', '1', 'attachment; filename=once.txt');
    expect((await raw('', '2', 'attachment; filename=once.txt')).status).toBe(409);
    expect(await readFile(onDisk('temp/once.txt'), 'utf8')).toBe('1');
  });

  it('makes a folder', async () => {
    const made = await server.ask('POST', `${temp}?type=DIR&directoryname=made`);
    expect([made.status, made.json]).toMatchObject([201, { name: 'made', type: 'DIR', path: '/' }]);
    const again = await server.ask('POST', temp, {
      raw: 'type=DIR&directoryname=made',
      type: 'application/x-www-form-urlencoded',
    });
    expect(again.status).toBe(409);
  });

  it('says what is wrong with a body without a name, one too large, and a writer without rights', async () => {
    const nameless = await server.ask('POST', temp, { raw: 'x', type: 'application/octet-stream' });
    expect([nameless.status, nameless.json.details]).toEqual([
      400,
      { 'Content-Disposition': 'must name the file: attachment; filename="…"' },
    ]);
    expect((await raw('', 'x'.repeat(200_001), 'attachment; filename=large')).status).toBe(413);
    const data = await server.ask('POST', `${api}/FME_SHAREDRESOURCE_DATA/filesys`, {
      raw: form({ x: 'x' }, 'files'),
      auth: mary,
    });
    expect(data.status).toBe(403);
    await expect.poll(() => readdir(onDisk('.incoming'))).toEqual([]);
  });
});

describe('GET …/filesys/{path}', () => {
  it('lists folders as deep as asked, with or without a slash at the end', async () => {
    const query = '?createDirectories=true&overwrite=true';
    await raw(`tree/one/two${query}`, 'x', 'attachment; filename=deep.txt');
    await raw(`tree${query}`, 'x', 'attachment; filename=top.txt');
    const { json } = await server.ask('GET', `${temp}/tree?depth=1&detail=high`);
    expect(json.contents.map(({ name, contents }: never) => [name, contents])).toEqual([
      ['one', undefined],
      ['top.txt', undefined],
    ]);
    for (const depth of ['10', '-1']) {
      const { json: deep } = await server.ask('GET', `${temp}/tree/?depth=${depth}`);
      expect(deep.contents[0].contents[0].contents).toMatchObject([{ name: 'deep.txt', path: '/tree/one/two/' }]);
    }
    expect((await server.ask('GET', `${temp}/tree?depth=0`)).json).not.toHaveProperty('contents');
    const top = await fetch(`${server.url}${temp}/`, { headers: { authorization: admin } });
    expect(await top.json()).toMatchObject({ type: 'DIR', path: '/' });
  });

  it('gives the file for accept=contents, or where bytes alone are accepted; a part of it too', async () => {
    await raw('get?createDirectories=true&overwrite=true', 'Grüße', 'attachment; filename="report ü.html"');
    const path = `${temp}/get/${encodeURIComponent('report ü.html')}`;
    for (const options of [{ query: '?accept=contents' }, { headers: { accept: 'application/octet-stream' } }]) {
      const got = await server.ask('GET', `${path}${options.query ?? ''}`, { headers: options.headers ?? {} });
      expect([got.status, got.text]).toEqual([200, 'Grüße']);
      expect(got.headers.get('content-disposition')).toContain("filename*=UTF-8''report%20%C3%BC.html");
      expect(got.headers.get('content-type')).toBe('application/octet-stream');
      expect(got.headers.get('content-length')).toBe('7');
    }
    const part = await server.ask('GET', `${path}?accept=contents`, { headers: { range: 'bytes=0-1' } });
    expect([part.status, part.text]).toEqual([206, 'Gr']);
    const { headers } = await server.ask('GET', `${path}?accept=contents`);
    const same = await server.ask('GET', `${path}?accept=contents`, {
      headers: { 'if-none-match': headers.get('etag')! },
    });
    expect(same.status).toBe(304);
    expect((await server.ask('GET', path)).json).toMatchObject({ type: 'FILE', size: 7 });
    expect((await server.ask('GET', `${temp}/get?accept=contents`)).status).toBe(409);
  });

  it.each([
    '..%2f..%2fmillrace.db',
    '%2e%2e/%2e%2e/millrace.db',
    '..%5cx',
    'x%00y',
    'a/..%2f..%2f..%2fx',
    '%252e%252e/x',
  ])('%s is 400 or 404, never a file from outside', async (path) => {
    const { status } = await server.ask('GET', `${temp}/${path}?accept=contents`);
    expect([400, 404]).toContain(status);
  });
});

describe('PUT and DELETE …/filesys/{path}', () => {
  it('write a file, replace it, and remove it and its folder', async () => {
    const put = (path: string, content: string) =>
      server.ask('PUT', `${temp}/${path}`, { raw: content, type: 'application/octet-stream' });
    expect((await put('put/a.txt', 'x')).status).toBe(404);
    expect((await put('put/a.txt?createDirectories=true', 'one')).json).toMatchObject({ name: 'a.txt', size: 3 });
    const again = await put('put/a.txt', 'three');
    expect([again.status, again.json.size]).toEqual([200, 5]);
    expect((await put('put/empty.txt', '')).json.size).toBe(0);
    const form = await server.ask('PUT', `${temp}/put/x`, { raw: new FormData() });
    expect(form.status).toBe(415);
    expect((await server.ask('DELETE', `${temp}/put/a.txt`)).status).toBe(204);
    const gone = await server.ask('DELETE', `${temp}/put/a.txt`);
    expect([gone.status, gone.json]).toEqual([404, { message: 'Resource "put/a.txt" does not exist.' }]);
    expect((await server.ask('DELETE', `${temp}/put/`)).status).toBe(204);
    expect((await server.ask('GET', `${temp}/put`)).status).toBe(404);
    expect((await server.ask('DELETE', temp)).status).toBe(409);
  });
});

describe('POST …/downloadzip/{path}', () => {
  it('is an archive of a folder, asked for in the address or in a form', async () => {
    const query = '?createDirectories=true&overwrite=true';
    await raw(`zip/output${query}`, 'A', 'attachment; filename=a.gml');
    await raw(`zip/output/sub${query}`, 'B', 'attachment; filename=b.gml');
    const path = `${api}/FME_SHAREDRESOURCE_TEMP/downloadzip/zip/output`;
    const names = async (address: string, body: string) => {
      const response = await fetch(`${server.url}${address}`, {
        method: 'POST',
        headers: {
          authorization: admin,
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/zip',
        },
        body,
      });
      expect(response.status).toBe(200);
      const zip = await fromBufferPromise(Buffer.from(await response.arrayBuffer()), { lazyEntries: true });
      const found: string[] = [];
      for await (const entry of zip.eachEntry()) found.push(entry.fileName);
      return [response.headers.get('content-disposition'), ...found.sort()];
    };
    expect(await names(`${path}?zipFileName=result.zip&fileNames=.`, '')).toEqual([
      'attachment; filename="result.zip"',
      'a.gml',
      'sub/b.gml',
    ]);
    expect(await names(path, 'fileNames=a.gml')).toEqual(['attachment; filename="resources.zip"', 'a.gml']);
  });
});

describe('the connections', () => {
  it('are listed, told of one by one, and have one type', async () => {
    const { json } = await server.ask('GET', `${api}/?detail=high`);
    expect(json).toMatchObject({ totalCount: 4, limit: 100, offset: 0 });
    expect(Object.keys(json.items[0])).toEqual(['name', 'displayName', 'type', 'description']);
    expect((await server.ask('GET', `${api}/Temp`)).json.name).toBe('FME_SHAREDRESOURCE_TEMP');
    expect((await server.ask('GET', `${api}/Backup`, { auth: mary })).status).toBe(404);
    expect((await server.ask('GET', `${api}/Nothing`)).status).toBe(404);
    expect((await server.ask('GET', '/fmerest/v3/resources/types')).json.items[0].name).toBe('FILE');
  });

  it("of the system show each user its own uploads, and an administrator the server's files", async () => {
    const path = `${api}/FME_SHAREDRESOURCE_SYSTEM/filesys/temp/upload/Translator/123`;
    const stored = await server.ask('POST', `${path}/?createDirectories=true&overwrite=true`, {
      raw: form({ 'a.shp': 'shape' }, 'file0'),
      auth: mary,
    });
    expect([stored.status, stored.json[0].path]).toEqual([200, '/temp/upload/Translator/123/']);
    expect((await server.ask('GET', `${path}/a.shp`, { auth: mary })).json.size).toBe(5);
    expect((await server.ask('GET', `${path}/a.shp`)).status).toBe(404);
    expect((await server.ask('GET', `${api}/FME_SHAREDRESOURCE_SYSTEM/filesys`, { auth: mary })).status).toBe(404);
    expect((await server.ask('GET', `${api}/FME_SHAREDRESOURCE_SYSTEM/filesys`)).status).toBe(200);
  });
});
