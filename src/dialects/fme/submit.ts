import type { FastifyRequest } from 'fastify';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { idempotencyOf } from '../../http/idempotency.ts';
import { HOPS_HEADER, readHops } from '../../model/hops.ts';
import type { Job, NewFile, Origin } from '../../model/job.ts';
import { inTheirWords, limitsOf, publicationOf, type RunRequest, readJobInput, refuseErrors } from './job-input.ts';
import { readQueue } from './queue-names.ts';

/** The errors of a submit, for documents. */
export const submitErrors = [
  'not-found',
  'conflict',
  'invalid-workflow-input',
  'invalid-definition',
  'idempotency-conflict',
] as const;

/** What any of the faces (V4, V3, services) asks for. */
export interface Submission extends RunRequest {
  /** The service it came through. */
  service?: string | undefined;
  files?: NewFile[] | undefined;
}

/** Starts a job; once this settles it is on disk. Throws what is wrong in the order the original looks for it. */
export async function submit(request: FastifyRequest, context: DialectContext, asked: Submission): Promise<Job> {
  const principal = caller(request);
  const read = await readJobInput(context, principal, asked);
  const { files = [], ...body } = asked;
  const idempotency = idempotencyOf(request, { body, files });
  refuseErrors(read);
  try {
    const { job } = await context.engine.jobs.submit(principal, {
      workflow: read.path,
      input: read.input,
      dialect: 'fme',
      limits: limitsOf(asked),
      origin: originOf(request, asked),
      hops: readHops(request.headers[HOPS_HEADER]),
      ...(files.length === 0 ? {} : { files }),
      ...publicationOf(asked),
      ...(asked.queue === undefined || asked.queue === '' ? {} : { queue: readQueue(asked.queue) }),
      ...(idempotency === undefined ? {} : { idempotency }),
    });
    return job;
  } catch (error) {
    throw inTheirWords(error, read, asked);
  }
}

function originOf(request: FastifyRequest, asked: Submission): Origin {
  const { description = '', service } = asked;
  return {
    address: request.ip,
    ...(description === '' ? {} : { description }),
    ...(service === undefined ? {} : { via: service }),
  };
}
