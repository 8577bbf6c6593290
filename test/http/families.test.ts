import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { DialectFamily } from '../../src/dialect.ts';
import { route } from '../../src/http/routes.ts';
import { ada, small, startHttp, stopHttp } from './support.ts';

afterEach(stopHttp);

/** A family with one route, below `/far`, that counts how often it is loaded. */
function far(load: () => Promise<void> = async () => {}) {
  let loads = 0;
  const family: DialectFamily = {
    name: 'far',
    title: 'The far API',
    documentPath: '/far/openapi.json',
    owns: (url) => url.startsWith('/far'),
    async load() {
      loads++;
      await load();
      return [
        {
          ...small,
          name: 'far',
          prefix: '/far',
          documentPath: '/far/openapi.json',
          errorWire: ({ status, detail }) => ({ status, contentType: 'text/plain', body: `far: ${detail}` }),
          register: (scope) =>
            route(scope, {
              method: 'POST',
              url: '/echo',
              access: 'signed-in',
              doc: { id: 'echoFar', tag: 'Test', summary: 'Echo', responses: { 200: { description: 'It.' } } },
              handler: (request, reply) => reply.send({ got: request.body }),
            }),
        },
      ];
    },
  };
  return { family, loads: () => loads };
}

const start = (family: DialectFamily) => startHttp(() => {}, {}, {}, [family]);
const echo = (url: string, body: unknown) =>
  fetch(`${url}/far/echo`, {
    method: 'POST',
    headers: { authorization: ada, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('a family of dialects', () => {
  it('is loaded by the first request for it and not before, and once for many at a time', async () => {
    const { family, loads } = far();
    const { url, http } = await start(family);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
    expect(loads()).toBe(0);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => echo(url, { index })));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual(
      Array.from({ length: 20 }, (_, index) => ({ got: { index } })),
    );
    expect(loads()).toBe(1);
    expect(http.routes().some(({ url }) => url === '/far/echo')).toBe(true);
  });

  it('answers in its own shape what none of its routes takes, and asks who sends it', async () => {
    const { url } = await start(far().family);
    const missing = await fetch(`${url}/far/away`);
    expect([missing.status, await missing.text()]).toEqual([404, expect.stringMatching(/^far: There is no GET/)]);
    expect((await fetch(`${url}/far/%zz`)).status).toBe(400);
    const open = await fetch(`${url}/far/echo`, { method: 'POST' });
    expect([open.status, open.headers.get('x-request-id')]).toEqual([401, expect.any(String)]);
  });

  it('has a document of its own, which that of the server names', async () => {
    const { url } = await start(far().family);
    const own = (await (await fetch(`${url}/openapi.json`)).json()) as { info: { description: string } };
    expect(own.info.description).toContain('The far API (`/far/openapi.json`)');
    const document = (await (await fetch(`${url}/far/openapi.json`)).json()) as { paths: object };
    expect(Object.keys(document.paths)).toEqual(['/far/echo']);
  });

  it('that cannot be loaded costs that request alone, and is tried again with the next', async () => {
    let broken = true;
    const { family } = far(async () => {
      if (broken) throw new Error('no such file');
    });
    const { url, log } = await start(family);
    expect((await echo(url, {})).status).toBe(500);
    expect(log()).toContain('no such file');
    broken = false;
    expect((await echo(url, {})).status).toBe(200);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('that is being loaded when the server stops still answers', async () => {
    let go = (): void => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    const { url, http } = await start(far(() => held).family);
    const answer = echo(url, {});
    await new Promise((resolve) => setTimeout(resolve, 100));
    const stopped = http.stop?.(5_000);
    go();
    expect((await answer).status).toBe(503);
    await stopped;
  });

  it('is measured and counted like all others', async () => {
    const { url } = await start(far().family);
    await echo(url, {});
    const metrics = await (await fetch(`${url}/metrics`, { headers: { authorization: ada } })).text();
    expect(metrics).toMatch(/_count\{method="POST",route="\/far\/echo",status="200"\} 1/);
  });
});

describe('a server that listens at localhost', () => {
  it('is reached at every address of that name, with all its families', async () => {
    const { port } = await startHttp(() => {}, { host: 'localhost' }, {}, [far().family]);
    const addresses = await lookup('localhost', { all: true });
    for (const { address } of addresses) expect(await statusLine(address, port, '/far/away')).toContain(' 404 ');
  });
});

const statusLine = (host: string, port: number, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, host, () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
    );
    socket.once('data', (chunk) => resolve(String(chunk).split('\r\n', 1)[0]!));
    socket.once('error', reject);
  });
