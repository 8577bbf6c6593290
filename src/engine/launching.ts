import type { Job, NewJob } from '../model/job.ts';
import type { JobParts } from './job-parts.ts';
import type { Queues } from './queues.ts';
import type { SubmitRequest } from './submit-request.ts';

/**
 * Whether a job may begin before it is stored: it needs nothing of the store first (an earlier answer to the same key, the
 * order of its queue, a later time), and one row can hold all of it at its end.
 */
export const mayBeginUnstored = (
  job: NewJob,
  { idempotency }: Pick<SubmitRequest, 'idempotency'>,
  queues: Pick<Queues, 'isOpen'>,
): boolean =>
  idempotency === undefined &&
  job.start &&
  job.runAt === undefined &&
  job.retry === undefined &&
  job.publish === undefined &&
  job.files.length === 0 &&
  queues.isOpen(job.queue);

/** An id for a job that is to run in a slot that was taken for it; without one, the slot is free again. */
export function idInSlot({ store, slots }: Pick<JobParts, 'store' | 'slots'>): number | Promise<number> {
  const id = store.newJobId();
  if (typeof id === 'number') return id;
  return id.catch((error: unknown) => {
    slots.release();
    throw error;
  });
}

/** Runs a new job in a slot that was taken for it; answers it once it is on disk, also with its end. */
export function launch(parts: Pick<JobParts, 'store' | 'slots'>, job: NewJob): Promise<Job> {
  const { store, slots } = parts;
  const under = (id: number): Promise<Job> => slots.launch(job, { id, uuid: store.jobUuid(id) });
  const id = idInSlot(parts);
  return typeof id === 'number' ? under(id) : id.then(under);
}
