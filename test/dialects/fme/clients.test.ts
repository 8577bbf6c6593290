import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../server.ts';
import { fileWorkflows } from './services/workflows.ts';
import { type Server, startServer } from './support.ts';

/** Requests of real clients as the reference describes them (sections 1.3, 2.1, 10, 12), sent without a helper's comforts. */

let server: Server;
let token: string;
beforeAll(async () => {
  server = await startServer(fileWorkflows);
  token = (await server.ask('POST', '/fmeapiv4/tokens', { body: { name: 'clients', secondsToExpiry: 600 } })).json
    .token;
});
afterAll(() => server.stop());

interface Raw {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** As they came from the socket. */
  chunks: Buffer[];
  text: string;
}

/** One request with exactly these headers. A body without `Content-Length` goes in chunks. */
const raw = (method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Raw> =>
  new Promise((resolve, reject) => {
    const asked = httpRequest(`${server.url}${path}`, { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          chunks,
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    asked.on('error', reject);
    if (body !== undefined) asked.write(body);
    asked.end();
  });

const fmetoken = () => ({ authorization: `fmetoken token=${token}` });

describe('EXTRACT, first version', () => {
  it('sends its password only after a challenge, and fetches the result without it', async () => {
    const area = encodeURIComponent(`POLYGON((${'2600000.5 1200000.5,'.repeat(200)}2600000.5 1200000.5))`);
    const path = `/fmedatadownload/Files/One.fmw?opt_servicemode=sync&opt_responseformat=json&Perimeter=${area}`;
    expect(path.length).toBeGreaterThan(4_000);
    const first = await raw('GET', path);
    expect([first.status, first.headers['www-authenticate']]).toEqual([401, 'Basic realm="FME Flow"']);
    const second = await raw('GET', path, { authorization: admin });
    const { statusInfo, url } = JSON.parse(second.text).serviceResponse;
    expect([second.status, statusInfo.status]).toEqual([200, 'success']);
    const file = await raw('GET', new URL(url).pathname);
    expect(file.status).toBe(200);
    expect(file.headers).toMatchObject({
      'content-type': 'application/zip',
      'content-length': String(Buffer.concat(file.chunks).length),
      'content-disposition': expect.stringMatching(/^attachment; filename=".+\.zip"$/),
    });
  });

  it('sees a failure in the status of the body', async () => {
    const { status, text } = await raw('GET', '/fmedatadownload/Files/Breaks.fmw?opt_responseformat=json', {
      authorization: admin,
    });
    const { statusInfo } = JSON.parse(text).serviceResponse;
    expect([status, statusInfo.status, typeof statusInfo.message]).toEqual([200, 'failure', 'string']);
  });
});

describe('EXTRACT, second version', () => {
  it('posts GeoJSON with a token and fetches the result with it', async () => {
    const feature = JSON.stringify({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [1, 2] },
      properties: {},
    });
    const posted = await raw(
      'POST',
      '/fmedatadownload/Files/One.fmw?opt_responseformat=json',
      { ...fmetoken(), 'content-type': 'application/json; charset=UTF-8', 'content-length': String(feature.length) },
      feature,
    );
    const { statusInfo, url, jobID } = JSON.parse(posted.text).serviceResponse;
    expect([statusInfo.status, Number.isInteger(jobID)]).toEqual(['success', true]);
    expect((await raw('GET', new URL(url).pathname, fmetoken())).status).toBe(200);
    const [file] = (await server.ask('GET', `/jobs/${jobID}/files`)).json.filter(
      ({ direction }: { direction: string }) => direction === 'in',
    );
    expect(file).toMatchObject({ name: 'source.json', bytes: feature.length });
  });
});

describe('HAJK', () => {
  it('calls data download and V3 with a slash at the end', async () => {
    const download = await raw('GET', '/fmedatadownload/Files/One.fmw/?opt_responseformat=json&opt_servicemode=sync', {
      authorization: admin,
    });
    expect(JSON.parse(download.text).serviceResponse.url).toMatch(/\.zip$/);
    const { status, text } = await raw(
      'POST',
      '/fmerest/v3/transformations/submit/Tests/Echo.fmw/',
      { authorization: admin, 'content-type': 'application/json' },
      '{"publishedParameters":[{"name":"a","value":"1,2"}]}',
    );
    expect(status).toBe(202);
    expect(
      (await raw('GET', `/fmerest/v3/transformations/jobs/id/${JSON.parse(text).id}/`, { authorization: admin }))
        .status,
    ).toBe(200);
  });
});

describe('TESERA', () => {
  it('sends chunks and no Accept, and reads the first piece of an answer as all of it', async () => {
    const { status, chunks, headers } = await raw(
      'POST',
      '/fmerest/v3/transformations/submit/Tests/Echo.fmw',
      { ...fmetoken(), 'content-type': 'application/json' },
      '{"publishedParameters":[]}',
    );
    const { id } = JSON.parse(chunks[0]!.toString());
    expect([status, chunks.length, headers['content-length']]).toEqual([202, 1, String(chunks[0]!.length)]);
    await server.result(id);
    for (const part of ['', '/result', '/request']) {
      const answer = await raw('GET', `/fmerest/v3/transformations/jobs/id/${id}${part}`, fmetoken());
      expect([part, answer.status, answer.chunks.length]).toEqual([part, 200, 1]);
      expect(JSON.parse(answer.text)).toBeTypeOf('object');
    }
    const log = await raw('GET', `/fmerest/v3/transformations/jobs/id/${id}/log`, {
      ...fmetoken(),
      accept: 'text/plain',
    });
    expect(log.status).toBe(200);
  });
});

describe('the browser library', () => {
  it('adds detail=high to every address, and sends its token in forms', async () => {
    const submitted = await raw(
      'POST',
      '/fmerest/v3/transformations/submit/Tests/Echo.fmw?detail=high',
      { ...fmetoken(), accept: 'application/json', 'content-type': 'application/json' },
      '{"publishedParameters":[{"name":"a","value":1}]}',
    );
    expect(submitted.status).toBe(202);
    const { id } = JSON.parse(submitted.text);
    await server.result(id);
    expect((await server.ask('GET', `/jobs/${id}/result`)).json.output).toEqual({ got: { a: 1 } });
    const list = await raw('GET', '/fmerest/v3/transformations/jobs/completed?detail=high', fmetoken());
    expect(JSON.parse(list.text).items.length).toBeGreaterThan(0);
    for (const service of ['fmejobsubmitter', 'fmedatadownload', 'fmedatastreaming']) {
      const form = `opt_responseformat=json&opt_showresult=true&token=${token}`;
      const answer = await raw(
        'POST',
        `/${service}/Files/One.fmw`,
        { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(form.length) },
        form,
      );
      expect([service, answer.status]).toEqual([service, 200]);
    }
  });
});

describe('EEA', () => {
  it('counts only 202 as submitted, and cancels first as queued, then as running', async () => {
    const submitted = await raw(
      'POST',
      '/fmerest/v3/transformations/submit/Tests/Busy.fmw',
      { ...fmetoken(), 'content-type': 'application/json', accept: 'application/json' },
      JSON.stringify({ publishedParameters: [{ name: 'folder', value: '$(FME_SHAREDRESOURCE_TEMP)/x' }] }),
    );
    expect(submitted.status).toBe(202);
    const { id } = JSON.parse(submitted.text);
    await expect
      .poll(
        async () => JSON.parse((await raw('GET', `/fmerest/v3/transformations/jobs/id/${id}`, fmetoken())).text).status,
      )
      .toBe('IN_PROCESS');
    expect((await raw('DELETE', `/fmerest/v3/transformations/jobs/queued/${id}`, fmetoken())).status).toBe(404);
    expect((await raw('DELETE', `/fmerest/v3/transformations/jobs/running/${id}`, fmetoken())).status).toBe(204);
  });
});

describe('WIDGET', () => {
  it('puts fmetoken into the address of a service and looks for the address of the result', async () => {
    const { status, text } = await raw(
      'GET',
      `/fmedatadownload/Files/Two.fmw?opt_servicemode=sync&opt_responseformat=json&opt_showresult=true&fmetoken=${token}`,
    );
    const { serviceResponse } = JSON.parse(text);
    expect([status, serviceResponse.statusInfo.status, URL.canParse(serviceResponse.url)]).toEqual([
      200,
      'success',
      true,
    ]);
    expect(server.log()).not.toContain(token);
  });
});
