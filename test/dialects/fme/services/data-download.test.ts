import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Archive, readArchive } from '../../../../src/repository/archive.ts';
import type { Answer, DialectServer } from '../../server.ts';
import { type Server, startServer } from '../support.ts';
import { fileWorkflows } from './workflows.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer(fileWorkflows);
});
afterAll(() => server.stop());

const root = '/fmedatadownload';
const json = 'opt_responseformat=json';
const run = (path: string): Promise<Answer> => server.ask('GET', `${root}/${path}`);
const urlOf = async (path: string): Promise<string> => (await run(`${path}?${json}`)).json.serviceResponse.url;

/** Names and texts of the files of an archive. */
async function unpack(url: string): Promise<Record<string, string>> {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  const archive: Archive = await readArchive(new Uint8Array(await response.arrayBuffer()));
  const files: Record<string, string> = {};
  for (const entry of archive.entries) files[entry.path.slice(1)] = (await buffer(entry.read())).toString();
  archive.close();
  return files;
}

describe('a data download', () => {
  it('answers the address of the zipped files, which works without signing in', async () => {
    const { status, json: body } = await run(`Files/Two.fmw?${json}`);
    const { statusInfo, jobID, url, fmeTransformationResult } = body.serviceResponse;
    expect([status, statusInfo]).toEqual([200, { mode: 'sync', status: 'success' }]);
    expect(Object.keys(body.serviceResponse)).toEqual(['statusInfo', 'jobID', 'url', 'fmeTransformationResult']);
    expect(fmeTransformationResult.fmeServerResponse).toMatchObject({ id: jobID, jobStatus: 'SUCCESS' });
    expect(url).toMatch(new RegExp(`^${server.url}${root}/results/[0-9a-f-]{36}\\.zip$`));
    const response = await fetch(url);
    const bytes = await response.arrayBuffer();
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/zip',
      'content-length': String(bytes.byteLength),
      'content-disposition': `attachment; filename="Two-${jobID}.zip"`,
      'x-content-type-options': 'nosniff',
    });
    expect(bytes.byteLength).toBeLessThan(5_000);
    expect(await unpack(url)).toEqual({ 'a.csv': 'a\n'.repeat(50_000), 'b.html': '<script>alert(1)</script>' });
  });

  it('gives the same bytes each time, whole or in ranges, and nothing for what one has', async () => {
    const url = await urlOf('Files/Two.fmw');
    const whole = await fetch(url);
    const bytes = Buffer.from(await whole.arrayBuffer());
    const range = await fetch(url, { headers: { range: 'bytes=10-19' } });
    expect([range.status, Buffer.from(await range.arrayBuffer())]).toEqual([206, bytes.subarray(10, 20)]);
    const again = await fetch(url, { headers: { 'if-none-match': whole.headers.get('etag')! } });
    expect(again.status).toBe(304);
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)]);
  });

  it('of a workspace that leaves no files has its output', async () => {
    expect(await unpack(await urlOf('Tests/Echo.fmw'))).toEqual({ 'Echo.json': '{"got":{}}' });
  });

  it('has names of any kind', async () => {
    expect(await unpack(await urlOf('Files/One.fmw'))).toEqual({ 'towns ä.csv': 'A,B\n1,2\n' });
  });

  it('takes its source from the body', async () => {
    const { json: body } = await server.ask('POST', `${root}/Files/One.fmw/?${json}`, {
      raw: 'x,y\n',
      type: 'text/csv',
    });
    expect(await unpack(body.serviceResponse.url)).toEqual({ 'towns ä.csv': 'X,Y\n' });
  });

  it.each([
    'opt_servicemode=async',
    'opt_showresult=false',
  ])('with %s shows the address with the job once it has ended', async (mode) => {
    const { json: body } = await run(`Files/Two.fmw?${json}&${mode}`);
    const { jobID } = body.serviceResponse;
    expect(body).toEqual({ serviceResponse: { statusInfo: { mode: 'async', status: 'success' }, jobID } });
    await server.result(jobID);
    const { resultDatasetDownloadUrl: url } = (await server.ask('GET', `/fmeapiv4/jobs/${jobID}`)).json;
    expect(Object.keys(await unpack(url))).toEqual(['a.csv', 'b.html']);
    const list = await server.ask('GET', '/fmeapiv4/jobs?status=success&limit=1');
    expect(list.json.items[0]).toMatchObject({ id: jobID, resultDatasetDownloadUrl: url });
  });

  it('shows no address for jobs of other doors, or that have not ended', async () => {
    const id = await server.submit('Echo.fmw');
    await server.result(id);
    expect((await server.ask('GET', `/fmeapiv4/jobs/${id}`)).json.resultDatasetDownloadUrl).toBe('');
    const { json: body } = await run(`Tests/Sleeps.fmw?${json}&opt_servicemode=async`);
    const { jobID } = body.serviceResponse;
    expect((await server.ask('GET', `/fmeapiv4/jobs/${jobID}`)).json.resultDatasetDownloadUrl).toBe('');
    await server.ask('POST', `/fmeapiv4/jobs/${jobID}/cancel`);
  });

  it('of a workspace that fails is a failure without an address', async () => {
    const { status, json: body } = await run(`Files/Breaks.fmw?${json}`);
    const { statusInfo, jobID, url } = body.serviceResponse;
    expect([status, statusInfo.status, url]).toEqual([200, 'failure', undefined]);
    expect(statusInfo.message).toContain('no more');
    expect((await server.ask('GET', `/fmeapiv4/jobs/${jobID}`)).json.resultDatasetDownloadUrl).toBe('');
  });

  it('is a page with a link for browsers, and XML without a wish', async () => {
    const page = await run('Files/One.fmw?opt_responseformat=html');
    const link = /<a href="([^"]+\.zip)">/.exec(page.text)?.[1];
    expect(Object.keys(await unpack(link!))).toEqual(['towns ä.csv']);
    const xml = await run('Files/One.fmw');
    expect(xml.text).toMatch(
      /<jobID>\d+<\/jobID><url>http:[^<]+\.zip<\/url><fmeTransformationResult><fmeEngineResponse>/,
    );
  });

  it('asks for Basic first', async () => {
    const { status, headers } = await server.ask('GET', `${root}/Files/Two.fmw`, { auth: false });
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Basic realm="FME Flow"']);
    expect((await run(`Files/Nothing.fmw?${json}`)).status).toBe(404);
  });
});

describe('the address of a result', () => {
  it('cannot be guessed, also by who knows all other names of the job', async () => {
    const url = await urlOf('Files/One.fmw');
    const { uuid } = (await server.ask('GET', `/jobs/${url && (await lastJob())}`)).json;
    for (const name of [uuid, url.slice(-40, -4).replace(/.$/, (c) => (c === '0' ? '1' : '0')), '0'.repeat(36)]) {
      const { status, text } = await server.ask('GET', `${root}/results/${name}.zip`, { auth: false });
      expect([status, text.includes('There is no such result')]).toEqual([404, true]);
    }
  });

  it('is not in the log', async () => {
    const url = await urlOf('Files/One.fmw');
    await (await fetch(url)).arrayBuffer();
    expect(server.log()).toContain(`${root}/results/`);
    expect(server.log()).not.toContain(url.slice(-40, -4));
  });

  it('ends with its job', async () => {
    const url = await urlOf('Files/One.fmw');
    expect((await fetch(url)).status).toBe(200);
    await server.ask('DELETE', `/fmeapiv4/jobs/${await lastJob()}`);
    expect((await fetch(url)).status).toBe(404);
  });

  it('leaves workspaces of a repository called results in reach', async () => {
    expect((await run(`results/x.fmw?${json}`)).json.serviceResponse.statusInfo.message).toContain(
      'lack of proper permissions',
    );
  });

  const lastJob = async (): Promise<number> =>
    (await server.ask('GET', '/fmeapiv4/jobs?status=complete&limit=1')).json.items[0].id;
});

describe('the life of a result', () => {
  it('outlasts the server, and is over after the time the setting says', async () => {
    let now: DialectServer = await startServer(fileWorkflows);
    try {
      const { json: body } = await now.ask('GET', `${root}/Files/One.fmw?${json}`);
      const { jobID, url } = body.serviceResponse;
      const { pathname } = new URL(url);
      const first = Buffer.from(await (await fetch(url)).arrayBuffer());
      now = await now.restart();
      const second = await fetch(`${now.url}${pathname}`);
      expect([second.status, Buffer.from(await second.arrayBuffer()).equals(first)]).toEqual([200, true]);
      now = await now.restart({ MILLRACE_RESULT_LINK_SECONDS: '1' });
      const { timeFinished } = (await now.ask('GET', `/fmeapiv4/jobs/${jobID}`)).json;
      await sleep(Math.max(0, Date.parse(timeFinished) + 1_010 - Date.now()));
      expect((await fetch(`${now.url}${pathname}`)).status).toBe(404);
      expect((await now.ask('GET', `/fmeapiv4/jobs/${jobID}`)).json.resultDatasetDownloadUrl).toBe('');
    } finally {
      await now.stop();
    }
  });

  it('is not shortened when its archive is taken away: it is made again', async () => {
    const url = await urlOf('Files/Two.fmw');
    const response = await fetch(url);
    const first = Buffer.from(await response.arrayBuffer());
    const hash = response.headers.get('etag')!.replaceAll('"', '');
    // As the pruner does once nobody has asked for it for an hour.
    await rm(join(server.data, 'blobs', hash.slice(0, 2), hash.slice(2)));
    expect(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(first)).toBe(true);
  });
});
