import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';

/** One process as Linux shows it in `/proc/<pid>/stat` (proc(5)). */
export interface ProcEntry {
  pid: number;
  state: string;
  parent: number;
  group: number;
  session: number;
  /** Clock ticks of processor time, its own and that of children it has waited for. */
  ticks: number;
  /** Start, in clock ticks since boot: with the pid it names a process for good. */
  start: number;
  residentBytes: number;
}

/** Linux counts in units of 1/100 s towards user space on every platform Node runs on. */
export const ticksPerSecond = 100;

const pageBytes = readPageBytes();

/** Page size from the auxiliary vector (getauxval(3), AT_PAGESZ is 6): 4 KiB mostly, 16 or 64 KiB on some arm64. */
function readPageBytes(): number {
  try {
    const vector = readFileSync('/proc/self/auxv');
    for (let at = 0; at + 16 <= vector.length; at += 16) {
      if (vector.readBigUInt64LE(at) === 6n) return Number(vector.readBigUInt64LE(at + 8));
    }
  } catch {
    // Not Linux, or hidden: nothing else will be readable either.
  }
  return 4096;
}

/** True where `/proc` tells of processes; elsewhere only the process group is known and memory is not watched. */
export const hasProc = readProcess(process.pid) !== undefined;

/** Reads one process; undefined when it is gone. A few microseconds: procfs is memory, not disk. */
export function readProcess(pid: number): ProcEntry | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  return parseStat(text);
}

/** Parses a line of `/proc/<pid>/stat`. The name in brackets may hold blanks and brackets itself. */
export function parseStat(text: string): ProcEntry | undefined {
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  if (end < 0 || fields.length < 22) return undefined;
  const number = (index: number) => Number(fields[index]);
  return {
    pid: Number.parseInt(text, 10),
    state: fields[0]!,
    parent: number(1),
    group: number(2),
    session: number(3),
    ticks: number(11) + number(12) + number(13) + number(14),
    start: number(19),
    residentBytes: number(21) * pageBytes,
  };
}

/** Dead but not yet collected by its parent: it runs nothing and holds nothing. */
export const isZombie = (entry: ProcEntry): boolean => entry.state === 'Z' || entry.state === 'X';

/** All processes of the machine, read in slices so that no turn of the event loop takes more than about 1 ms. */
export async function readProcesses(): Promise<ProcEntry[]> {
  const entries: ProcEntry[] = [];
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return entries;
  }
  let read = 0;
  for (const name of names) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const entry = readProcess(pid);
    if (entry) entries.push(entry);
    read += 1;
    if (read % 64 === 0) await turn();
  }
  return entries;
}

/** The value of one variable in the environment a process was started with; undefined if absent or not readable. */
export function environmentVariable(pid: number, name: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return undefined;
  }
  const prefix = `${name}=`;
  return text
    .split('\0')
    .find((line) => line.startsWith(prefix))
    ?.slice(prefix.length);
}

/** The folder a process works in; undefined if not readable. */
export function workingFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}
