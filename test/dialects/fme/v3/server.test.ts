import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Server, startServer } from '../support.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
}, 30_000);
afterAll(() => server.stop());

const v3 = '/fmerest/v3';

describe('GET /fmerest/v3/info', () => {
  it('tells the build in words that clients read a number out of', async () => {
    const { status, json } = await server.ask('GET', `${v3}/info`);
    expect(status).toBe(200);
    expect(Object.keys(json)).toEqual(['currentTime', 'licenseManagement', 'build', 'timeZone', 'version']);
    expect(/Build (\d+)/.exec(json.build)?.[1]).toBe('26100');
    expect(Math.abs(Date.parse(json.currentTime) - Date.now())).toBeLessThan(10_000);
  });

  it('needs to know who asks, and takes a token from the address', async () => {
    expect((await server.ask('GET', `${v3}/info`, { auth: false })).status).toBe(401);
    const { json } = await server.ask('POST', '/fmeapiv4/tokens', { body: { name: 'old client' } });
    expect((await server.ask('GET', `${v3}/info?detail=high&fmetoken=${json.token}`, { auth: false })).status).toBe(
      200,
    );
  });
});

describe('a slash at the end of a path', () => {
  it.each([`${v3}/info/`, `${v3}/info/?detail=high`])('%s is as good as none', async (path) => {
    expect((await server.ask('GET', path)).status).toBe(200);
  });

  it('does not make another path of one that is not there', async () => {
    const { status, json } = await server.ask('GET', `${v3}/nothing/`);
    expect([status, Object.keys(json)]).toEqual([404, ['message']]);
    expect((await server.ask('DELETE', `${v3}/info/`)).status).toBe(405);
  });
});
