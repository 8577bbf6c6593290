import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex, Readable, Writable } from 'node:stream';
import { fail } from '../model/errors.ts';
import { type Command, type Helpers, type KernelLimits, wrap } from './command.ts';
import { markerName } from './environment.ts';
import { readProcess } from './proc.ts';
import { killTree, signalGroup, type Tree } from './tree.ts';

/** How a process ended by itself or by a signal. */
export interface Exit {
  code?: number;
  signal?: string;
}

/** A running child process, leader of its own group. */
export interface Child {
  tree: Tree;
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  /** File descriptor 3 of the child, both ways; absent unless asked for. */
  channel?: Duplex;
  /** Settles when the leader has ended; its descendants and pipes may live on. */
  exited: Promise<Exit>;
  /** Settles when nobody holds its pipes any more. */
  closed: Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Kills the group and every descendant that can be found, and answers when they are gone. */
  destroy(): Promise<void>;
}

export interface ChildOptions {
  command: Command;
  kernelLimits: KernelLimits;
  helpers: Helpers;
  environment: Record<string, string>;
  /** Its private folder, and its working folder unless `cwd` says another. */
  folder: string;
  marker: string;
  channel: boolean;
  onStuck(pids: number[]): void;
}

/**
 * Starts a program in a group and session of its own, with exactly the environment given and the marker.
 * Throws `limit-exceeded` when its arguments are too long or no process can be started at the moment, and
 * `unavailable-feature` when there is no such program.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { file, arguments: args } = wrap(options.command, options.kernelLimits, options.helpers);
  const process = begin(file, args, options);
  await new Promise<void>((resolve, reject) => {
    process.once('spawn', resolve);
    process.once('error', (error) => reject(startFailure(options.command.file, error)));
  });
  // Later errors (a failed kill) have no one to go to and change nothing: the exit is what counts.
  process.on('error', ignore);

  const pid = process.pid!;
  const tree: Tree = {
    pid,
    start: readProcess(pid)?.start,
    marker: options.marker,
    folder: options.folder,
    seen: new Map(),
  };
  const exited = new Promise<Exit>((resolve) => {
    process.once('exit', (code, signal) => resolve(signal === null ? { code: code ?? 0 } : { signal }));
  });
  const closed = new Promise<void>((resolve) => process.once('close', () => resolve()));
  for (const stream of process.stdio) stream?.on('error', ignore);
  return {
    tree,
    stdin: process.stdin!,
    stdout: process.stdout!,
    stderr: process.stderr!,
    ...(options.channel ? { channel: process.stdio[3] as Duplex } : {}),
    exited,
    closed,
    signal: (signal) => void signalGroup(pid, signal),
    async destroy() {
      await killTree(tree, options.onStuck);
      await exited;
    },
  };
}

function begin(file: string, args: string[], options: ChildOptions): ChildProcess {
  try {
    return spawn(file, args, {
      cwd: options.folder,
      env: { ...options.environment, [markerName]: options.marker },
      stdio: options.channel ? ['pipe', 'pipe', 'pipe', 'pipe'] : ['pipe', 'pipe', 'pipe'],
      detached: true,
      windowsHide: true,
    });
  } catch (error) {
    throw startFailure(options.command.file, error as NodeJS.ErrnoException);
  }
}

/** EPIPE and the like: the other side is gone, which its exit tells better. */
const ignore = () => undefined;

function startFailure(file: string, error: NodeJS.ErrnoException) {
  if (error.code === 'E2BIG') {
    return fail('limit-exceeded', {
      detail:
        'The command, its arguments and its environment are together longer than the system passes to a process; hand large data over through stdin or a file.',
      cause: error,
    });
  }
  if (error.code === 'ENOENT') {
    return fail('unavailable-feature', { detail: `The program ${file} was not found on this machine.`, cause: error });
  }
  if (error.code === 'EAGAIN' || error.code === 'ENOMEM' || error.code === 'EMFILE') {
    return fail('limit-exceeded', {
      detail: `The system starts no more processes at the moment (${error.code}).`,
      cause: error,
    });
  }
  return fail('step-failed', { detail: `The process could not be started: ${error.message}.`, cause: error });
}
