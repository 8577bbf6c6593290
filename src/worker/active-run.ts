import type { Job, NewJob } from '../model/job.ts';
import type { Claim, LogLine, Outcome } from '../model/run.ts';
import type { StopReason } from './stop-reason.ts';
import type { Worker } from './worker.ts';

/** A run under way, as the main thread sees it. */
export interface ActiveRun {
  claim: Claim;
  worker: Worker;
  /** Set while the job is only in memory. */
  unstored?: Unstored;
  /** Work of this run outside its thread, by request. */
  requests: Map<number, { controller: AbortController; settled: Promise<void> }>;
  /** Why it was told to stop; decides the outcome whatever the run says. */
  stop?: StopReason;
  /** Ends its timers. */
  timers: (() => void)[];
  /** True once its outcome is being recorded. */
  ending?: boolean;
  /** Told how an unstored run ended; undefined when its end is found in the store. */
  ended?: (outcome: FinalOutcome | undefined) => void;
}

/** What would be inserted, and the log lines that would go with it. */
export interface Unstored {
  job: NewJob;
  log: LogLine[];
  promoting?: Promise<void>;
  /** Of a job whose submit waits to be answered: told that it is on disk, or why it is not. Absent for a synchronous run. */
  submit?: { stored(job: Job): void; refused(error: unknown): void };
}

export type FinalOutcome = Extract<Outcome, { kind: 'completed' | 'failed' | 'cancelled' }>;

export const isFinalOutcome = (outcome: Outcome): outcome is FinalOutcome =>
  outcome.kind === 'completed' || outcome.kind === 'failed' || outcome.kind === 'cancelled';
