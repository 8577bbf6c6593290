import type { Job, NewJob } from './job.ts';

/**
 * The job that a submit makes, before anything happened to it. Written out member by member: copying an object but for
 * some of its members takes longer than anything else that the main thread does for a job.
 */
export function madeJob(from: NewJob, id: number, uuid: string): Job {
  const job: Job = {
    id,
    uuid,
    state: from.start ? 'queued' : 'loaded',
    workflow: from.workflow,
    version: from.version,
    input: from.input,
    owner: from.owner,
    queue: from.queue,
    priority: from.priority,
    labels: from.labels,
    dialect: from.dialect,
    limits: from.limits,
    onInterrupted: from.onInterrupted,
    createdAt: from.createdAt,
    attempt: 0,
    interruptions: 0,
    token: 0,
  };
  if (from.businessKey !== undefined) job.businessKey = from.businessKey;
  if (from.origin !== undefined) job.origin = from.origin;
  if (from.publish !== undefined) job.publish = from.publish;
  if (from.retry !== undefined) job.retry = from.retry;
  if (from.runAt !== undefined) job.runAt = from.runAt;
  if (from.parent !== undefined) job.parent = from.parent;
  if (from.retryOf !== undefined) job.retryOf = from.retryOf;
  if (from.series !== undefined) job.series = from.series;
  if (from.seriesCreatedAt !== undefined) job.seriesCreatedAt = from.seriesCreatedAt;
  if (from.discard !== undefined) job.discard = from.discard;
  return job;
}
