/** A named line of jobs with a limit. */
export interface Queue {
  name: string;
  /** How many of its jobs run at once; absent: as many as there are slots. */
  concurrency?: number;
  /** True: nothing is claimed from it. */
  paused: boolean;
  description?: string;
}

/** Jobs go here unless they say otherwise; it always exists. */
export const DEFAULT_QUEUE = 'default';

/** How many jobs of one queue are in each unfinished state. */
export interface QueueCounts {
  queue: string;
  /** Due now. */
  ready: number;
  /** Queued with a later run-at time. */
  delayed: number;
  running: number;
  waiting: number;
}
