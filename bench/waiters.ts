import { connect, type Socket } from 'node:net';
import { authorization, type Goal, residentKiB, startMillrace } from './support.ts';

/** Many long polls on one job: memory of each, and how soon all are answered once it ends. */
export async function measureWaiters(count: number): Promise<Goal[]> {
  const server = await startMillrace({ MILLRACE_MAX_CONNECTIONS: String(count + 100), MILLRACE_MAX_WAIT: '60' });
  const sockets: Socket[] = [];
  try {
    const made = await fetch(`${server.url}/jobs`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ workflow: '/slow', input: { seconds: 25 } }),
    });
    const { id } = (await made.json()) as { id: number };
    const before = residentKiB(server.pid);
    let connected = 0;
    let answered = 0;
    const wrong: string[] = [];
    let first = 0;
    const waiting: Promise<void>[] = [];
    const { hostname, port } = new URL(server.url);
    const head = `GET /jobs/${id}/result?longPoll=true&longPollInterval=50 HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: ${authorization}\r\n\r\n`;
    // Bare sockets: Node's own client takes as long for an answer as the server does, on the same two cores.
    const ask = () =>
      new Promise<void>((resolve) => {
        const socket = connect(Number(port), hostname, () => {
          connected += 1;
          socket.write(head);
        });
        sockets.push(socket);
        socket.once('data', (bytes) => {
          first ||= performance.now();
          answered += 1;
          const status = bytes.toString('latin1', 0, 40).split(' ', 2)[1];
          if (status !== '200') wrong.push(`status ${status}`);
          resolve();
        });
        socket.on('error', (error) => {
          wrong.push(error.message);
          resolve();
        });
      });
    for (let i = 0; i < count; i++) {
      waiting.push(ask());
      // One that is not taken at once would try again after a second, or after the end of the job.
      if (i % 250 === 249) while (connected <= i) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const each = (residentKiB(server.pid) - before) / count;
    if (answered > 0) throw new Error('The job ended before everybody waited.');
    await Promise.all(waiting);
    const seconds = (performance.now() - first) / 1000;
    return [
      { name: `memory of each of ${count} long polls, KiB`, value: each, goal: '<= 15' },
      { name: 'seconds until all are answered', value: seconds, goal: '<= 1' },
      {
        name: 'long polls answered otherwise than 200',
        value: wrong.length,
        goal: '<= 0',
        detail: [...new Set(wrong)].join(', '),
      },
    ];
  } finally {
    for (const socket of sockets) socket.destroy();
    await server.stop();
  }
}
