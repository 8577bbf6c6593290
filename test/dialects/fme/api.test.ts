import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nameOf, pathOf } from '../../../src/dialects/fme/names.ts';
import { queueWire, readQueue } from '../../../src/dialects/fme/queue-names.ts';
import { userId } from '../../../src/dialects/fme/user-ids.ts';
import { basic, type Server, startServer } from './support.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
  await server.ask('POST', '/users', { body: { name: 'mary', password: 'a long password', roles: ['user'] } });
});
afterAll(() => server.stop());

const api = '/fmeapiv4';
const mary = basic('mary', 'a long password');

describe('without credentials', () => {
  it.each([`${api}/healthcheck/liveness`, `${api}/healthcheck/readiness`])('%s says that all is well', async (path) => {
    const { status, text } = await server.ask('GET', path, { auth: false });
    expect([status, text]).toEqual([200, '{"status":"ok","message":"FME Flow is healthy."}']);
  });

  it('/fmeinfo/version tells the generation', async () => {
    const { status, json } = await server.ask('GET', '/fmeinfo/version', { auth: false });
    expect(status).toBe(200);
    expect(json).toMatchObject({ buildNumber: 26_100, releaseYear: 2026, majorVersion: 1, minorVersion: 0 });
    expect(json.buildString).toMatch(/ - Build 26100 - /);
  });

  it('the pages and the document are there', async () => {
    const page = await server.ask('GET', `${api}/docs/index.html`, { auth: false });
    expect(page.status).toBe(200);
    for (const [, path] of page.text.matchAll(/(?:src|href)="\.\/([^"]+)"/g)) {
      const part = await server.ask('GET', `${api}/docs/${path}`, { auth: false });
      expect(part.status, path).toBe(200);
    }
    const document = await server.ask('GET', `${api}/docs/index.html/json`, { auth: false });
    expect(Object.keys(document.json.paths)).toContain(`${api}/jobs`);
    expect(document.json.components.schemas.FmeJobRequest.required).toEqual(['repository', 'workspace']);
    expect(Object.keys(document.json.components.securitySchemes).sort()).toEqual([
      'basic',
      'fmetoken',
      'fmetokenQuery',
    ]);
  });
});

describe('errors', () => {
  it.each([
    ['GET', `${api}/jobs/`, 404],
    ['GET', `${api}/workspaces/Tutorials/10seconds.fmw/parameters/`, 404],
    ['GET', `${api}/nothing`, 404],
    ['GET', `${api}/`, 404],
    ['PATCH', `${api}/jobs`, 405],
    ['DELETE', `${api}/jobs/1/result`, 405],
    ['GET', '/fmeinfo/nothing', 404],
    ['GET', `${api}/jobs/%zz`, 400],
    ['GET', '/fmerest/v3/repositories/%c3%28', 400],
  ])('%s %s answers %i with a message', async (method, path, status) => {
    const answer = await server.ask(method, path);
    expect([answer.status, Object.keys(answer.json)]).toEqual([status, ['message']]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  });

  it('stay below their roots', async () => {
    expect((await server.ask('GET', '/nothing')).headers.get('content-type')).toMatch(/problem\+json/);
    expect((await server.ask('GET', '/jobs', { auth: false })).headers.get('www-authenticate')).toMatch(/^Basic/);
  });
});

describe('GET /workspaces/{repository}/{workspace}/parameters', () => {
  it('is a bare list', async () => {
    const { status, json } = await server.ask('GET', `${api}/workspaces/Tutorials/10seconds.fmw/parameters`);
    expect(status).toBe(200);
    expect(json).toEqual([
      {
        type: 'listbox',
        name: 'location',
        prompt: 'Locations',
        required: true,
        valueType: 'string',
        showPrompt: true,
        choiceSettings: {
          choices: [
            { display: 'Burnaby', value: 'Burnaby' },
            { display: 'Vancouver', value: 'Vancouver' },
          ],
        },
      },
      {
        type: 'number',
        name: 'year',
        prompt: 'year',
        required: false,
        valueType: 'integer',
        showPrompt: true,
        minimum: 1900,
        maximum: 2100,
        multipleOf: 1,
        defaultValue: 2000,
      },
    ]);
  });

  it('has one parameter below each name, repositories of deep folders, and no list for what takes anything', async () => {
    const one = await server.ask(
      'GET',
      `${api}/workspaces/Tutorials/10seconds.fmw/parameters/year?repository=Tutorials`,
    );
    expect(one.json.name).toBe('year');
    expect((await server.ask('GET', `${api}/workspaces/Tutorials%2Fdeep/er.fmw/parameters`)).json).toEqual([]);
    expect((await server.ask('GET', `${api}/workspaces/%2F/Root.fmw/parameters`)).json).toEqual([]);
  });

  it.each([
    [
      'Nowhere/10seconds.fmw/parameters',
      'Unauthorized request by user admin due to lack of proper permissions or the object does not exist.',
    ],
    ['Tutorials/11seconds.fmw/parameters', 'Item 11seconds.fmw does not exist.'],
    [
      'tutorials/10seconds.fmw/parameters',
      'Unauthorized request by user admin due to lack of proper permissions or the object does not exist.',
    ],
    ['Tutorials/10seconds.fmw/parameters/none', 'Parameter none does not exist.'],
  ])('answers %s with 404 in the words of the original', async (path, message) => {
    const { status, json } = await server.ask('GET', `${api}/workspaces/${path}`);
    expect([status, json]).toEqual([404, { message }]);
  });
});

describe('what a caller may not see', () => {
  it('is not there; what it may not do is 403', async () => {
    await server.ask('PUT', '/permissions', { body: { path: '/Tutorials', user: 'mary', actions: ['read'] } });
    await server.ask('PUT', '/permissions', { body: { path: '/Tests', user: 'mary', actions: [] } });
    await server.ask('PUT', '/permissions', { body: { path: '/Tests', user: 'admin', actions: ['read'] } });
    const submit = (repository: string, workspace: string) =>
      server.ask('POST', `${api}/jobs`, {
        auth: mary,
        body: { repository, workspace, publishedParameters: { location: ['a'] } },
      });
    expect((await submit('Tutorials', '10seconds.fmw')).status).toBe(403);
    const hidden = await submit('Tests', 'Echo.fmw');
    expect([hidden.status, hidden.json.message]).toEqual([
      404,
      'Unauthorized request by user mary due to lack of proper permissions or the object does not exist.',
    ]);
    const { json } = await server.ask('POST', `${api}/jobs`, { body: { repository: '/', workspace: 'Root.fmw' } });
    expect((await server.ask('GET', `${api}/jobs/${json.id}`, { auth: mary })).status).toBe(404);
    expect((await server.ask('POST', `${api}/jobs/${json.id}/cancel`, { auth: mary })).status).toBe(422);
    expect((await server.ask('GET', `${api}/jobs`, { auth: mary })).json.totalCount).toBe(0);
  });
});

describe('names', () => {
  it.each([
    ['/Tutorials/10seconds', 'Tutorials', '10seconds.fmw'],
    ['/A/B/c d', 'A/B', 'c d.fmw'],
    ['/Root', '/', 'Root.fmw'],
  ])('%s is the workspace %s, %s, and back', (path, repository, workspace) => {
    expect(nameOf(path)).toEqual({ repository, workspace });
    expect(pathOf({ repository, workspace })).toBe(path);
    expect(pathOf({ repository, workspace: workspace.replace('.fmw', '') })).toBe(path);
  });

  it('of queues differ in one only', () => {
    expect([queueWire('default'), queueWire('night'), readQueue('Default'), readQueue('night')]).toEqual([
      'Default',
      'night',
      'default',
      'night',
    ]);
  });

  it('of users are UUIDs that stay', () => {
    expect(userId('admin')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(userId('admin')).toBe(userId('admin'));
    expect(userId('admin')).not.toBe(userId('Admin'));
  });
});
