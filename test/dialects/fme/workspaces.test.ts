import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Server, startServer } from './support.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer({ 'Tests/Broken.yaml': 'document: {}\n', 'Tests/data.csv': 'a;b\n' });
}, 30_000);
afterAll(() => server.stop());

const api = '/fmeapiv4';
const itemMembers = [
  'name',
  'title',
  'description',
  'type',
  'repositoryName',
  'lastSaveDate',
  'lastPublishDate',
  'lastPublishUserId',
  'lastPublishUser',
  'totalFileSize',
  'fileCount',
  'averageCpuPercent',
  'averagePeakMemoryUsage',
  'averageCpuTime',
  'averageElapsedTime',
  'totalRuns',
  'favorite',
];
const names = ({ json }: { json: { items: { name: string }[] } }) => json.items.map(({ name }) => name);

describe('GET /workspaces', () => {
  it('lists those of all repositories, broken ones too, each with the members of the reference in its order', async () => {
    const answer = await server.ask('GET', `${api}/workspaces`);
    expect(names(answer)).toContain('Root.fmw');
    expect(names(answer)).toContain('er.fmw');
    expect(names(answer)).toContain('Broken.fmw');
    for (const item of answer.json.items) expect(Object.keys(item)).toEqual(itemMembers);
    expect(answer.json).toMatchObject({ totalCount: answer.json.items.length, limit: 100, offset: 0 });
  });

  it('narrows to a repository and a text, and gives pages', async () => {
    const of = (query: string) => server.ask('GET', `${api}/workspaces?${query}`);
    expect(names(await of('&repository=Tutorials'))).toEqual(['10seconds.fmw']);
    expect(names(await of('repository=Tests&filterString=ECHO'))).toEqual(['Echo.fmw']);
    expect((await of('repository=Tests&limit=2&offset=1')).json).toMatchObject({ limit: 2, offset: 1, totalCount: 7 });
    expect(names(await of('repository=Tests&offset=7'))).toEqual([]);
    expect((await of('repository=Nowhere')).status).toBe(404);
  });

  it('counts runs and their time, whatever became of the jobs', async () => {
    const one = async () =>
      (await server.ask('GET', `${api}/workspaces?repository=Tests&filterString=Fails`)).json.items[0];
    expect(await one()).toMatchObject({ totalRuns: 0, averageElapsedTime: 0, averageCpuTime: 0 });
    const ids = [await server.submit('Fails.fmw'), await server.submit('Fails.fmw')];
    for (const id of ids) expect((await server.result(id)).json.status).toBe('failure');
    const jobs = await Promise.all(ids.map(async (id) => (await server.ask('GET', `${api}/jobs/${id}`)).json));
    const mean = Math.round((jobs[0].elapsedTime + jobs[1].elapsedTime) / 2);
    expect(await one()).toMatchObject({ totalRuns: 2, averageElapsedTime: mean });
    await server.ask('DELETE', `${api}/jobs/${ids[0]}`);
    expect(await one()).toMatchObject({ totalRuns: 2, averageElapsedTime: mean });
  });
});

describe('GET /repositories/{repository}/items', () => {
  it('lists the workspaces in it, by type in any case', async () => {
    const all = await server.ask('GET', `${api}/repositories/Tutorials/items`);
    expect(names(all)).toEqual(['10seconds.fmw']);
    expect(Object.keys(all.json.items[0])).toEqual(itemMembers);
    for (const type of ['workspace', 'WORKSPACE', 'template,workspace'])
      expect(names(await server.ask('GET', `${api}/repositories/Tutorials/items?type=${type}`))).toEqual([
        '10seconds.fmw',
      ]);
    expect((await server.ask('GET', `${api}/repositories/Tutorials/items?type=template`)).json).toEqual({
      items: [],
      totalCount: 0,
      limit: 100,
      offset: 0,
    });
    expect((await server.ask('GET', `${api}/repositories/Tutorials/items?type=none`)).json.details).toEqual({
      type: 'must be one of workspace, customtransformer, customformat, template',
    });
  });
});

describe('GET /workspaces/{repository}/{workspace}', () => {
  it('has all members of the reference, in its order', async () => {
    const { status, json } = await server.ask('GET', `${api}/workspaces/Tutorials/10seconds.fmw?repository=Tutorials`);
    expect(status).toBe(200);
    expect(Object.keys(json)).toEqual([
      'name',
      'title',
      'type',
      'description',
      'buildNumber',
      'category',
      'history',
      'lastSaveDate',
      'lastPublishDate',
      'lastSaveBuild',
      'legalTermsConditions',
      'requirements',
      'requirementsKeyword',
      'usage',
      'userName',
      'fileSize',
      'favorite',
      'averageCpuPercent',
      'averagePeakMemoryUsage',
      'averageCpuTime',
      'averageElapsedTime',
      'totalRuns',
      'properties',
      'resources',
      'datasets',
      'services',
      'parameters',
    ]);
    const { json: parameters } = await server.ask('GET', `${api}/workspaces/Tutorials/10seconds.fmw/parameters`);
    expect(json).toMatchObject({ name: '10seconds.fmw', buildNumber: 26_100, parameters, resources: [], totalRuns: 0 });
    expect(Date.parse(json.lastSaveDate)).toBeGreaterThan(Date.now() - 600_000);
    for (const member of ['buildNumber', 'fileSize', 'totalRuns', 'averagePeakMemoryUsage'])
      expect(Number.isInteger(json[member]), member).toBe(true);
  });

  it('names the files that lie beside it, and shows a broken one', async () => {
    const { status, json } = await server.ask('GET', `${api}/workspaces/Tests/Broken.fmw`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ title: '', parameters: [], resources: [{ name: 'data.csv', size: 4 }] });
  });

  it.each(['', '/services'])('%s is 404 with one text for the repository and another for itself', async (rest) => {
    const unknown = await server.ask('GET', `${api}/workspaces/Tests/None.fmw${rest}`);
    expect([unknown.status, unknown.json]).toEqual([404, { message: 'Item None.fmw does not exist.' }]);
    const nowhere = await server.ask('GET', `${api}/workspaces/Nowhere/None.fmw${rest}`);
    expect(nowhere.json.message).toMatch(/^Unauthorized request by user admin due to lack of proper permissions/);
  });
});

describe('GET /workspaces/{repository}/{workspace}/services', () => {
  it('tells of each service whether it takes the workspace', async () => {
    const { status, json } = await server.ask('GET', `${api}/workspaces/Tutorials/10seconds.fmw/services`);
    expect([status, Object.keys(json)]).toEqual([
      200,
      ['jobSubmitter', 'dataDownload', 'dataStreaming', 'kmlNetworkLink'],
    ]);
    for (const service of Object.values(json)) expect(service).toEqual({ registered: expect.any(Boolean) });
    // What is not served is not registered.
    const paths = {
      jobSubmitter: 'fmejobsubmitter',
      dataDownload: 'fmedatadownload',
      dataStreaming: 'fmedatastreaming',
    };
    for (const [service, path] of Object.entries(paths)) {
      const served = server.app.http.routes().some(({ url }) => url.startsWith(`/${path}/`));
      expect(json[service].registered, service).toBe(served);
    }
  });
});
