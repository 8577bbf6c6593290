import { randomBytes } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { fail } from '../model/errors.ts';
import type { Capture } from './capture.ts';
import { type Child, type Exit, startChild } from './child.ts';
import { dataBytes } from './command.ts';
import type { Context } from './context.ts';
import { cleanEnvironment } from './environment.ts';
import { makePrivateFolder } from './folders.ts';
import { readLines } from './lines.ts';
import { untilMarker } from './marked.ts';
import { hasProc, isZombie, readProcess } from './proc.ts';

/** What a host is given for one run. */
export interface HostJob {
  folder: string;
  code: string;
  names: string[];
  values: unknown[];
  environment: Record<string, string>;
  /** Bytes of JSON the value may have. */
  valueBytes: number;
  stdin: string | undefined;
}

/** How a run in a host ended: with a reply, and then perhaps ready for another, or with the end of the process. */
export type HostOutcome =
  | { kind: 'reply'; code: number; reuse: boolean; value: string | undefined }
  | { kind: 'exit'; exit: Exit };

/** A Node process that runs JavaScript scripts, one at a time. */
export interface Host {
  child: Child;
  /** Its own folder, which it may read and write; runs have folders in it. */
  folder: string;
  /** Settles when it can take a job; rejects when it ends before. */
  ready: Promise<void>;
  /** Runs done. */
  runs(): number;
  /** False once it has ended or did something between runs. */
  healthy(): boolean;
  run(job: HostJob, capture: Capture): Promise<HostOutcome>;
  /** Kills it and removes its folder. */
  destroy(): Promise<void>;
}

const entry = fileURLToPath(new URL('./hosts/javascript.mjs', import.meta.url));

/** Milliseconds a host may take to start: a tenth of a second on an idle machine, so this is one that hangs. */
const startMs = 30_000;

/** Node's permission flags by version: the same model, first experimental, then under its own name. */
function permissionFlags(folders: readonly string[], entryFile: string): string[] {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const stable = major > 23 || (major === 23 && minor >= 5);
  return [
    stable ? '--permission' : '--experimental-permission',
    // From 25 on the model covers the network too, which scripts here may use.
    ...(major >= 25 ? ['--allow-net'] : []),
    `--allow-fs-read=${entryFile}`,
    ...folders.flatMap((folder) => [`--allow-fs-read=${folder}/*`, `--allow-fs-write=${folder}/*`]),
  ];
}

export interface HostOptions {
  permissions: boolean;
  /** Runs it may do: the kernel counts processor time over its whole life. */
  lifetimeRuns: number;
}

/** Starts a host. */
export async function startHost(context: Context, options: HostOptions): Promise<Host> {
  const folder = await makePrivateFolder(context.folder);
  const limits = context.limits();
  const entryFile = await realpath(entry);
  const heapMegabytes = Math.max(16, Math.floor(limits.memoryBytes / (1024 * 1024)));
  const flags = [
    `--max-old-space-size=${heapMegabytes}`,
    '--disable-warning=ExperimentalWarning',
    ...(options.permissions ? permissionFlags([folder, ...context.openFolders], entryFile) : []),
  ];
  const child = await startChild({
    command: { file: process.execPath, arguments: [...flags, entryFile] },
    kernelLimits: {
      dataBytes: dataBytes(limits),
      cpuSeconds: limits.cpuSeconds * Math.max(1, options.lifetimeRuns),
      fileBytes: limits.fileBytes,
      ...(context.accountProcesses === undefined ? {} : { processes: context.accountProcesses }),
    },
    helpers: context.helpers,
    environment: cleanEnvironment(context.environment, folder, {}),
    folder,
    marker: context.nextMarker(),
    channel: true,
    onStuck: (pids) => context.log('warn', 'processes do not end', { pids }),
  }).catch(async (error: unknown) => {
    await context.remove(folder);
    throw error;
  });
  return attach(context, child, folder);
}

interface Run {
  id: string;
  stdout: ReturnType<typeof untilMarker>;
  stderr: ReturnType<typeof untilMarker>;
  onReply(line: string): void;
  onExit(outcome: HostOutcome): void;
}

function attach(context: Context, child: Child, folder: string): Host {
  let current: Run | undefined;
  let healthy = true;
  let runs = 0;
  let valueBytes = 0;
  const startText: Buffer[] = [];

  // Output between runs can only come from something a script left behind; before the first it says why a start failed.
  const idle = (chunk: Buffer) => {
    if (runs > 0) healthy = false;
    else if (startText.length < 16) startText.push(chunk);
  };
  child.stdout.on('data', (chunk: Buffer) => (current ? current.stdout.write(chunk) : idle(chunk)));
  child.stderr.on('data', (chunk: Buffer) => (current ? current.stderr.write(chunk) : idle(chunk)));
  let end: HostOutcome | undefined;
  void child.exited.then(async (exit) => {
    healthy = false;
    await child.destroy();
    // Only now all it printed has been read.
    await child.closed;
    end = { kind: 'exit', exit };
    current?.onExit(end);
  });

  const ready = new Promise<void>((resolve, reject) => {
    readLines(child.channel!, {
      // A value is text inside text: quotes and backslashes are written twice, control characters with six letters.
      limit: () => 6 * valueBytes + 4096,
      onLine: (line) => (current ? current.onReply(line) : resolve()),
      onOverflow: () => child.signal('SIGKILL'),
    });
    void child.exited.then((exit) => {
      const text = Buffer.concat(startText).toString('utf8').slice(0, 2_000);
      const how = exit.signal ?? `code ${exit.code}`;
      reject(fail('step-failed', `The process for JavaScript did not start (${how}). ${text}`.trim()));
    });
  });
  const patience = setTimeout(() => child.signal('SIGKILL'), startMs);
  ready.catch(() => undefined).finally(() => clearTimeout(patience));

  return {
    child,
    folder,
    ready,
    runs: () => runs,
    healthy: () => healthy && isAlive(child),
    async run(job, capture) {
      runs += 1;
      valueBytes = job.valueBytes;
      const id = randomBytes(12).toString('hex');
      const marker = Buffer.from(`\0${id}\n`);
      if (end) return end;
      const outcome = await new Promise<HostOutcome>((resolve) => {
        const stdout = gate();
        const stderr = gate();
        const replied = gate<HostOutcome>();
        current = {
          id,
          stdout: untilMarker(marker, capture.stdout.push, stdout.open),
          stderr: untilMarker(marker, capture.stderr.push, stderr.open),
          onReply: (line) => replied.open(readReply(line, id)),
          onExit: resolve,
        };
        void Promise.all([replied.opened, stdout.opened, stderr.opened]).then(([reply]) => resolve(reply));
        const { stdin, ...message } = job;
        child.channel!.write(`${JSON.stringify({ id, ...message })}\n`);
        // Input is given once; to later runs it stays at its end.
        if (runs === 1) child.stdin.end(stdin ?? '');
      });
      current?.stdout.flush();
      current?.stderr.flush();
      current = undefined;
      return outcome;
    },
    async destroy() {
      healthy = false;
      await child.destroy();
      await context.remove(folder);
    },
  };
}

/** Asks the kernel: that a process ended is heard of only in a later turn of the event loop. */
function isAlive(child: Child): boolean {
  if (!hasProc) return true;
  const entry = readProcess(child.tree.pid);
  return entry !== undefined && entry.start === child.tree.start && !isZombie(entry);
}

/** A reply that does not fit was forged by the script through the descriptor: the process is not used again. */
function readReply(line: string, id: string): HostOutcome {
  const forged: HostOutcome = { kind: 'reply', code: 1, reuse: false, value: undefined };
  try {
    const reply = JSON.parse(line) as { id?: unknown; code?: unknown; reuse?: unknown; value?: unknown };
    if (reply.id !== id || !Number.isInteger(reply.code)) return forged;
    return {
      kind: 'reply',
      code: reply.code as number,
      reuse: reply.reuse === true,
      value: typeof reply.value === 'string' ? reply.value : undefined,
    };
  } catch {
    return forged;
  }
}

function gate<T = void>() {
  let open!: (value: T) => void;
  const opened = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}
