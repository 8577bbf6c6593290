import { isFinal, type Job, type JobState } from '../../model/job.ts';
import { choices } from './choices.ts';
import type { JobPageQuery } from './refs.ts';

export const statuses = ['queued', 'running', 'success', 'failure', 'cancelled'] as const;
export type Status = (typeof statuses)[number];
/** As a filter, `complete` is any of the three final ones; no job shows it. */
export const statusFilters = [...statuses, 'complete'] as const;
export type StatusFilter = (typeof statusFilters)[number];

/** A job that waits within its run is still running to its clients, also while it is on its way back to a worker. */
export function statusOf({ state, startedAt }: Pick<Job, 'state' | 'startedAt'>): Status {
  switch (state) {
    case 'loaded':
      return 'queued';
    case 'queued':
      return startedAt === undefined ? 'queued' : 'running';
    case 'running':
    case 'waiting':
      return 'running';
    case 'completed':
      return 'success';
    case 'failed':
      return 'failure';
    case 'cancelled':
      return 'cancelled';
  }
}

/**
 * The same in the words of V3 (reference section 3.1). A job that ends before its run began could not be run, or was taken
 * out of the queue.
 */
export function v3StatusOf(job: Pick<Job, 'state' | 'startedAt'>): string {
  const begun = job.startedAt !== undefined;
  switch (statusOf(job)) {
    case 'queued':
      return job.state === 'loaded' ? 'PAUSED' : 'QUEUED';
    case 'running':
      return 'IN_PROCESS';
    case 'success':
      return 'SUCCESS';
    case 'failure':
      return begun ? 'FME_FAILURE' : 'JOB_FAILURE';
    case 'cancelled':
      return begun ? 'ABORTED' : 'DELETED';
  }
}

const statesOf: Record<StatusFilter, JobState[]> = {
  queued: ['loaded', 'queued'],
  running: ['running', 'waiting', 'queued'],
  success: ['completed'],
  failure: ['failed'],
  cancelled: ['cancelled'],
  complete: ['completed', 'failed', 'cancelled'],
};

/** The jobs that show one of these; without any, the final ones. */
export function statesFor(wanted: readonly StatusFilter[] | undefined): Pick<JobPageQuery, 'states' | 'begun'> {
  const list: readonly StatusFilter[] = wanted?.length ? wanted : ['complete'];
  const states = [...new Set(list.flatMap((status) => statesOf[status]))];
  const queued = list.includes('queued');
  const running = list.includes('running');
  return { states, ...(queued === running ? {} : { begun: running }) };
}

/** How it ended, in words; empty until it has. */
export function statusMessage(job: Job): string {
  if (!isFinal(job.state)) return '';
  if (job.state === 'completed') return choices.successMessage;
  return job.state === 'failed' ? (job.error?.detail ?? job.error?.title ?? '') : (job.cancelReason ?? '');
}
