import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { header } from '../../server.ts';
import { definitions, type Server, startServer } from '../support.ts';

const kinds = `${header('kinds')}input:
  schema:
    format: json
    document:
      type: object
      required: [COORDSYS]
      properties:
        AOI: { type: string, title: Area }
        COORDSYS:
          title: Coordinate system
          default: EPSG:25832
          oneOf: [{ const: EPSG:25832, title: UTM 32N }, { const: EPSG:4326, title: WGS 84 }]
        CLIP: { x-fme-type: checkbox, enum: [YES, NO], default: NO }
        SourceDataset: { type: string, x-fme-type: file }
        SINCE: { type: string, format: date }
        DBPASS: { type: string, format: password, default: tiger }
        LAYERS: { type: array, items: { enum: [a, b] }, default: [a] }
        ADVANCED: { type: object, properties: { TOLERANCE: { type: number, default: 0.01 } } }
do:
  - done:
      set: { ok: true }
`;

let server: Server;
beforeAll(async () => {
  server = await startServer({ 'Kinds/All.yaml': kinds });
});
afterAll(() => server.stop());

const v3 = '/fmerest/v3/repositories';
const names = ({ json }: { json: { items: { name: string }[] } }) => json.items.map(({ name }) => name);

describe('repositories of V3', () => {
  it('are listed whole for clients that ask for -1, with and without a slash at the end', async () => {
    for (const path of [`${v3}?limit=-1&offset=-1`, `${v3}/?limit=-1&offset=-1`]) {
      const answer = await server.ask('GET', path);
      expect([answer.status, names(answer)]).toEqual([200, ['/', 'Kinds', 'Tests', 'Tutorials', 'Tutorials/deep']]);
      expect(Object.keys(answer.json.items[0])).toEqual(['owner', 'name', 'description', 'sharable']);
    }
  });

  it('are made from a form and deleted, in the words of the original', async () => {
    const type = 'application/x-www-form-urlencoded';
    const make = (raw: string) => server.ask('POST', v3, { raw, type });
    const made = await make('name=Old+Samples&description=For+all');
    expect([made.status, made.json]).toEqual([
      201,
      { owner: 'admin', name: 'Old Samples', description: 'For all', sharable: true },
    ]);
    expect((await server.ask('GET', `${v3}/Old%20Samples`)).json).toEqual(made.json);
    expect((await make('name=Old+Samples')).status).toBe(409);
    const blank = await make('description=x');
    expect([blank.status, blank.json.details]).toEqual([422, { name: 'must not be blank' }]);
    expect((await make('name=a/../b')).status).toBe(422);
    expect((await server.ask('DELETE', `${v3}/Old%20Samples`)).status).toBe(204);
    const again = await server.ask('DELETE', `${v3}/Old%20Samples`);
    expect([again.status, again.json]).toEqual([404, { message: 'Repository Old Samples does not exist.' }]);
    expect((await server.ask('GET', `${v3}/Old%20Samples`)).status).toBe(404);
  });
});

describe('items of V3', () => {
  it('are listed by type, and read one by one', async () => {
    const list = await server.ask('GET', `${v3}/Tutorials/items?type=WORKSPACE&detail=high`);
    expect(names(list)).toEqual(['10seconds.fmw']);
    expect(list.json.items[0]).toMatchObject({ type: 'WORKSPACE', repositoryName: 'Tutorials', totalRuns: 0 });
    expect((await server.ask('GET', `${v3}/Tutorials/items?type=TEMPLATE`)).json.totalCount).toBe(0);
    const { status, json } = await server.ask('GET', `${v3}/Tutorials/items/10seconds.fmw/`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ name: '10seconds.fmw', type: 'WORKSPACE', enabled: true, buildNumber: 26_100 });
    expect(json.parameters).toEqual((await server.ask('GET', `${v3}/Tutorials/items/10seconds.fmw/parameters`)).json);
  });

  it('are uploaded, downloaded and deleted', async () => {
    const data = new FormData();
    data.append('file', new Blob([definitions['Tests/Echo.yaml']!]), 'Mine.fmw');
    const made = await server.ask('POST', `${v3}/Tutorials/items`, { raw: data });
    expect([made.status, made.json.name, made.json.userName]).toEqual([201, 'Mine.fmw', 'admin']);
    expect((await server.ask('POST', `${v3}/Tutorials/items`, { raw: data })).status).toBe(409);
    const accept = 'application/octet-stream';
    const file = await server.ask('GET', `${v3}/Tutorials/items/Mine.fmw`, { headers: { accept } });
    expect(file.text).toBe(definitions['Tests/Echo.yaml']);
    expect((await server.ask('DELETE', `${v3}/Tutorials/items/Mine.fmw`)).status).toBe(204);
    for (const method of ['GET', 'DELETE']) {
      const { status, json } = await server.ask(method, `${v3}/Tutorials/items/Mine.fmw`);
      expect([status, json]).toEqual([404, { message: 'Item Mine.fmw does not exist.' }]);
    }
  });
});

describe('parameters of V3', () => {
  it('have the spelling of the original: groups opened, types in capitals, defaults as texts or lists of them', async () => {
    const { status, json } = await server.ask('GET', `${v3}/Kinds/items/All.fmw/parameters`);
    expect(status).toBe(200);
    const yesNo = ['YES', 'NO'].map((value) => ({ caption: value, value }));
    expect(JSON.stringify(json)).toBe(
      JSON.stringify([
        { name: 'AOI', description: 'Area', type: 'STRING', model: 'string', optional: true, defaultValue: '' },
        {
          name: 'COORDSYS',
          description: 'Coordinate system',
          type: 'LOOKUP_CHOICE',
          model: 'string',
          optional: false,
          defaultValue: 'EPSG:25832',
          listOptions: [
            { caption: 'UTM 32N', value: 'EPSG:25832' },
            { caption: 'WGS 84', value: 'EPSG:4326' },
          ],
        },
        {
          name: 'CLIP',
          description: 'CLIP',
          type: 'CHECKBOX',
          model: 'string',
          optional: true,
          defaultValue: 'NO',
          listOptions: yesNo,
        },
        {
          name: 'SourceDataset',
          description: 'SourceDataset',
          type: 'FILENAME',
          model: 'string',
          optional: true,
          defaultValue: '',
        },
        { name: 'SINCE', description: 'SINCE', type: 'DATETIME', model: 'string', optional: true, defaultValue: '' },
        { name: 'DBPASS', description: 'DBPASS', type: 'PASSWORD', model: 'string', optional: true, defaultValue: '' },
        {
          name: 'LAYERS',
          description: 'LAYERS',
          type: 'LISTBOX',
          model: 'list',
          optional: true,
          defaultValue: ['a'],
          listOptions: ['a', 'b'].map((value) => ({ caption: value, value })),
        },
        {
          name: 'TOLERANCE',
          description: 'TOLERANCE',
          type: 'FLOAT',
          model: 'string',
          optional: true,
          defaultValue: '0.01',
        },
      ]),
    );
  });

  it('are there one by one', async () => {
    const one = await server.ask('GET', `${v3}/Tutorials/items/10seconds.fmw/parameters/year`);
    expect(one.json).toMatchObject({ name: 'year', type: 'INTEGER', optional: true, defaultValue: '2000' });
    const none = await server.ask('GET', `${v3}/Tutorials/items/10seconds.fmw/parameters/none`);
    expect([none.status, none.json]).toEqual([404, { message: 'Parameter none does not exist.' }]);
    const asked = await server.ask('POST', `${v3}/Tutorials/items/10seconds.fmw/parameters/year`, {
      raw: 'location=Burnaby',
      type: 'application/x-www-form-urlencoded',
    });
    expect([asked.status, asked.json]).toEqual([200, one.json]);
    expect((await server.ask('GET', `${v3}/Nowhere/items/x.fmw/parameters`)).status).toBe(404);
  });
});
