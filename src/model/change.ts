import type { JobState } from './job.ts';

/** What the store announces after commit. */
export type Change =
  | { kind: 'job'; job: number; state: JobState; queue: string; final: boolean; at: number; runAt?: number }
  | { kind: 'step'; job: number; key: string; at: number }
  | { kind: 'log'; job: number; at: number }
  /** A running job was asked to end. */
  | { kind: 'cancel'; job: number; at: number };
