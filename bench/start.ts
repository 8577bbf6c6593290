import { setTimeout as sleep } from 'node:timers/promises';
import { authorization, type Goal, median, order, residentKiB, startMillrace } from './support.ts';

/** Start to the first answered run, and what the server holds when nothing happens. */
export async function measureStart(rounds: number): Promise<Goal[]> {
  const starts: number[] = [];
  const idle: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    const server = await startMillrace();
    const response = await fetch(`${server.url}/execution`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ workflow: '/noop', input: order }),
    });
    if (response.status !== 200) throw new Error(`The first run was answered ${response.status}.`);
    starts.push(performance.now() - begun);
    await sleep(1_500);
    idle.push(residentKiB(server.pid) / 1024);
    await server.stop();
  }
  return [
    { name: 'start to the first answered run, s', value: median(starts) / 1000, goal: '<= 1' },
    { name: 'idle memory, MiB', value: median(idle), goal: '<= 120' },
  ];
}
