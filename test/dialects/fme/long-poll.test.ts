import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../server.ts';
import { type Server, startServer } from './support.ts';

const CLIENTS = 1_000;
/** What the issue asks for, in milliseconds. */
const SOON = 1_000;

let server: Server;
const sockets: Socket[] = [];
beforeAll(async () => {
  server = await startServer();
  await server.ask('PUT', '/queues/held', { body: { paused: true } });
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await server.stop();
});

interface Heard {
  at: number;
  status: number;
  body: { status: string; timeFinished: string };
}

/** One request over a socket of its own; a client library would cost this process more than the server. */
function ask(socket: Socket, path: string): Promise<Heard> {
  return new Promise((resolve, reject) => {
    let text = '';
    const onData = (chunk: Buffer) => {
      text += chunk;
      const end = text.indexOf('\r\n\r\n');
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1]);
      if (end < 0 || text.length < end + 4 + length) return;
      socket.off('data', onData);
      resolve({ at: Date.now(), status: Number(text.slice(9, 12)), body: JSON.parse(text.slice(end + 4)) });
    };
    socket.on('data', onData).once('error', reject);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${admin}\r\n\r\n`);
  });
}

const open = (): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => resolve(socket)).once('error', reject);
    sockets.push(socket);
  });

/** How long this machine takes, at this moment, to give every client any answer at all. In milliseconds. */
async function measure(path: string): Promise<number> {
  const begun = Date.now();
  await Promise.all(sockets.map((socket) => ask(socket, path)));
  return Date.now() - begun;
}

describe('a thousand clients that wait for one job', () => {
  it('all have their 200 within a second of its end', { retry: 2 }, async () => {
    while (sockets.length < CLIENTS) await Promise.all(Array.from({ length: 100 }, open));
    const { json } = await server.ask('POST', '/fmeapiv4/jobs', {
      body: {
        repository: 'Tutorials',
        workspace: '10seconds.fmw',
        queue: 'held',
        publishedParameters: { location: ['Burnaby'] },
      },
    });
    const job = `/fmeapiv4/jobs/${json.id}`;
    const before = await measure(job);

    const answers = sockets.map((socket) => ask(socket, `${job}/result?longPoll=true&longPollInterval=600`));
    await expect.poll(() => server.app.engine.waiting.count(), { timeout: 30_000 }).toBe(CLIENTS);
    expect((await server.ask('GET', job)).json.status).toBe('queued');
    await server.ask('PUT', '/queues/held', { body: { paused: false } });
    const heard = await Promise.all(answers);
    await server.ask('PUT', '/queues/held', { body: { paused: true } });

    expect(new Set(heard.map(({ status, body }) => `${status} ${body.status}`))).toEqual(new Set(['200 success']));
    expect(server.app.engine.waiting.count()).toBe(0);
    const late = heard.map(({ at, body }) => at - Date.parse(body.timeFinished));
    // Where others hold the machine, a thousand answers of any kind take longer than a second: no wait can be shorter.
    const possible = Math.max(before, await measure(job));
    expect(Math.max(...late), `${possible} ms for plain answers`).toBeLessThan(Math.max(SOON, 2 * possible));
  });
});
