import { setTimeout as sleep } from 'node:timers/promises';
import {
  authorization,
  cpuMs,
  type Goal,
  load,
  median,
  order,
  type Running,
  type Slice,
  startEcho,
  startMillrace,
} from './support.ts';

/** Until the compiler has seen all of it: the first second of a server runs at half its speed. */
const WARM_SECONDS = 4;

const body = { workflow: '/noop', input: order };

/** Finished jobs of the server's history, by state, as `/queues` and `/jobs` tell. */
async function unfinished(server: Running): Promise<number> {
  const response = await fetch(`${server.url}/queues`, { headers: { authorization } });
  const queues = (await response.json()) as { ready: number; running: number; waiting: number }[];
  return queues.reduce((sum, { ready, running, waiting }) => sum + ready + running + waiting, 0);
}

/** Rates of submit and synchronous runs against a bare echo, slices in turn. */
export async function measureHttp(rounds: number, seconds: number): Promise<Goal[]> {
  const [echo, server] = [await startEcho(), await startMillrace()];
  const slices: Record<string, Slice[]> = { echo: [], submit: [], run: [], echo1: [], run1: [] };
  const tails: number[] = [];
  const cpu: Record<string, number[]> = { echo: [], submit: [] };
  const measure = async (name: string, at: Running, path: string, connections: number) => {
    const before = cpuMs(at.pid);
    const slice = await load(at.url + path, body, connections, seconds);
    slices[name]!.push(slice);
    cpu[name]?.push(((cpuMs(at.pid) - before) * 1000) / slice.ok);
    if (slice.failed > 0) throw new Error(`${name}: ${slice.failed} of ${slice.failed + slice.ok} requests failed.`);
  };
  try {
    await load(echo.url, body, 64, WARM_SECONDS);
    await load(`${server.url}/jobs`, body, 64, WARM_SECONDS);
    await load(`${server.url}/execution`, body, 64, WARM_SECONDS);
    for (let round = 0; round < rounds; round++) {
      await measure('echo', echo, '/', 64);
      await measure('submit', server, '/jobs', 64);
      const ended = performance.now();
      while ((await unfinished(server)) > 0) await sleep(5);
      tails.push(performance.now() - ended);
      await measure('echo', echo, '/', 64);
      await measure('run', server, '/execution', 64);
      await measure('echo1', echo, '/', 1);
      await measure('run1', server, '/execution', 1);
    }
    await measure('echo', echo, '/', 64);
  } finally {
    await Promise.all([echo.stop(), server.stop()]);
  }
  /** Against the echoes before and after each slice, of which there are two in a round: machines change their speed. */
  const ratio = (name: 'submit' | 'run', of: (slice: Slice) => number) => {
    const echoes = slices['echo']!.map(of);
    const first = name === 'submit' ? 0 : 1;
    return median(
      slices[name]!.map((slice, round) => {
        const at = round * 2 + first;
        return (2 * of(slice)) / (echoes[at]! + echoes[at + 1]!);
      }),
    );
  };
  const rate = (name: string) => `${Math.round(median(slices[name]!.map((slice) => slice.rate)))}/s`;
  // Everything accepted was also finished; what took longer than the load itself lowers the rate of the whole.
  const endToEnd = median(tails.map((tail) => (seconds * 1000) / (seconds * 1000 + tail)));
  const p50 = median(slices['run1']!.map((slice, round) => slice.p50 - slices['echo1']![round]!.p50));
  return [
    {
      name: 'POST /jobs against the echo, 64 connections',
      value: ratio('submit', (s) => s.rate),
      goal: '>= 0.5',
      detail: `${rate('submit')} of ${rate('echo')}`,
    },
    {
      name: 'p99 of POST /jobs against the echo',
      value: ratio('submit', (s) => s.p99),
      goal: '<= 2',
      detail: `${median(slices['submit']!.map((s) => s.p99))} ms`,
    },
    {
      name: 'no-op jobs end to end against their acceptance',
      value: endToEnd,
      goal: '>= 0.9',
      detail: `last job ${Math.round(median(tails))} ms after the last answer`,
    },
    {
      name: 'POST /execution against the echo, 64 connections',
      value: ratio('run', (s) => s.rate),
      goal: '>= 0.45',
      detail: rate('run'),
    },
    {
      name: 'POST /execution, p50 over the echo at 1 connection, ms',
      value: p50,
      goal: '<= 1',
      detail: `${median(slices['run1']!.map((s) => s.rate)).toFixed(0)}/s`,
    },
    {
      name: 'CPU per submitted job against an echoed request',
      value: median(cpu['submit']!) / median(cpu['echo']!),
      goal: '<= 4',
      detail: `${median(cpu['submit']!).toFixed(0)} us of ${median(cpu['echo']!).toFixed(0)} us`,
    },
  ];
}
