import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DialectContext, EventStream } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import type { Change } from '../../model/change.ts';
import { isFinal, type Job } from '../../model/job.ts';
import { createBell } from './bell.ts';
import type { JobRef } from './refs.ts';

/** How a job is told on a stream. */
export interface Telling {
  /** Changes that are not worth looking again; without it, all are. */
  ignores?: (change: Change) => boolean;
  /** Makes what tells the job as it is now: called at once and after each change, the last time with its final state. */
  begin(stream: EventStream): (job: Job) => Promise<void>;
}

/** Opens a stream that tells a job until it is final, and ends with an event `end` that carries its state. */
export async function followJob(
  request: FastifyRequest,
  reply: FastifyReply,
  { engine, openStream }: DialectContext,
  ref: JobRef,
  { ignores, begin }: Telling,
): Promise<FastifyReply> {
  const principal = caller(request);
  // Before the stream opens: from then on nothing can be refused any more.
  await engine.jobs.get(principal, ref);
  const bell = createBell();
  const unfollow = await engine.waiting.follow(principal, ref, (change) => {
    if (!ignores?.(change)) bell.ring();
  });
  const stream = openStream(request, reply);
  const tell = begin(stream);
  try {
    while (!stream.signal.aborted) {
      // Asked before anything of it is read: what a final job wrote is then certainly among what is told.
      const job = await engine.jobs.get(principal, ref);
      await tell(job);
      if (isFinal(job.state)) {
        await stream.send({ event: 'end', data: JSON.stringify({ state: job.state }) });
        break;
      }
      await bell.next(stream.signal);
    }
  } finally {
    unfollow();
    stream.end();
  }
  return reply;
}
