import type { Child } from './child.ts';
import type { ProcessLimits } from './options.ts';
import { readProcess } from './proc.ts';
import type { Ended, Watch } from './watch.ts';

/** The hand over one run: ends it when a limit is crossed, its time is over or the caller says so. */
export interface Supervision {
  /** Ends it at once, as too much output does. Only the first cause counts. */
  end(reason: Ended, what: string): void;
  /** Takes the hand away; the outcome so far. */
  release(): { ended?: Ended; what?: string };
}

export interface SuperviseOptions {
  child: Child;
  limits: ProcessLimits;
  /** The grace time at the moment. */
  graceMs(): number;
  timeoutMs: number;
  signal: AbortSignal;
  watch: Watch;
  /** See `Watched.alone`. */
  alone: boolean;
  /** False for a client whose work is done elsewhere (a container engine): its memory and time say nothing. */
  watched: boolean;
  /** Asks it to end by itself; absent: SIGTERM to its group. */
  ask?: () => void;
}

/**
 * Time over and abort ask first (SIGTERM to the group) and kill after the grace time; a process that uses too much is
 * killed at once, for asking would let it use more.
 */
export function supervise(options: SuperviseOptions): Supervision {
  const { child, limits, signal } = options;
  let outcome: { ended?: Ended; what?: string } = {};
  let grace: NodeJS.Timeout | undefined;
  let killAt = Number.POSITIVE_INFINITY;

  const begin = (ended: Ended, what: string): boolean => {
    if (outcome.ended !== undefined) return false;
    outcome = { ended, what };
    return true;
  };
  const end = (ended: Ended, what: string) => {
    if (begin(ended, what)) child.signal('SIGKILL');
  };
  const ask = (ended: Ended, what: string) => {
    if (begin(ended, what)) {
      if (options.ask) options.ask();
      else child.signal('SIGTERM');
    }
    // Asked a second time: the grace time may have become shorter, because the server stops.
    const graceMs = options.graceMs();
    if (performance.now() + graceMs >= killAt) return;
    killAt = performance.now() + graceMs;
    clearTimeout(grace);
    grace = setTimeout(() => child.signal('SIGKILL'), graceMs);
  };
  const onAbort = () => ask('aborted', 'its caller ended it');

  const timer = setTimeout(() => ask('timeout', `${options.timeoutMs} ms were over`), options.timeoutMs);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  const unwatch = options.watched
    ? options.watch.add({
        tree: child.tree,
        memoryBytes: limits.memoryBytes,
        cpuSeconds: limits.cpuSeconds,
        processes: limits.processes,
        ticksBefore: readProcess(child.tree.pid)?.ticks ?? 0,
        alone: options.alone,
        onExceeded: end,
      })
    : () => undefined;

  return {
    end,
    release() {
      clearTimeout(timer);
      clearTimeout(grace);
      signal.removeEventListener('abort', onAbort);
      unwatch();
      return outcome;
    },
  };
}
