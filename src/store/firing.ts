import type { JobState, NewJob } from '../model/job.ts';

/** One due time of a schedule, or one by hand. */
export interface Firing {
  id: string;
  /** `nextAt` of the schedule as it was read; absent: by hand. */
  dueAt?: number;
  /** As it was read. */
  updatedAt: number;
  /** Absent: never again. */
  nextAt?: number;
  /** Absent: there can be none, which counts as a failure. */
  job?: NewJob;
  /** True: no job while an earlier one of the schedule has not ended. */
  skipIfRunning: boolean;
  /** Failures in a row that disable it; -1: none do. */
  maxFailures: number;
  at: number;
}

export type Fired =
  | { outcome: 'fired'; job: number }
  | { outcome: 'skipped' | 'stale' }
  | { outcome: 'failed'; failures: number; disabled: boolean };

/** How a job of a schedule ended; `gone`: nobody knows any more. */
export interface Settled {
  schedule: string;
  job: number;
  state: JobState | 'gone';
  /** Of the schedule, in a row. */
  failures: number;
  disabled: boolean;
}
