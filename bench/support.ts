import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';

const root = fileURLToPath(new URL('..', import.meta.url));
export const PASSWORD = 'bench-password';
export const authorization = `Basic ${Buffer.from(`admin:${PASSWORD}`).toString('base64')}`;

/** The order that every measured request carries. */
export const order = {
  order: 4711,
  customer: 'Ada Lovelace',
  lines: [
    { article: 'difference engine', count: 1, price: 17_000 },
    { article: 'punched cards', count: 250, price: 1.5 },
  ],
};

/** A server under measurement, in a process of its own. */
export interface Running {
  url: string;
  pid: number;
  folder: string;
  /** Milliseconds from start to the first answer. */
  startMs: number;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

async function untilAnswers(url: string, child: ChildProcess): Promise<void> {
  for (let i = 0; i < 2_000; i++) {
    if (child.exitCode !== null) break;
    const ok = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await sleep(5);
  }
  throw new Error(`No answer from ${url}.`);
}

async function startProcess(
  args: string[],
  env: NodeJS.ProcessEnv,
  url: string,
  probe: string,
  folder: string,
): Promise<Running> {
  const begun = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await untilAnswers(url + probe, child);
  return {
    url,
    pid: child.pid ?? 0,
    folder,
    startMs: performance.now() - begun,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

let nextPort = 21_000 + (process.pid % 5_000);

/** Starts the built server on an empty folder with the workflows of this directory. */
export function startMillrace(env: NodeJS.ProcessEnv = {}): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  cpSync(join(root, 'bench/workflows'), join(folder, 'workflows'), { recursive: true });
  const port = nextPort++;
  const settings = {
    MILLRACE_PORT: String(port),
    MILLRACE_ADMIN_PASSWORD: PASSWORD,
    MILLRACE_LOG_LEVEL: 'warn',
    MILLRACE_MIN_FREE_MIB: '0',
    ...env,
  };
  return startProcess(
    [join(root, 'bin/millrace.js'), 'serve'],
    settings,
    `http://127.0.0.1:${port}`,
    '/readyz',
    folder,
  );
}

/** Starts a bare Fastify server that validates and echoes the same body. */
export function startEcho(): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-echo-'));
  const port = nextPort++;
  return startProcess([join(root, 'bench/echo.mjs'), String(port)], {}, `http://127.0.0.1:${port}`, '/', folder);
}

/** One slice of load; rates in requests per second, times in milliseconds. */
export interface Slice {
  rate: number;
  p50: number;
  p99: number;
  ok: number;
  failed: number;
}

/** Posts `body` for `seconds` over so many keep-alive connections. */
export async function load(url: string, body: unknown, connections: number, seconds: number): Promise<Slice> {
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify(body),
  });
  const ok = result['2xx'];
  return {
    rate: ok / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    ok,
    failed: result.non2xx + result.errors,
  };
}

/** Median of numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Resident memory of a process, in KiB. */
export const residentKiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);

/** Processor time a process has used, in milliseconds. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

export interface Goal {
  name: string;
  value: number;
  /** What must hold, `>= 0.5` or `<= 2`. */
  goal: `${'>=' | '<='} ${number}`;
  detail?: string;
}

/** Prints one line per figure; answers whether every goal was met. */
export function report(goals: readonly Goal[]): boolean {
  let met = true;
  for (const { name, value, goal, detail } of goals) {
    const [sign, limit] = goal.split(' ') as ['>=' | '<=', string];
    const holds = sign === '>=' ? value >= Number(limit) : value <= Number(limit);
    met &&= holds;
    console.log(
      `${holds ? 'met   ' : 'MISSED'} ${name}: ${Number(value.toPrecision(3))} (goal ${goal})${detail ? `  ${detail}` : ''}`,
    );
  }
  return met;
}
