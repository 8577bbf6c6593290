import { type Problem, problem } from '../model/errors.ts';
import type { NewJob } from '../model/job.ts';
import type { Claim, LogLine, Outcome } from '../model/run.ts';
import type { RunEnd } from './protocol.ts';
import type { Worker } from './worker.ts';

/** A run under way, as the main thread sees it. */
export interface ActiveRun {
  claim: Claim;
  worker: Worker;
  /** Set while the job is only in memory: what would be inserted, and the log lines that would go with it. */
  unstored?: { job: NewJob; log: LogLine[]; promoting?: Promise<void> };
  /** Work of this run outside its thread, by request. */
  requests: Map<number, { controller: AbortController; settled: Promise<void> }>;
  /** Why it was told to stop; decides the outcome whatever the run says. */
  stop?: StopReason;
  timers: NodeJS.Timeout[];
  /** True once its outcome is being recorded. */
  ending?: boolean;
  /** Told how an unstored run ended. */
  ended?: (outcome: FinalOutcome | undefined) => void;
}

export type FinalOutcome = Extract<Outcome, { kind: 'completed' | 'failed' | 'cancelled' }>;

/** Why a run is stopped from outside. */
export type StopReason =
  | { kind: 'cancel'; reason: string }
  | { kind: 'limit'; error: Problem }
  | { kind: 'drain' }
  /** The thread is gone. */
  | { kind: 'thread'; reason: string; blame: boolean }
  /** The lease is another's: nothing may be written any more. */
  | { kind: 'lease' };

/** The outcome of a run from what it says and why it was stopped, if it was; `output` is its stored result. */
export function outcomeOf(
  stop: StopReason | undefined,
  end: RunEnd | undefined,
  output: Outcome | undefined,
): Outcome | undefined {
  switch (stop?.kind) {
    case 'lease':
      return undefined;
    case 'cancel':
      return { kind: 'cancelled', reason: stop.reason };
    case 'limit':
      return { kind: 'failed', error: stop.error };
    case 'drain':
      // What came to its end while the order to stop was on its way has ended.
      return output ?? { kind: 'interrupted', reason: 'The server was stopped.', blame: false };
    case 'thread':
      return { kind: 'interrupted', reason: `The worker thread was lost: ${stop.reason}.`, blame: stop.blame };
    default:
      return output ?? failedEnd(end);
  }
}

const failedEnd = (end: RunEnd | undefined): Outcome =>
  end?.kind === 'failed'
    ? { kind: 'failed', error: end.error }
    : { kind: 'interrupted', reason: 'The run stopped without an outcome.', blame: true };

/** What a run is failed with when one of its time limits ends. */
export const limitProblem = (which: 'run' | 'total', ms: number): Problem =>
  which === 'run'
    ? problem('run-time-exceeded', {
        detail: `The run took longer than its limit of ${ms / 1000} s.`,
        extra: { limitSeconds: ms / 1000 },
      })
    : problem('total-time-exceeded', {
        detail: `The job took longer than its limit of ${ms / 1000} s in all.`,
        extra: { limitSeconds: ms / 1000 },
      });
