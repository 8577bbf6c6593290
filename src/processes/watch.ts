import type { ProcessResult } from '../model/process.ts';
import { hasProc, readProcess, readProcesses, ticksPerSecond } from './proc.ts';
import { members, type Tree } from './tree.ts';

export type Ended = NonNullable<ProcessResult['ended']>;

/** What is looked at while code runs. */
export interface Watched {
  tree: Tree;
  memoryBytes: number;
  cpuSeconds: number;
  processes: number;
  /** Processor ticks the process had used before this run. */
  ticksBefore: number;
  /** True when it cannot start processes (Node's permission model): then one file is read instead of all. */
  alone: boolean;
  /** Called at most once, with the limit that was crossed. */
  onExceeded(reason: Ended, what: string): void;
}

/** Looks at all running code some ten times a second. */
export interface Watch {
  /** Begins to look; the function returned ends it. */
  add(watched: Watched): () => void;
}

const intervalMs = 100;

/** One timer for all runs; it runs only while there is something to look at. */
export function createWatch(): Watch {
  const all = new Set<Watched>();
  let timer: NodeJS.Timeout | undefined;

  const schedule = (delay: number) => {
    timer = setTimeout(look, delay);
    timer.unref();
  };

  const look = async () => {
    const begun = performance.now();
    for (const watched of all) if (watched.alone) check(watched, rootOf(watched.tree));
    if ([...all].some((watched) => !watched.alone)) {
      const processes = await readProcesses();
      for (const watched of all) if (!watched.alone) check(watched, members(watched.tree, processes, false));
    }
    timer = undefined;
    // On a machine with very many processes a look takes long: at most a tenth of the time is spent on it.
    if (all.size > 0) schedule(Math.max(intervalMs, 9 * (performance.now() - begun)));
  };

  const check = (watched: Watched, entries: { residentBytes: number; ticks: number }[]) => {
    const memory = entries.reduce((sum, entry) => sum + entry.residentBytes, 0);
    const seconds = (entries.reduce((sum, entry) => sum + entry.ticks, 0) - watched.ticksBefore) / ticksPerSecond;
    const crossed = judge(watched, memory, seconds, entries.length);
    if (crossed && all.delete(watched)) watched.onExceeded(...crossed);
  };

  return {
    add(watched) {
      if (!hasProc) return () => undefined;
      all.add(watched);
      if (timer === undefined) schedule(intervalMs);
      return () => void all.delete(watched);
    },
  };
}

function judge(watched: Watched, memory: number, seconds: number, processes: number): [Ended, string] | undefined {
  if (memory > watched.memoryBytes) return ['memory', `${memory} bytes of memory, ${watched.memoryBytes} are allowed`];
  if (processes > watched.processes) return ['memory', `${processes} processes, ${watched.processes} are allowed`];
  if (seconds > watched.cpuSeconds)
    return ['timeout', `${seconds} s of processor time, ${watched.cpuSeconds} are allowed`];
  return undefined;
}

function rootOf(tree: Tree) {
  const entry = readProcess(tree.pid);
  return entry && entry.start === tree.start ? [entry] : [];
}
