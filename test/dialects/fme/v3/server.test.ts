import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic, type Server, startServer } from '../support.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
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

describe('GET /fmerest/v3/healthcheck', () => {
  it.each([
    '',
    '?ready=true',
    '?ready=false&textResponse=false',
  ])('%s says that all is well to anybody', async (query) => {
    const { status, text } = await server.ask('GET', `${v3}/healthcheck${query}`, { auth: false });
    expect([status, text]).toEqual([200, '{"status":"ok"}']);
  });

  it('answers text to those who want it', async () => {
    const { status, text, headers } = await server.ask('GET', `${v3}/healthcheck/?ready=true&textResponse=true`);
    expect([status, text, headers.get('content-type')]).toEqual([200, 'ok', 'text/plain; charset=utf-8']);
  });
});

describe('GET /fmerest/v3/transformations/engines', () => {
  it('lists places for runs with the members of V3, by queue too', async () => {
    const { status, json } = await server.ask('GET', `${v3}/transformations/engines?queue=Default`);
    expect([status, json.totalCount, json.limit, json.offset]).toEqual([200, 64, -1, -1]);
    expect(Object.keys(json.items[0])).toEqual([
      'hostName',
      'instanceName',
      'assignedQueues',
      'engineManagerNodeName',
      'registrationProperties',
      'type',
      'buildNumber',
      'platform',
      'transactionPort',
      'currentJobID',
      'resultSuccessCount',
      'resultFailureCount',
      'maxTransactionResultSuccess',
      'maxTransactionResultFailure',
      'assignedStreams',
    ]);
    expect(json.items[0]).toMatchObject({ type: 'STANDARD', currentJobID: -1, assignedQueues: ['Default'] });
    expect((await server.ask('GET', `${v3}/transformations/engines?queue=none`)).json.items).toEqual([]);
  });
});

describe('POST /fmerest/v3/tokens', () => {
  const body = {
    restricted: false,
    name: 'v3 client',
    description: 'Of the tutorial',
    expirationTimeout: 2_592_000,
    user: 'admin',
    enabled: true,
  };

  it('makes a token that works at once, with the members of the original', async () => {
    const { status, json } = await server.ask('POST', `${v3}/tokens`, { body });
    expect(status).toBe(201);
    expect(Object.keys(json)).toEqual([
      'lastSaveDate',
      'createdDate',
      'restricted',
      'name',
      'description',
      'type',
      'user',
      'enabled',
      'expirationDate',
      'token',
    ]);
    expect(json.token).toMatch(/^[0-9a-f]{40}$/);
    expect(Date.parse(json.expirationDate) - Date.parse(json.createdDate)).toBe(2_592_000_000);
    const auth = `fmetoken token=${json.token}`;
    expect((await server.ask('GET', `${v3}/info`, { auth })).status).toBe(200);
    expect((await server.ask('POST', `${v3}/tokens`, { body })).status).toBe(409);
  });

  it('refuses what it cannot do, and tokens for others to those who are no administrators', async () => {
    const blank = await server.ask('POST', `${v3}/tokens`, { body: {} });
    expect([blank.status, blank.json.details]).toEqual([400, { name: 'must not be blank' }]);
    const limited = await server.ask('POST', `${v3}/tokens`, { body: { name: 'x', restricted: true } });
    expect([limited.status, Object.keys(limited.json.details)]).toEqual([400, ['restricted']]);
    await server.ask('POST', '/users', { body: { name: 'mary', password: 'a long password', roles: ['user'] } });
    const auth = basic('mary', 'a long password');
    expect((await server.ask('POST', `${v3}/tokens`, { auth, body: { ...body, name: 'his' } })).status).toBe(403);
    expect((await server.ask('POST', `${v3}/tokens`, { auth, body: { name: 'hers', user: 'mary' } })).status).toBe(201);
  });
});

describe('GET /fmerest/v3/security/accounts', () => {
  it('lists users to administrators', async () => {
    const { status, json } = await server.ask('GET', `${v3}/security/accounts?limit=-1&offset=-1`);
    expect([status, json.items[0].name, json.items[0].password]).toEqual([200, 'admin', null]);
    const auth = basic('mary', 'a long password');
    expect((await server.ask('GET', `${v3}/security/accounts`, { auth })).status).toBe(403);
  });
});
