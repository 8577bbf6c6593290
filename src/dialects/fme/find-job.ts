import type { DialectContext } from '../../dialect.ts';
import { fail, isMillraceError } from '../../model/errors.ts';
import type { Job } from '../../model/job.ts';
import type { Principal } from '../../model/principal.ts';
import { messages } from './messages.ts';

/** A job the caller may see. Throws `not-found` in their words. */
export const findJob = ({ engine }: DialectContext, principal: Principal, id: number): Promise<Job> =>
  knownJob(id, () => engine.jobs.get(principal, id));

/** What `ask` answers of a job; one that is not there is told in their words. */
export async function knownJob<T>(id: number, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (isMillraceError(error) && error.code === 'not-found') throw fail('not-found', messages.noJob(id));
    throw error;
  }
}
