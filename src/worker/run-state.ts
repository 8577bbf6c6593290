import { errorFrom, toProblem } from '../model/errors.ts';
import type { Json } from '../model/json.ts';
import type { JournalEntry, LogLine, Wait } from '../model/run.ts';
import type { Outbound } from '../outbound/index.ts';
import type { RunJob } from '../runtime.ts';
import { type Activity, createActivity } from './branch.ts';
import type { Ask } from './protocol.ts';

/** A journal entry with its output at hand. */
export type RecalledEntry = Omit<JournalEntry, 'output'> & { output?: Json };

/** What a run context needs of its thread. */
export interface RunPorts {
  clock: () => number;
  outbound: Outbound;
  ask(
    ask: Ask,
    options?: { signal?: AbortSignal; onOutput?: (stream: 'stdout' | 'stderr', text: string) => void },
  ): Promise<unknown>;
  /** What to wait for before the first effect: until the job is on disk; undefined when it has been from the start. */
  stored(): Promise<unknown> | undefined;
  begun(entry: JournalEntry): void;
  log(line: LogLine): void;
  /** Marks the thread as busy with this run. */
  touch(): void;
}

/** What all branches of one run share. */
export interface RunState {
  job: RunJob;
  ports: RunPorts;
  journal: Map<string, RecalledEntry>;
  /** What the job waited for when it was woken, by key. */
  earlier: ReadonlyMap<string, Wait>;
  /** Open waits of this run. */
  pending: Map<string, Wait>;
  /** Effects under way. */
  effects: Set<Promise<unknown>>;
  activity: Activity;
  /** True once everything waits and the run was let go: no answer is taken any more. */
  released: boolean;
  /** Settles then, with all open waits. */
  suspended: Promise<Wait[]>;
  /** Time of the last journaled event that the run has passed. */
  passed: number;
}

/** Most runs wait for nothing. */
const none: ReadonlyMap<string, Wait> = new Map();

export function createRunState(
  job: RunJob,
  recalled: readonly RecalledEntry[],
  openWaits: readonly Wait[],
  ports: RunPorts,
): RunState {
  const pending = new Map<string, Wait>();
  let suspend: (waits: Wait[]) => void = () => {};
  const state: RunState = {
    job,
    ports,
    journal: new Map(recalled.map((entry) => [entry.key, entry])),
    earlier: openWaits.length === 0 ? none : new Map(openWaits.map((wait) => [wait.key, wait])),
    pending,
    effects: new Set(),
    activity: createActivity(() => {
      state.released = true;
      suspend([...pending.values()]);
    }),
    released: false,
    suspended: new Promise((resolve) => {
      suspend = resolve;
    }),
    passed: job.attempt > 1 ? attemptBegin(recalled, openWaits, ports.clock()) : job.startedAt,
  };
  return state;
}

/** Answers from the journal, if the key is there with an outcome; throws what a failed step threw. */
export function recall(run: RunState, key: string): { output: Json } | undefined {
  const entry = run.journal.get(key);
  if (!entry || entry.state === 'begun') return undefined;
  run.passed = Math.max(run.passed, entry.endedAt ?? run.passed);
  if (entry.state === 'failed') throw errorFrom(entry.error ?? toProblem(undefined));
  return { output: entry.output ?? null };
}

/** Writes an outcome into the journal: on disk when it settles. */
export async function commit(run: RunState, entry: RecalledEntry): Promise<void> {
  const { output, ...rest } = entry;
  await run.ports.ask({
    kind: 'commit',
    entry: rest,
    ...(output === undefined ? {} : { output: JSON.stringify(output) }),
  });
  run.journal.set(entry.key, entry);
  run.passed = Math.max(run.passed, entry.endedAt ?? run.passed);
}

/**
 * When a further attempt began: its waits and timeouts count from there, not from the begin of the job. Its journal
 * began empty, so that the first thing in it tells.
 */
function attemptBegin(recalled: readonly RecalledEntry[], openWaits: readonly Wait[], now: number): number {
  let begin = now;
  for (const { startedAt } of recalled) begin = Math.min(begin, startedAt);
  for (const { createdAt } of openWaits) begin = Math.min(begin, createdAt);
  return begin;
}
