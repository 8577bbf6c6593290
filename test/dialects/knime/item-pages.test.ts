import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DialectServer } from '../server.ts';
import { header } from '../server.ts';
import { rest, startServer, v4 } from './support.ts';
import { readXml } from './xml.ts';

const repository = `${v4}/repository`;
let server: DialectServer;
beforeAll(async () => {
  server = await startServer({
    'Users/guest/Score rows.yaml': `${header('score')}  title: Score # 1
  summary: Scores rows.
input:
  schema:
    format: json
    document:
      type: object
      properties:
        zeta: { type: number, default: 0.5, description: Threshold. }
        alpha: { type: array, items: { type: object, x-knime-type: row, properties: { vote: { type: integer } } }, default: [{ vote: 1 }] }
        upload: { type: string, x-knime-type: file, description: A file. }
output:
  schema:
    format: json
    document: { type: object, properties: { result: { type: number }, report: { type: string, x-knime-type: file } } }
do:
  - decide:
      switch:
        - high: { when: .zeta > 1, then: 'last "one" #clip0 <b>' }
        - low: { then: continue }
  - tries:
      try:
        - 'call it': { call: http, with: { method: get, endpoint: 'http://localhost' } }
      catch:
        do:
          - ignore: { set: { ok: false } }
  - both:
      fork:
        branches:
          - left: { set: { a: 1 } }
          - right: { do: [{ inner: { set: { b: 1 } } }] }
  - 'last "one" #clip0 <b>': { set: { ok: true } }
`,
    'Users/guest/broken.yaml': 'document: 1\n',
  });
});
afterAll(() => server.stop());

const ask = (path: string, options?: Parameters<DialectServer['ask']>[2]) =>
  server.ask('GET', `${repository}${path}`, options);

describe(':openapi', () => {
  it('describes one workflow', async () => {
    const { status, json, headers } = await ask('/Users/guest/Score%20rows:openapi');
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json;charset=UTF-8']);
    expect(Object.keys(json)).toEqual(['openapi', 'info', 'servers', 'security', 'tags', 'paths', 'components']);
    expect(json.info).toEqual({ title: 'Score rows', version: '1.0.0', description: 'Scores rows.' });
    expect(json.servers).toEqual([{ url: `${server.url}/knime` }]);
    const path = '/rest/v4/repository/Users/guest/Score%20rows';
    expect(Object.keys(json.paths)).toEqual([`${path}:jobs`, `${path}:execution`]);
    expect(json.paths[`${path}:jobs`].post.tags).toEqual(['job-control']);
    expect(json.paths[`${path}:execution`].get.tags).toEqual(['execution']);
  });

  it('lists the parameters in their order, each with description and example', async () => {
    const { json } = await ask('/Users/guest/Score%20rows:openapi');
    const { InputParameters, OutputParameters } = json.components.schemas;
    expect(Object.keys(InputParameters.properties)).toEqual(['zeta', 'alpha']);
    expect(InputParameters.properties.zeta).toEqual({
      type: 'number',
      description: 'Threshold.',
      default: 0.5,
      example: 0.5,
    });
    expect(InputParameters.properties.alpha.example).toEqual({
      'table-spec': [{ vote: 'long' }],
      'table-data': [[1]],
    });
    expect(Object.keys(OutputParameters.properties)).toEqual(['result']);
  });

  it('has files as parts of a form, and as output resources', async () => {
    const { json } = await ask('/Users/guest/Score%20rows:openapi');
    const { post } = json.paths['/rest/v4/repository/Users/guest/Score%20rows:execution'];
    const form = post.requestBody.content['multipart/form-data'];
    expect(form.schema.properties.upload).toEqual({ type: 'string', format: 'binary', description: 'A file.' });
    expect(form.encoding.upload).toEqual({ contentType: 'application/octet-stream' });
    expect(form.encoding.zeta).toEqual({ contentType: 'application/json' });
    expect(post['x-knime-output-resources'].schema.properties.report.format).toBe('binary');
  });

  it('of a workflow without inputs still has schemas', async () => {
    const { json } = await ask('//Users/guest/echo:openapi');
    expect(json.components.schemas).toEqual({});
  });

  it('with showInUI is a page whose parts are on this server', async () => {
    const page = await ask('/Users/guest/Score%20rows:openapi?showInUI=true');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.text).toContain(`data-document="${repository}/Users/guest/Score%20rows:openapi"`);
    const parts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);
    expect(parts.length).toBeGreaterThan(3);
    for (const part of parts) expect((await server.ask('GET', part, { auth: false })).status, part).toBe(200);
  });

  it('of no workflow is refused', async () => {
    expect((await ask('/Users/guest:openapi')).status).toBe(400);
    expect((await ask('/Users/none:openapi')).status).toBe(404);
    const broken = await ask('/Users/guest/broken:openapi');
    expect([broken.status, broken.json.details.length > 0]).toEqual([400, true]);
  });
});

describe(':image', () => {
  it('is a drawing of the steps', async () => {
    const { status, text, headers } = await ask('/Users/guest/Score%20rows:image');
    expect([status, headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
    for (const name of ['decide', 'tries', 'call it', 'call:http', 'ignore', 'left', 'inner']) {
      expect(text, name).toContain(`>${name}</text>`);
    }
    expect(text).toContain('last &#34;one&#34; &#35;clip0 &#60;b&#62;</text>');
    // The way from the switch over the steps between.
    expect(text).toMatch(/<path d="M\d+ \d+C/);
  });

  it('has ids that clients can rewrite: all begin with clip, every reference has its own', async () => {
    const { text } = await ask('/Users/guest/Score%20rows:image');
    const ids = [...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id!);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => id.startsWith('clip'))).toBe(true);
    const references = [...text.matchAll(/#([\w-]*)/g)].map(([, id]) => id!).filter((id) => !/^\d+$/.test(id));
    expect(references.length).toBeGreaterThan(10);
    for (const id of references) expect(ids).toContain(id);
  });

  it('is well-formed XML, and not sent again to who has it', async () => {
    const { text, headers } = await ask('/Users/guest/Score%20rows:image');
    expect(() => readXml(text)).not.toThrow();
    expect((await ask('/Users/guest/echo:image', { headers: { 'if-none-match': headers.get('etag')! } })).status).toBe(
      200,
    );
    const same = { 'if-none-match': headers.get('etag')! };
    expect((await ask('/Users/guest/Score%20rows:image', { headers: same })).status).toBe(304);
  });

  it('of no workflow is refused', async () => {
    expect((await ask('/Users/guest:image')).status).toBe(400);
    expect((await ask('/Users/none:image')).status).toBe(404);
  });
});

describe('the pages of the whole API', () => {
  it.each([`${rest}/doc`, `${rest}/doc/`, `${rest}/doc/index.html`])('are at %s', async (path) => {
    const page = await server.ask('GET', path, { auth: false });
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    for (const [, part] of page.text.matchAll(/(?:src|href)="([^"]+)"/g)) {
      const address = new URL(part!, `${server.url}${path}`).pathname;
      // The page under the name of a file asks for its parts as a browser would.
      const found = await server.ask('GET', address, { auth: false });
      expect(found.status, address).toBe(200);
    }
  });

  it('have a document below /knime', async () => {
    const { json } = await server.ask('GET', `${rest}/openapi.json`, { auth: false });
    expect(json.servers[0].url).toBe(`${server.url}/knime`);
    expect(json.openapi).toMatch(/^3\.0\./);
    const tags = json.tags.map(({ name }: { name: string }) => name);
    expect(tags).toContain('Repository');
    expect(Object.keys(json.paths).every((path) => path.startsWith('/rest'))).toBe(true);
    expect(Object.keys(json.paths)).toContain('/rest/v4/repository/{path}:openapi');
  });
});
