import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DialectServer } from '../server.ts';
import { basic, startDialectServer } from '../server.ts';
import { definitions, v4 } from './support.ts';

const repository = `${v4}/repository`;
let server: DialectServer;
beforeAll(async () => {
  server = await startDialectServer({
    definitions: {
      'Users/guest/echo.yaml': definitions['Users/guest/echo.yaml']!,
      'Users/guest/My Workflow.yaml': definitions['Users/guest/My Workflow.yaml']!,
      'Users/guest/prices.csv': 'a;b\n1;2\n',
      'Users/guest/deep/er/x.txt': 'x',
      'Top.txt': '',
    },
    document: '/knime/rest/openapi-3.1.json',
  });
  await server.ask('POST', '/users', { body: { name: 'mary', password: 'a long password', roles: ['user'] } });
});
afterAll(() => server.stop());

const mary = basic('mary', 'a long password');
const href = (path: string): string => `${server.url}${repository}${path}`;

// biome-ignore lint/suspicious/noExplicitAny: an item document, walked by hand
const pathsOf = ({ path, children = [] }: any): string[] => [path, ...children.flatMap(pathsOf)];

describe('the repository', () => {
  it.each([
    `${repository}/`,
    repository,
    `/knime//rest/v4/repository`,
  ])('at %s has one level of its tree', async (path) => {
    const { status, json } = await server.ask('GET', path);
    expect(status).toBe(200);
    expect(json).toMatchObject({ path: '/', name: '/', type: 'WorkflowGroup', owner: 'admin' });
    expect(pathsOf(json)).toEqual(['/', '/Top.txt', '/Users']);
    expect(json['@controls'].self.href).toBe(href('/'));
    expect(json['@controls']['knime:upload'].href).toBe(href('/{name}:data'));
    expect(json['@controls']['knime:delete']).toBeUndefined();
  });

  it.each(['true', 'True', ''])('with ?deep=%s has all of it, each node with what clients read', async (deep) => {
    const { json } = await server.ask('GET', `${repository}/?deep${deep === '' ? '' : `=${deep}`}`);
    expect(pathsOf(json)).toEqual([
      '/',
      '/Top.txt',
      '/Users',
      '/Users/guest',
      '/Users/guest/My Workflow',
      '/Users/guest/deep',
      '/Users/guest/deep/er',
      '/Users/guest/deep/er/x.txt',
      '/Users/guest/echo',
      '/Users/guest/prices.csv',
    ]);
    // biome-ignore lint/suspicious/noExplicitAny: an item document, walked by hand
    const check = (item: any): void => {
      expect(item.name, item.path).toBe(item.path === '/' ? '/' : item.path.split('/').at(-1));
      expect(Date.parse(item.createdOn), item.path).toBeLessThanOrEqual(Date.parse(item.lastEditedOn));
      expect(typeof item.owner).toBe('string');
      expect(item['@controls'].self.href).toBe(href(item.path.split('/').map(encodeURIComponent).join('/')));
      expect(Array.isArray(item.children), item.path).toBe(item.type === 'WorkflowGroup');
      for (const child of item.children ?? []) check(child);
    };
    check(json);
  });

  it('refuses a flag that is none', async () => {
    const { status, json } = await server.ask('GET', `${repository}/?deep=perhaps`);
    expect([status, json.title]).toEqual([400, expect.stringContaining('deep')]);
  });

  it('passes over parameters it does not know', async () => {
    expect((await server.ask('GET', `${repository}/?details=x&version=4`)).status).toBe(200);
  });
});

describe('an item', () => {
  it('that is a workflow tells what can be done with it', async () => {
    const { json } = await server.ask('GET', `${repository}/Users/guest/My%20Workflow`);
    const self = href('/Users/guest/My%20Workflow');
    expect(json).toMatchObject({
      path: '/Users/guest/My Workflow',
      name: 'My Workflow',
      type: 'Workflow',
      owner: 'guest',
      hasReport: false,
    });
    expect(json.size).toBeGreaterThan(0);
    expect(json['@controls']).toEqual({
      self: { href: self, method: 'GET' },
      'knime:download': { href: `${self}:data`, method: 'GET' },
      edit: { href: `${self}:data`, method: 'PUT', accept: ['*/*'], encoding: 'Raw', title: 'Upload new version' },
      'knime:delete': { href: self, method: 'DELETE' },
      'knime:openapi': { href: `${self}:openapi`, method: 'GET' },
      'knime:configuration': { href: `${self}:configuration`, method: 'GET' },
      'knime:jobs': { href: `${self}:jobs`, method: 'GET' },
      'knime:new-job': {
        href: `${self}:jobs{?timeout}`,
        isHrefTemplate: true,
        method: 'POST',
        encoding: 'Json',
        template: {},
      },
      'knime:execution': {
        href: `${self}:execution{?reset,timeout}`,
        isHrefTemplate: true,
        method: 'POST',
        encoding: 'Json',
        template: {},
      },
    });
  });

  it('that is a file has its size', async () => {
    const { json } = await server.ask('GET', `${repository}//Users/guest/prices.csv`);
    expect(json).toMatchObject({ path: '/Users/guest/prices.csv', type: 'Data', size: 8, owner: 'guest' });
  });

  it('is found under every spelling of its address', async () => {
    for (const path of ['/Users%2Fguest/echo', '/Users/guest/echo/', '/Users/guest//echo', '/Users/guest/echo.yaml']) {
      expect((await server.ask('GET', `${repository}${path}`)).json?.path, path).toBe('/Users/guest/echo');
    }
  });

  it.each(['', ':openapi', ':data', ':configuration', ':image'])('that is not there is 404 (%s)', async (action) => {
    const { status, json } = await server.ask('GET', `${repository}/Users/guest/not_there_00${action}`);
    expect([status, json.title, json.code]).toEqual([
      404,
      "Item '/Users/guest/not_there_00' does not exist.",
      'ItemNotFound',
    ]);
  });

  it('whose address names no place is 400, an action nobody knows 404', async () => {
    expect((await server.ask('GET', `${repository}/a%5Cb`)).status).toBe(400);
    const { status, json } = await server.ask('GET', `${repository}/Users/guest/echo:dance`);
    expect([status, json.title]).toEqual([404, expect.stringContaining('no action :dance')]);
  });

  it('has a configuration without nodes', async () => {
    const { status, json } = await server.ask('GET', `${repository}/Users/guest/echo:configuration`);
    expect([status, Object.keys(json)]).toEqual([200, ['@namespaces', '@controls']]);
    expect((await server.ask('GET', `${repository}/Users/guest:configuration`)).status).toBe(400);
  });
});

describe('what a caller may not see or do', () => {
  it('is not there, and leaves no control', async () => {
    const permit = (path: string, user: string, actions: string[]) =>
      server.ask('PUT', '/permissions', { body: { path, user, actions } });
    await permit('/Users/guest', 'mary', ['read']);
    await permit('/Users/guest/deep', 'nobody', ['read']);
    const ask = (path: string) => server.ask('GET', `${repository}${path}`, { auth: mary });
    expect(pathsOf((await ask('/?deep=true')).json)).toEqual([
      '/',
      '/Top.txt',
      '/Users',
      '/Users/guest',
      '/Users/guest/My Workflow',
      '/Users/guest/echo',
      '/Users/guest/prices.csv',
    ]);
    expect((await ask('/Users/guest/deep/er/x.txt')).status).toBe(404);
    expect(Object.keys((await ask('/Users/guest/echo')).json['@controls'])).toEqual([
      'self',
      'knime:download',
      'knime:openapi',
      'knime:configuration',
      'knime:jobs',
    ]);
  });
});
