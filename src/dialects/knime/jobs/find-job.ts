import type { DialectContext } from '../../../dialect.ts';
import { fail, isMillraceError } from '../../../model/errors.ts';
import { isFinal, type Job } from '../../../model/job.ts';
import type { Principal } from '../../../model/principal.ts';

const uuidShape = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const noJob = (uuid: string) => fail('not-found', `Job with ID '${uuid}' does not exist.`);

/**
 * The job behind a UUID, as its last run is. Throws `not-found`, also for one that is on its way out: clients must not see
 * again what they deleted; and with `change` throws `forbidden` for a job the caller may only read.
 */
export async function findJob(
  { engine }: DialectContext,
  principal: Principal,
  uuid: string,
  to: 'read' | 'change' = 'read',
): Promise<Job> {
  if (!uuidShape.test(uuid)) throw noJob(uuid);
  try {
    const job = await engine.jobs[to === 'change' ? 'latestToChange' : 'latest'](principal, uuid);
    if (isLeaving(job)) throw noJob(uuid);
    return job;
  } catch (error) {
    if (isMillraceError(error) && error.code === 'not-found') throw noJob(uuid);
    throw error;
  }
}

/** To be discarded, and ended or about to. */
export const isLeaving = (job: Job): boolean =>
  job.discard === true && (isFinal(job.state) || job.cancelRequestedAt !== undefined);

/** The UUID clients know a job by: that of the first of its series. */
export const uuidOf = ({ engine }: DialectContext, job: Job): string =>
  job.series === undefined ? job.uuid : engine.jobs.uuid(job.series);
