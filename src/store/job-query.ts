import type { Job, JobState } from '../model/job.ts';
import type { Queue } from '../model/queue.ts';
import type { Wait } from '../model/run.ts';

export type JobRef = number | string;

/** What a list of jobs is narrowed to. */
export interface JobFilters {
  states?: JobState[];
  /** Of unfinished jobs only those whose first run has begun, or has not; says nothing of final ones. */
  begun?: boolean;
  /** Exact path, or a folder with everything below it when it ends in `/`. */
  workflow?: string;
  /** Of the folder only what lies in it, not what lies deeper. */
  shallow?: boolean;
  owner?: string;
  /** Server of the last run as leases call it, or the begin of that name up to a colon. */
  server?: string;
  queue?: string;
  businessKey?: string;
  label?: { name: string; value?: string };
  /** Only those without a label of this name. */
  withoutLabel?: string;
  dialect?: string;
  parent?: number;
  /** Of each series only its last job. */
  latest?: boolean;
  createdFrom?: number;
  createdTo?: number;
}

export interface JobQuery extends JobFilters {
  order: 'newest' | 'oldest';
  /** 1 to 1000. */
  limit: number;
  cursor?: string;
}

export interface JobPageQuery extends JobFilters {
  /** Equal ones follow in the order of their creation; what has no such time is smallest. */
  sort: { by: 'created' | 'started' | 'finished' | 'workflow' | 'state'; order: 'ascending' | 'descending' };
  /** 0 to 1000. */
  limit: number;
  offset: number;
}

/** Candidates that `pageJobs` looks at where no index gives the order. */
export const MOST_SORTED = 10_000;

export interface Explanation {
  job: Job;
  queue: Queue;
  /** Jobs of its queue that go before it; absent unless queued and due. */
  ahead?: number;
  /** Running jobs of its queue. */
  running: number;
  waits: Wait[];
  /** Mean run time of the last finished jobs of this workflow, in milliseconds; absent without any. */
  meanRunMs?: number;
}
