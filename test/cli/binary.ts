import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const binary = join(root, 'bin', 'millrace.js');
export const workflows = join(root, 'workflows');

/** What the binary runs is the build of the sources as they are. */
export const build = (): void =>
  void execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs'), '--if-stale'], { stdio: 'inherit' });

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** Variables of the machine that must not decide a test. */
const environment = (more: Record<string, string>): Record<string, string | undefined> => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MILLRACE_'))),
  ...more,
});

/** Runs one command to its end. */
export async function millrace(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; input?: string } = {},
): Promise<Ended> {
  const child = start(args, options);
  child.process.stdin!.end(options.input ?? '');
  return child.ended;
}

const running = new Set<ChildProcess>();

/** Ends what a failed test left running. */
export function endAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

export interface Running {
  process: ChildProcess;
  ended: Promise<Ended>;
  /** Settles with all output so far once it matches. */
  until(pattern: RegExp): Promise<string>;
}

export function start(args: readonly string[], options: { cwd?: string; env?: Record<string, string> } = {}): Running {
  const child = spawn(process.execPath, [binary, ...args], {
    cwd: options.cwd ?? tmpdir(),
    env: environment(options.env ?? {}),
    stdio: 'pipe',
  });
  running.add(child);
  child.on('close', () => running.delete(child));
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    err += text;
  });
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, out, err })));
  const until = async (pattern: RegExp): Promise<string> => {
    const deadline = Date.now() + 60_000;
    while (!pattern.test(out + err)) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`${pattern} did not come: ${out}${err}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return out + err;
  };
  return { process: child, ended, until };
}

export interface Server extends Running {
  data: string;
  url: string;
}

/** A folder for a test file, gone after it. */
export function scratch(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-binary-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Starts a server on a free port and waits for its greeting. */
export async function serve(
  data: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<Server> {
  const all = ['serve', '--data', data, '--workflows', workflows, '--port', '0', '--log-level', 'error', ...args];
  const running = start(all, { env });
  const greeting = await running.until(/\n {2}curl /);
  return { ...running, data, url: /Address +(http:\S+)/.exec(greeting)![1]! };
}

/** Ends it the polite way; answers how it ended. */
export async function stop(server: Running, signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
  server.process.kill(signal);
  return server.ended;
}

/** A port somebody listens on. */
export async function takenPort(): Promise<{ port: number; free(): Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return { port, free: () => new Promise((resolve) => server.close(() => resolve())) };
}
