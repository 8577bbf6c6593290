import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { route } from '../../src/http/routes.ts';
import { onLost } from '../../src/model/interest.ts';
import { ada, startHttp, stopHttp } from './support.ts';

afterEach(stopHttp);

const doc = { id: 'op', tag: 'Test', summary: 'Op', responses: { 200: { description: 'ok' } } };
const echo: Parameters<typeof startHttp>[0] = (scope, context) => {
  route(scope, {
    method: 'POST',
    url: '/op',
    access: 'public',
    body: z.any(),
    doc,
    handler: (request, reply) => reply.send({ got: request.body }),
  });
  route(scope, {
    method: 'GET',
    url: '/wait',
    access: 'public',
    doc: { ...doc, id: 'wait' },
    handler: async (_request, reply) => {
      const interest = context.interest(reply);
      await Promise.race([new Promise<void>((resolve) => onLost(interest, resolve)), sleep(10_000)]);
      return reply.code(202).send({ waited: true });
    },
  });
};

/** Sends parts with pauses between them; answers everything received and how long the connection lived. */
async function talk(
  port: number,
  parts: string[],
  pauseMs = 0,
): Promise<{ text: string; ms: number; closed: boolean }> {
  const started = performance.now();
  const socket = connect(port, '127.0.0.1');
  let text = '';
  let closed = false;
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => {});
  const end = new Promise<void>((resolve) => {
    socket.on('close', () => {
      closed = true;
      resolve();
    });
  });
  for (const part of parts) {
    if (closed) break;
    socket.write(part);
    await sleep(pauseMs);
  }
  await Promise.race([end, sleep(4_000)]);
  socket.destroy();
  return { text, ms: performance.now() - started, closed };
}

const host = 'Host: 127.0.0.1\r\n';
const fast = { timeouts: { headersMs: 600, bodyMs: 600, checkMs: 100 } };

describe('slow clients', () => {
  it('that trickle headers get 408 and are let go', async () => {
    const { port } = await startHttp(echo, fast);
    const { text, ms, closed } = await talk(
      port,
      ['POST /op HTTP/1.1\r\n', ...Array.from({ length: 30 }, (_, i) => `X-${i}: 1\r\n`)],
      100,
    );
    expect(text).toContain('408');
    expect(closed).toBe(true);
    expect(ms).toBeLessThan(3_500);
  });

  it('that open a connection and say nothing are let go', async () => {
    const { port } = await startHttp(echo, fast);
    const { closed, ms } = await talk(port, []);
    expect(closed).toBe(true);
    expect(ms).toBeLessThan(3_500);
  });

  it('that trickle a body get 408 and are let go, while others are served', async () => {
    const { port, url } = await startHttp(echo, fast);
    const slow = talk(
      port,
      [
        `POST /op HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 900\r\n\r\n{`,
        ...Array(30).fill(' '),
      ],
      100,
    );
    await sleep(300);
    const started = performance.now();
    await fetch(`${url}/op`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    expect(performance.now() - started).toBeLessThan(2_000);
    const { text, closed, ms } = await slow;
    expect(text).toContain('408');
    expect(closed).toBe(true);
    expect(ms).toBeLessThan(3_500);
  });

  it('that only wait for a result are left alone', async () => {
    const { url } = await startHttp(echo, { timeouts: { headersMs: 300, bodyMs: 300, checkMs: 100, idleMs: 500 } });
    const answer = fetch(`${url}/wait`);
    await sleep(1_500);
    await stopHttp();
    expect((await answer).status).toBe(202);
  });
});

describe('a request that two readers could read differently', () => {
  const body = '{"a":1}';
  const smuggled = 'GET /admin HTTP/1.1\r\nHost: x\r\n\r\n';
  it.each([
    [
      'two Host headers',
      `POST /op HTTP/1.1\r\n${host}Host: evil.test\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n${body}`,
    ],
    ['no Host header', `POST /op HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n${body}`],
    [
      'a length and chunks',
      `POST /op HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    ],
    [
      'two lengths',
      `POST /op HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 7\r\nContent-Length: 8\r\n\r\n${body}${smuggled}`,
    ],
    ['a space before a colon', `POST /op HTTP/1.1\r\n${host}Content-Length : 7\r\n\r\n${body}`],
    ['a folded header', `POST /op HTTP/1.1\r\n${host}X-A: 1\r\n b\r\nContent-Length: 7\r\n\r\n${body}`],
    ['bare line feeds', `POST /op HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 7\n\n${body}`],
  ])('%s is refused and its connection closed', async (_name, text) => {
    const { port } = await startHttp(echo);
    const answer = await talk(port, [text]);
    expect(answer.text).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(answer.closed).toBe(true);
  });

  it('an unknown transfer coding never reaches a handler', async () => {
    const { port } = await startHttp(echo);
    const answer = await talk(port, [
      `POST /op HTTP/1.1\r\n${host}Content-Type: application/json\r\nTransfer-Encoding: xchunked\r\n\r\n${smuggled}`,
    ]);
    expect(answer.text).not.toContain('HTTP/1.1 200');
  });

  it('an address that is not encoded is told so', async () => {
    const { port } = await startHttp(echo);
    const { text } = await talk(port, [`GET /Rëpo HTTP/1.1\r\n${host}\r\n`]);
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain('must be percent-encoded');
  });

  it('headers without end get 431', async () => {
    const { port } = await startHttp(echo);
    const answer = await talk(port, [`GET /op HTTP/1.1\r\n${host}X-Long: ${'a'.repeat(40_000)}\r\n\r\n`]);
    expect(answer.text).toMatch(/^HTTP\/1\.1 431 /);
  });
});

describe('a drain', () => {
  it('answers those who wait, refuses new work, lets idle connections go and ends in time', async () => {
    const { http, port, url } = await startHttp(echo);
    const idle = connect(port, '127.0.0.1');
    idle.write(`GET /healthz HTTP/1.1\r\n${host}\r\n`);
    const idleClosed = new Promise<void>((resolve) => idle.on('close', () => resolve()));
    idle.resume();
    // Half a body keeps its connection open for as long as the server lets it.
    const half = connect(port, '127.0.0.1');
    half.on('error', () => {});
    half.write(`POST /op HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 900\r\n\r\n{`);
    const waiting = fetch(`${url}/wait`);
    await sleep(200);
    const started = performance.now();
    const stopped = http.stop?.(2_000);
    const answer = await waiting;
    expect(answer.status).toBe(202);
    expect(answer.headers.get('connection')).toBe('close');
    await stopped;
    await idleClosed;
    expect(performance.now() - started).toBeLessThan(2_500);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    half.destroy();
  });

  it('answers 503 with Retry-After to what still arrives, but goes on telling that it stops', async () => {
    const { http, port } = await startHttp(echo);
    // Requests that had begun when the drain did: their connections are not idle.
    const begun = (path: string) => {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.write(`GET ${path} HTTP/1.1\r\n${host}`);
      return {
        finish: () => socket.write('\r\n'),
        text: new Promise<string>((resolve) => socket.on('close', () => resolve(text))),
      };
    };
    const [work, ready] = [begun('/wait'), begun('/readyz')];
    await sleep(200);
    const stopped = http.stop?.(3_000);
    await sleep(100);
    work.finish();
    ready.finish();
    expect(await work.text).toMatch(/^HTTP\/1\.1 503 [\s\S]*retry-after: 2[\s\S]*"code":"draining"/);
    expect(await ready.text).toMatch(/^HTTP\/1\.1 503 [\s\S]*"reasons":\["The server is stopping\."\]/);
    await stopped;
  });
});

describe('a Host', () => {
  it.each([
    'localhost:8080',
    '127.0.0.1',
    '[::1]:99',
    'LOCALHOST',
    'runs.example.org',
    'a.b.test',
    'localhost.',
  ])('%s is ours', async (name) => {
    const { port } = await startHttp(echo, { publicUrl: 'https://runs.example.org/jobs', allowedHosts: ['*.b.test'] });
    const { text } = await talk(port, [`GET /healthz HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`]);
    expect(text).toContain('200 OK');
  });

  it.each([
    'evil.test',
    'localhost.evil.test',
    '127.0.0.1.evil.test',
    'b.test',
    'xb.test',
    '',
    '127.0.0.1@evil.test',
  ])('%s is not', async (name) => {
    const { port } = await startHttp(echo, { publicUrl: 'https://runs.example.org/jobs', allowedHosts: ['*.b.test'] });
    const { text } = await talk(port, [
      `GET /healthz HTTP/1.1\r\nHost: ${name}\r\nX-Forwarded-Host: localhost\r\nConnection: close\r\n\r\n`,
    ]);
    expect(text).toMatch(/^HTTP\/1\.1 (421|400) /);
  });
});

describe('a browser', () => {
  it.each([
    [{ origin: 'http://evil.test' }, 403],
    [{ origin: 'null' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ 'sec-fetch-site': 'same-origin' }, 200],
    [{ 'sec-fetch-site': 'none' }, 200],
    [{}, 200],
  ])('that sends %j may change things: %i', async (headers, status) => {
    const { url } = await startHttp(echo);
    const response = await fetch(`${url}/op`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json', authorization: ada, ...headers } as Record<string, string>,
    });
    expect(response.status).toBe(status);
  });

  it('may from pages of this very server', async () => {
    const { url } = await startHttp(echo);
    const response = await fetch(`${url}/op`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json', origin: url },
    });
    expect(response.status).toBe(200);
  });
});
