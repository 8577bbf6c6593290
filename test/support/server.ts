import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The built server as a process of its own, for tests that kill it. */
export interface ServerProcess {
  url: string;
  pid: number;
  /** Sends a signal and waits for the end; answers the exit code, or the signal that ended it. */
  kill(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
  /** Everything it printed so far. */
  output(): string;
}

export const PASSWORD = 'test-password-of-the-server';
export const authorization = `Basic ${Buffer.from(`admin:${PASSWORD}`).toString('base64')}`;

const root = fileURLToPath(new URL('../..', import.meta.url));
const binary = join(root, 'bin/millrace.js');

/** A port nobody listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

/** Starts the built server on a data and a workflow folder and waits until it answers. */
export async function startServer(options: {
  data: string;
  workflows: string;
  port: number;
  env?: NodeJS.ProcessEnv;
  /** The largest file the system lets it write, in KiB (RLIMIT_FSIZE); beyond, writes fail with EFBIG. */
  maxFileKiB?: number;
}): Promise<ServerProcess> {
  if (!existsSync(join(root, 'dist/main.js')))
    throw new Error('These tests run the built server: npm run build first.');
  const url = `http://127.0.0.1:${options.port}`;
  const command = [process.execPath, binary, 'serve'];
  const limited = ['bash', '-c', `ulimit -f ${options.maxFileKiB} && exec "$@"`, 'bash', ...command];
  const [program, ...args] = options.maxFileKiB === undefined ? command : limited;
  const child: ChildProcess = spawn(program!, args, {
    env: {
      PATH: process.env['PATH'],
      MILLRACE_PORT: String(options.port),
      MILLRACE_DATA: options.data,
      MILLRACE_WORKFLOWS: options.workflows,
      MILLRACE_ADMIN_PASSWORD: PASSWORD,
      MILLRACE_MIN_FREE_MIB: '0',
      MILLRACE_LOG_LEVEL: 'warn',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-200_000);
    });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal)),
  );
  for (let i = 0; i < 1_500; i++) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}:\n${output}`);
    if (
      await fetch(`${url}/healthz`).then(
        (response) => response.ok,
        () => false,
      )
    ) {
      return {
        url,
        pid: child.pid ?? 0,
        kill(signal) {
          child.kill(signal);
          return ended;
        },
        output: () => output,
      };
    }
    await sleep(10);
  }
  child.kill('SIGKILL');
  throw new Error(`The server did not answer within 15 s:\n${output}`);
}

/** One request as JSON; undefined when the connection broke. */
export async function call(
  url: string,
  path: string,
  init: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
) {
  try {
    const response = await fetch(url + path, {
      method: init.method ?? (init.body === undefined ? 'GET' : 'POST'),
      headers: {
        authorization,
        ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...init.headers,
      },
      ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  } catch {
    return undefined;
  }
}
