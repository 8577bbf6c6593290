import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readArchive } from '../../src/repository/archive.ts';
import { type SampleServer, startSamples } from './server.ts';

let server: SampleServer;
beforeAll(async () => {
  server = await startSamples();
});
afterAll(() => server.stop());

/** Names and texts of the files of an archive. */
async function unpack(response: Response): Promise<Record<string, string>> {
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/zip']);
  const archive = await readArchive(new Uint8Array(await response.arrayBuffer()));
  const files: Record<string, string> = {};
  for (const entry of archive.entries) files[entry.path.slice(1)] = (await buffer(entry.read())).toString();
  archive.close();
  return files;
}

const send = (path: string, csv: string) =>
  server.send(path, { method: 'POST', headers: { 'content-type': 'text/csv' }, body: csv });

interface Envelope {
  serviceResponse: { statusInfo: { status: string; message?: string }; url: string };
}
/** Sends a CSV file to a data download and takes apart what comes back. */
async function download(workspace: string, query: string, csv: string): Promise<Record<string, string>> {
  const answer = await send(`/fmedatadownload/Samples/${workspace}.fmw?opt_responseformat=json&${query}`, csv);
  return unpack(await fetch(((await answer.json()) as Envelope).serviceResponse.url));
}
const complaint = async (workspace: string, query: string, csv: string): Promise<string | undefined> => {
  const answer = await send(`/fmejobsubmitter/Samples/${workspace}.fmw?opt_responseformat=json&${query}`, csv);
  return ((await answer.json()) as Envelope).serviceResponse.statusInfo.message;
};

describe('split-csv', () => {
  it('makes a file for each value of a column: a CSV goes in, a ZIP comes out', async () => {
    const csv = '\ufeffname;land\r\n"Linz; Danube";AT\r\nBern;CH\r\n"say ""hi""\n";AT\r\nUlm;\r\n\r\n';
    expect(await download('split-csv', 'column=land&delimiter=%3B', csv)).toEqual({
      'AT.csv': 'name;land\n"Linz; Danube";AT\n"say ""hi""\n";AT\n',
      'CH.csv': 'name;land\nBern;CH\n',
      'empty.csv': 'name;land\nUlm;\n',
    });
  });

  it('names files safely, and no two alike', async () => {
    const files = await download('split-csv', 'column=a', 'a\n../x\n.._x\nab\nAB\nä\n');
    expect(Object.keys(files).sort()).toEqual(['AB-2.csv', '__x-2.csv', '__x.csv', 'ab.csv', 'ä.csv']);
  });

  it('keeps every row of a long file, wherever its pieces are cut', async () => {
    const rows = Array.from({ length: 40_000 }, (_, n) => `"Zürich, ""${n}""",${n % 3}`);
    const files = await download('split-csv', 'column=kind', `name,kind\n${rows.join('\n')}`);
    for (const kind of ['0', '1', '2'])
      expect(files[`${kind}.csv`]).toBe(`name,kind\n${rows.filter((row) => row.endsWith(`,${kind}`)).join('\n')}\n`);
  });

  it('is run by transactdata too, and by a multipart upload', async () => {
    const csv = 'country\nAT\n';
    const response = await send('/fmerest/v3/transformations/transactdata/Samples/split-csv.fmw', csv);
    const { id, status } = (await response.json()) as { id: number; status: string };
    expect([response.status, status]).toEqual([200, 'SUCCESS']);
    expect(await (await server.send(`/jobs/${id}/files/AT.csv`)).text()).toBe(csv);
    const form = new FormData();
    form.set('job', JSON.stringify({ workflow: '/Samples/split-csv' }));
    form.set('source', new Blob([csv]), 'my towns.csv');
    const executed = await server.send('/execution', { method: 'POST', body: form });
    expect(await executed.json()).toEqual({ rows: 1, files: [{ name: 'AT.csv', rows: 1 }] });
  });

  it('takes a file that was uploaded before', async () => {
    const form = new FormData();
    form.set('file', new Blob(['country\nAT\nCH\n']), 'towns.csv');
    const upload = await server.send('/fmedataupload/Samples/split-csv.fmw?opt_fullpath=true&opt_responseformat=json', {
      method: 'POST',
      body: form,
    });
    const { files } = ((await upload.json()) as { serviceResponse: { files: { file: { path: string }[] } } })
      .serviceResponse;
    const query = new URLSearchParams({ opt_responseformat: 'json', source: files.file[0]!.path });
    const answer = await server.send(`/fmedatadownload/Samples/split-csv.fmw?${query}`);
    expect(await unpack(await fetch(((await answer.json()) as Envelope).serviceResponse.url))).toEqual({
      'AT.csv': 'country\nAT\n',
      'CH.csv': 'country\nCH\n',
    });
  });

  it('has towns of its own', async () => {
    expect(await server.run('/Samples/split-csv', {})).toMatchObject({
      output: {
        rows: 4,
        files: [
          { name: 'AT.csv', rows: 2 },
          { name: 'CH.csv', rows: 2 },
        ],
      },
    });
  });

  it('says what is wrong with a file', async () => {
    expect(await complaint('split-csv', 'column=land', 'a,b\n1,2\n')).toContain(
      'There is no column "land". The file has: a, b',
    );
    const many = Array.from({ length: 501 }, (_, n) => n).join('\n');
    expect(await complaint('split-csv', 'column=a', `a\n${many}\n`)).toContain('more than 500 values');
  });
});

describe('csv-to-geojson', () => {
  it('makes points of rows, streamed back as they are', async () => {
    const response = await send(
      '/fmedatastreaming/Samples/csv-to-geojson.fmw',
      'name,lon,lat\n"Linz, Danube",14.29,48.31\nBern,7.44,46.95',
    );
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/geo+json']);
    const feature = (name: string, coordinates: number[]) => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates },
      properties: { name },
    });
    expect(await response.json()).toEqual({
      type: 'FeatureCollection',
      features: [feature('Linz, Danube', [14.29, 48.31]), feature('Bern', [7.44, 46.95])],
    });
  });

  it('refuses rows without coordinates, in a file of their own beside it', async () => {
    const csv = 'x,y,name\n181,0,a\n0,ninety,b\n1e3,0,c\n0,0,d\n,,e\n';
    const files = await download('csv-to-geojson', 'longitude=x&latitude=y', csv);
    expect(Object.keys(files)).toEqual(['points.geojson', 'refused.csv']);
    expect(JSON.parse(files['points.geojson']!).features).toHaveLength(1);
    expect(files['refused.csv']).toBe(
      'row,reason\n2,no longitude that can be read\n3,no latitude that can be read\n4,no longitude that can be read\n6,no longitude that can be read\n',
    );
  });

  it('has towns of its own', async () => {
    expect(await server.run('/Samples/csv-to-geojson', {})).toMatchObject({ output: { points: 3, refused: 1 } });
  });

  it('says which columns are missing', async () => {
    expect(await complaint('csv-to-geojson', '', 'a,b\n1,2\n')).toContain(
      'There is no column "lon" and "lat". The file has: a, b',
    );
  });
});
