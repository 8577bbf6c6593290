import { Agent, request } from 'node:http';
import { authorization, type Goal, residentKiB, startMillrace } from './support.ts';

/** Many long polls on one job: memory of each, and how soon all are answered once it ends. */
export async function measureWaiters(count: number): Promise<Goal[]> {
  const server = await startMillrace({ MILLRACE_MAX_CONNECTIONS: String(count + 100), MILLRACE_MAX_WAIT: '60' });
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  try {
    const made = await fetch(`${server.url}/jobs`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ workflow: '/slow', input: { seconds: 25 } }),
    });
    const { id } = (await made.json()) as { id: number };
    const before = residentKiB(server.pid);
    let answered = 0;
    let wrong = 0;
    let first = 0;
    const waiting: Promise<void>[] = [];
    const ask = () =>
      new Promise<void>((resolve) => {
        const asked = request(
          `${server.url}/jobs/${id}/result?longPoll=true&longPollInterval=50`,
          { agent, headers: { authorization } },
          (response) => {
            first ||= performance.now();
            answered += 1;
            if (response.statusCode !== 200) wrong += 1;
            response.resume().on('end', resolve);
          },
        );
        asked.on('error', () => {
          wrong += 1;
          resolve();
        });
        asked.end();
      });
    for (let i = 0; i < count; i++) {
      waiting.push(ask());
      if (i % 500 === 499) await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const each = (residentKiB(server.pid) - before) / count;
    if (answered > 0) throw new Error('The job ended before everybody waited.');
    await Promise.all(waiting);
    const seconds = (performance.now() - first) / 1000;
    return [
      { name: `memory of each of ${count} long polls, KiB`, value: each, goal: '<= 15' },
      { name: 'seconds until all are answered', value: seconds, goal: '<= 1' },
      { name: 'long polls answered otherwise than 200', value: wrong, goal: '<= 0' },
    ];
  } finally {
    agent.destroy();
    await server.stop();
  }
}
