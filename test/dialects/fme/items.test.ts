import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic, definitions, type Server, startServer } from './support.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
  await server.ask('POST', '/fmeapiv4/repositories', { body: { name: 'Up' } });
  await server.ask('POST', '/users', { body: { name: 'olga', password: 'a long password', roles: ['operator'] } });
});
afterAll(() => server.stop());

const api = '/fmeapiv4';
const items = `${api}/repositories/Up/items`;
const echo = definitions['Tests/Echo.yaml']!;
const json = JSON.stringify({
  document: { dsl: '1.0.3', namespace: 'test', name: 'json', version: '1.0.0' },
  do: [{ done: { set: { ok: true } } }],
});

function form(...files: [name: string, text: string, field?: string][]): FormData {
  const data = new FormData();
  for (const [name, text, field = 'file'] of files) data.append(field, new Blob([text]), name);
  return data;
}
const post = (data: FormData, query = '', auth?: string) =>
  server.ask('POST', `${items}${query}`, { raw: data, ...(auth === undefined ? {} : { auth }) });
const run = async (workspace: string) => {
  const body = { repository: 'Up', workspace };
  return (await server.ask('POST', `${api}/jobs/sync`, { body })).json.status;
};

describe('POST /repositories/{repository}/items', () => {
  it('takes a definition called name.fmw, which runs at once and has its publisher', async () => {
    const olga = basic('olga', 'a long password');
    const { status, headers, json: item } = await post(form(['Echo.fmw', echo]), '', olga);
    expect([status, headers.get('location')]).toEqual([201, `${api}/workspaces/Up/Echo.fmw`]);
    expect(item).toMatchObject({ name: 'Echo.fmw', repositoryName: 'Up', lastPublishUser: 'olga', totalRuns: 0 });
    expect(await run('Echo.fmw')).toBe('success');
    expect((await server.ask('GET', `${api}/workspaces/Up/Echo.fmw`)).json).toMatchObject({
      userName: 'olga',
      totalRuns: 1,
    });
  });

  it('knows the language by the ending or the begin of the text', async () => {
    await post(form(['ByEnding.yaml', echo]));
    await post(form(['Json.fmw', json]));
    await post(form(['Both.json.fmw', json]));
    const { json: list } = await server.ask('GET', `${items}?type=workspace`);
    expect(list.items.map(({ name }: { name: string }) => name)).toEqual([
      'Both.fmw',
      'ByEnding.fmw',
      'Echo.fmw',
      'Json.fmw',
    ]);
    expect(await run('Json.fmw')).toBe('success');
    expect((await server.ask('GET', '/workflows/Up/Json')).json.file).toBe('/Up/Json.json');
  });

  it('takes companion files, which are then named as resources', async () => {
    const { status } = await post(form(['With.fmw', echo], ['cities.csv', 'name\n'.repeat(100)], ['ä ö.txt', 'x']));
    expect(status).toBe(201);
    const { json: workspace } = await server.ask('GET', `${api}/workspaces/Up/With.fmw`);
    expect(workspace.resources).toEqual([
      { name: 'cities.csv', size: 500 },
      { name: 'ä ö.txt', size: 1 },
    ]);
    const { json: repository } = await server.ask('GET', `${api}/repositories/Up`);
    expect(repository).toMatchObject({ fileCount: 2, workspaceCount: 5 });
  });

  it('refuses a name that is taken, unless it may be overwritten', async () => {
    const taken = await post(form(['Echo.fmw', json]));
    expect([taken.status, taken.json.message]).toEqual([409, 'Already there: /Up/Echo.yaml. Nothing was stored.']);
    expect((await post(form(['Echo.fmw', json]), '?overwrite=True')).status).toBe(201);
    expect((await server.ask('GET', '/workflows/Up/Echo')).json.file).toBe('/Up/Echo.json');
  });

  it('stores nothing when one file is broken, and says what is wrong and where', async () => {
    const { status, json: error } = await post(form(['Good.fmw', echo], ['Bad.fmw', 'document:\n  dsl: [\n']));
    expect(status).toBe(422);
    expect(error.message).toMatch(/nothing was stored\. Line \d+.*\/Up\/Bad\.yaml/s);
    expect((await server.ask('GET', `${api}/workspaces/Up/Good.fmw`)).status).toBe(404);
    const real = await post(form(['Real.fmw', '#! <?xml version="1.0" encoding="UTF-8" ?>\n<WORKSPACE/>']));
    expect(real.status).toBe(422);
  });

  it.each([
    [
      'a file without a workspace',
      form(['notes.txt', 'x']),
      'Among the files there must be the definition of a workflow.',
    ],
    ['no file', form(), 'Among the files there must be the definition of a workflow.'],
    ['one name twice', form(['a.fmw', echo], ['a.fmw', echo]), 'Two files are named "a.yaml".'],
    ['a hidden name', form(['.a.fmw', echo]), expect.stringContaining('begin with a dot')],
    ['a name of a device', form(['con.fmw', echo]), expect.stringContaining('device')],
  ])('refuses %s naming the field', async (_what, data, file) => {
    const { status, json: error } = await post(data);
    expect([status, error]).toEqual([400, { message: 'Parameter Validation Failed', details: { file } }]);
  });

  it('refuses what is too large, other media types, and callers who may not write', async () => {
    const large = await post(form(['Large.fmw', `${echo}# ${'x'.repeat(300_000)}`]));
    expect([large.status, large.json.message]).toEqual([
      413,
      'Large.yaml is a definition; one has at most 262144 bytes.',
    ]);
    expect((await server.ask('POST', items, { body: { name: 'x' } })).status).toBe(415);
    await server.ask('POST', '/users', { body: { name: 'mary', password: 'a long password', roles: ['user'] } });
    expect((await post(form(['Hers.fmw', echo]), '', basic('mary', 'a long password'))).status).toBe(403);
    // Rights on one workflow hold for its file, whatever it is called.
    await server.ask('PUT', '/permissions', { body: { path: '/Up/Echo', user: 'admin', actions: ['read', 'write'] } });
    const olga = basic('olga', 'a long password');
    for (const name of ['Echo.fmw', 'Echo.json', 'Echo.yaml.fmw'])
      expect((await post(form([name, echo]), '?overwrite=true', olga)).status, name).toBe(404);
    const nowhere = await server.ask('POST', `${api}/repositories/None/items`, { raw: form(['a.fmw', echo]) });
    expect([nowhere.status, nowhere.json.message]).toEqual([
      404,
      expect.stringMatching(/^Unauthorized request by user admin/),
    ]);
  });
});

describe('one item', () => {
  it('is replaced by whatever file comes, and jobs go on with the version they have', async () => {
    const put = (data: FormData) => server.ask('PUT', `${items}/With.fmw`, { raw: data });
    const { status, json: item } = await put(form(['anything.bin', json]));
    expect([status, item.name, item.lastPublishUser]).toEqual([200, 'With.fmw', 'admin']);
    expect((await server.ask('GET', '/workflows/Up/With')).json.file).toBe('/Up/With.json');
    expect((await put(form(['a', json], ['b', json]))).json.details).toEqual({
      file: 'Only one file can replace a workspace.',
    });
    expect((await server.ask('PUT', `${items}/None.fmw`, { raw: form(['a', json]) })).json.message).toBe(
      'Item None.fmw does not exist.',
    );
  });

  it('is downloaded as it was uploaded, in parts too, or told of as JSON', async () => {
    const accept = 'application/octet-stream';
    const whole = await server.ask('GET', `${items}/ByEnding.fmw`, { headers: { accept } });
    expect([whole.status, whole.text, whole.headers.get('content-type')]).toEqual([200, echo, accept]);
    expect(whole.headers.get('content-disposition')).toBe('attachment; filename="ByEnding.fmw"');
    const part = await server.ask('GET', `${items}/ByEnding.fmw`, { headers: { accept, range: 'bytes=0-7' } });
    expect([part.status, part.text]).toEqual([206, echo.slice(0, 8)]);
    expect((await server.ask('GET', `${items}/ByEnding.fmw`)).json.name).toBe('ByEnding.fmw');
    expect((await server.ask('GET', `${items}/None.fmw`, { headers: { accept } })).status).toBe(404);
  });

  it('is deleted under both its addresses', async () => {
    expect((await server.ask('DELETE', `${items}/With.fmw`)).status).toBe(204);
    expect((await server.ask('DELETE', `${api}/workspaces/Up/Json.fmw`)).status).toBe(204);
    for (const path of [`${items}/With.fmw`, `${api}/workspaces/Up/Json.fmw`]) {
      const { status, json: error } = await server.ask('DELETE', path);
      expect([status, error.message]).toEqual([404, expect.stringMatching(/^Item \w+\.fmw does not exist\.$/)]);
    }
  });
});
