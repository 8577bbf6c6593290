import { execFile } from 'node:child_process';
import type { ProcessLimits } from './options.ts';
import { readProcesses } from './proc.ts';

/** A program and its arguments, as handed to the kernel: no shell between. */
export interface Command {
  file: string;
  arguments: string[];
}

/** The kernel's limits (setrlimit(2)) around one command; absent: not limited. */
export interface KernelLimits {
  /** Bytes of address space. */
  addressBytes?: number;
  /** Bytes of private writable memory: counts Node's buffers, but not the address space V8 reserves. */
  dataBytes?: number;
  cpuSeconds?: number;
  fileBytes?: number;
  /** Processes and threads of the whole user account, not only of this command: meaningless for root. */
  processes?: number;
}

/** Which of util-linux' helpers this machine has. */
export interface Helpers {
  prlimit: boolean;
  /** setpriv with --pdeathsig: children die with the server, also by `kill -9`. */
  deathSignal: boolean;
}

/** Tries the helpers once. */
export async function findHelpers(path: string): Promise<Helpers> {
  const works = (file: string, args: string[]) =>
    new Promise<boolean>((resolve) => {
      execFile(file, args, { env: { PATH: path }, timeout: 5_000 }, (error) => resolve(error === null));
    });
  const [prlimit, deathSignal] = await Promise.all([
    works('prlimit', ['--core=0', 'true']),
    works('setpriv', ['--pdeathsig', 'KILL', 'true']),
  ]);
  return { prlimit, deathSignal };
}

/** Puts the helpers before a command. Both replace themselves by it, so that the pid stays the same. */
export function wrap(command: Command, limits: KernelLimits, helpers: Helpers): Command {
  const words = [command.file, ...command.arguments];
  if (helpers.deathSignal) words.unshift('setpriv', '--pdeathsig', 'KILL', '--');
  if (helpers.prlimit) words.unshift('prlimit', ...limitFlags(limits), '--');
  return { file: words[0]!, arguments: words.slice(1) };
}

function limitFlags(limits: KernelLimits): string[] {
  const flags = ['--core=0'];
  if (limits.addressBytes !== undefined) flags.push(`--as=${limits.addressBytes}`);
  if (limits.dataBytes !== undefined) flags.push(`--data=${limits.dataBytes}`);
  // At the soft limit comes SIGXCPU, at the hard one a second later SIGKILL, for those who ignore the first.
  if (limits.cpuSeconds !== undefined) flags.push(`--cpu=${limits.cpuSeconds}:${limits.cpuSeconds + 1}`);
  if (limits.fileBytes !== undefined) flags.push(`--fsize=${limits.fileBytes}`);
  if (limits.processes !== undefined) flags.push(`--nproc=${limits.processes}`);
  return flags;
}

const mebibyte = 1024 * 1024;

/** Address space of programs that are not Node: a wall behind the watch on resident memory, which looks ten times a second. */
export const addressBytes = (limits: ProcessLimits): number => 2 * limits.memoryBytes + 512 * mebibyte;

/**
 * The same wall for Node, whose reserved address space says nothing. Of such memory an idle Node 20 has 50 MiB; Node 24
 * has 560 MiB, because it maps the room for compiled code writable, as much as there may ever be.
 */
export const dataBytes = (limits: ProcessLimits): number => limits.memoryBytes + 1024 * mebibyte;

/**
 * The wall against fork bombs. The kernel counts threads per account, so what the account has already is added, and
 * room for the pool's other processes (Node has about 12 threads each). Undefined for root, whom it does not bind.
 */
export async function accountProcesses(limits: ProcessLimits, concurrency: number): Promise<number | undefined> {
  if (process.getuid?.() === 0 || process.getuid === undefined) return undefined;
  const processes = (await readProcesses()).length;
  return 16 * processes + (concurrency + 1) * (limits.processes + 16);
}
