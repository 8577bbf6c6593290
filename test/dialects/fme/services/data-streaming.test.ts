import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readArchive } from '../../../../src/repository/archive.ts';
import { admin, type DialectServer } from '../../server.ts';
import { startServer } from '../support.ts';
import { fileWorkflows } from './workflows.ts';

let server: DialectServer;
beforeAll(async () => {
  server = await startServer(fileWorkflows);
});
afterAll(() => server.stop());

const root = '/fmedatastreaming';
const failure = { serviceResponse: { statusInfo: { status: 'failure', message: 'FME Server Transformation Error.' } } };

describe('data streaming', () => {
  it('answers the file itself with its media type', async () => {
    const { status, headers, text } = await server.ask('GET', `${root}/Files/One.fmw`);
    expect([status, text]).toEqual([200, 'A,B\n1,2\n']);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/csv',
      'content-length': '8',
      'content-disposition': `attachment; filename="towns _.csv"; filename*=UTF-8''towns%20%C3%A4.csv`,
      'x-content-type-options': 'nosniff',
      'millrace-job': expect.stringMatching(/^\d+$/),
    });
  });

  it('sends a source through the workspace', async () => {
    const { text } = await server.ask('POST', `${root}/Files/One.fmw`, { raw: 'x,y\n', type: 'text/csv' });
    expect(text).toBe('X,Y\n');
  });

  it('answers several files in one archive', async () => {
    const response = await fetch(`${server.url}${root}/Files/Two.fmw`, { headers: { authorization: admin } });
    expect(response.headers.get('content-type')).toBe('application/zip');
    const archive = await readArchive(new Uint8Array(await response.arrayBuffer()));
    expect(archive.entries.map(({ path }) => path)).toEqual(['/a.csv', '/b.html']);
    archive.close();
  });

  it('answers the output of a workspace that leaves no files', async () => {
    const { headers, json } = await server.ask('GET', `${root}/Tests/Echo.fmw?a=1&opt_servicemode=async`);
    expect([headers.get('content-type'), json]).toEqual(['application/json', { got: { a: '1' } }]);
  });

  it('lets a large file pass through', async () => {
    const before = process.memoryUsage().arrayBuffers;
    const response = await fetch(`${server.url}${root}/Files/Large.fmw`, { headers: { authorization: admin } });
    const id = response.headers.get('millrace-job');
    const hash = createHash('sha256');
    let bytes = 0;
    let most = 0;
    for await (const chunk of response.body!) {
      hash.update(chunk);
      bytes += chunk.length;
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    expect(bytes).toBe(64 * 2 ** 20);
    // Server and client are one process here: neither holds the file.
    expect(most).toBeLessThan(40 * 2 ** 20);
    const files = (await server.ask('GET', `/jobs/${id}/files`)).json;
    expect(hash.digest('hex')).toBe(files[0].etag);
  });

  it.each([
    'Tests/Fails.fmw',
    'Files/Breaks.fmw',
  ])('of %s, which fails, is the envelope, never half a file', async (path) => {
    const { status, json } = await server.ask('GET', `${root}/${path}?opt_responseformat=json`);
    expect([status, json]).toEqual([200, failure]);
    const xml = await server.ask('GET', `${root}/${path}`);
    expect(xml.text).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<serviceResponse><statusInfo><status>failure</status><message>FME Server Transformation Error.</message></statusInfo></serviceResponse>\n',
    );
  });

  it('asks for Basic first, and says what is not there', async () => {
    const { status, headers } = await server.ask('GET', `${root}/Files/One.fmw`, { auth: false });
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Basic realm="FME Flow"']);
    expect((await server.ask('GET', `${root}/Files/Nothing.fmw`)).status).toBe(404);
  });
});
