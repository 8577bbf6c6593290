import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { isFinal, type Job } from '../../model/job.ts';
import { choices } from './choices.ts';

/** The job once it has ended; as it is, when the server stops first. A client that leaves does not stop it. */
export function untilEnd(
  request: FastifyRequest,
  reply: FastifyReply,
  { engine, interest }: DialectContext,
  id: number,
): Promise<Job> {
  const waitMs = choices.syncSeconds * 1000;
  return engine.waiting.untilFinal(caller(request), id, waitMs, interest(reply, waitMs));
}

/**
 * Cancels a job and waits until its work is gone, but not long: its end is under way then. Throws `not-found`, and
 * `conflict` for a job that has ended.
 */
export async function cancelJob(
  request: FastifyRequest,
  reply: FastifyReply,
  { engine, interest }: DialectContext,
  id: number,
): Promise<void> {
  const principal = caller(request);
  const job = await engine.jobs.cancel(principal, id);
  if (isFinal(job.state)) return;
  await engine.waiting.untilFinal(principal, id, choices.cancelSeconds * 1000, interest(reply));
}
