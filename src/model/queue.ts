/** A named line of jobs with a limit. */
export interface Queue {
  name: string;
  /** How many of its jobs run at once; absent: as many as there are slots. */
  concurrency?: number;
  /** True: nothing is claimed from it. */
  paused: boolean;
  description?: string;
  /** 1 to 10, absent: 5. Due jobs of a queue with a higher one are begun before all others, whatever their own. */
  priority?: number;
}

/** Jobs go here unless they say otherwise; it always exists. */
export const DEFAULT_QUEUE = 'default';
export const DEFAULT_QUEUE_PRIORITY = 5;

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
