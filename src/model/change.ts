import type { JobState } from './job.ts';

/** What the store announces after commit. */
export type Change =
  /** `dueAt`: time alone will do something to the job then (timer, run-at, limit of queue or total time). */
  | { kind: 'job'; job: number; state: JobState; final: boolean; at: number; dueAt?: number }
  | { kind: 'step'; job: number; key: string; at: number }
  | { kind: 'log'; job: number; at: number }
  /** A running job was asked to end. */
  | { kind: 'cancel'; job: number; at: number }
  /** The end of a job was published to a topic. */
  | { kind: 'event'; job: number; topic: string; owner: string; at: number };
