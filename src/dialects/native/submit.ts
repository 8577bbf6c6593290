import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DialectContext } from '../../dialect.ts';
import type { SubmitRequest } from '../../engine/submit-request.ts';
import { caller } from '../../http/access.ts';
import { idempotencyOf } from '../../http/idempotency.ts';
import { readPrefer } from '../../http/prefer.ts';
import { HOPS_HEADER, readHops } from '../../model/hops.ts';
import { isFinal, type Job } from '../../model/job.ts';
import type { Json } from '../../model/json.ts';
import type { JobSubmit } from './job-schemas.ts';
import { jobText } from './job-text.ts';
import { jobWire, readLimits, readPublication, readRetry } from './job-wire.ts';
import { sendWithPayload } from './payload-reply.ts';
import type { Submitted } from './submit-body.ts';

/** What the engine is asked, from a validated body. */
export function submitRequest(
  request: FastifyRequest,
  body: JobSubmit,
  { files, inputText }: Pick<Submitted, 'files' | 'inputText'>,
  route?: string,
): SubmitRequest {
  const { workflow, input, queue, priority, runAt, businessKey, labels, limits, retry, publish, start } = body;
  const idempotency = idempotencyOf(request, { body, files, ...(route === undefined ? {} : { route }) });
  const submit: SubmitRequest = {
    workflow,
    input: (input ?? {}) as Json,
    dialect: 'native',
    hops: readHops(request.headers[HOPS_HEADER]),
  };
  if (inputText !== undefined && input !== null) submit.inputText = inputText;
  if (files.length > 0) submit.files = files;
  if (queue !== undefined) submit.queue = queue;
  if (priority !== undefined) submit.priority = priority;
  if (runAt !== undefined) submit.runAt = Date.parse(runAt);
  if (businessKey !== undefined) submit.businessKey = businessKey;
  if (labels !== undefined) submit.labels = labels;
  if (limits !== undefined) submit.limits = readLimits(limits);
  if (retry !== undefined) submit.retry = readRetry(retry);
  if (publish !== undefined) submit.publish = readPublication(publish);
  if (start !== undefined) submit.start = start;
  if (idempotency !== undefined) submit.idempotency = idempotency;
  return submit;
}

/**
 * Answers a submitted job: 202 at once, or, where the client prefers to wait, 200 with output or error when it ends in
 * time. The job is on disk in either case. What it returns is for the handler to return: the body where nothing has to be
 * waited for, because a reply that is returned is one promise more.
 */
export function answerSubmitted(
  request: FastifyRequest,
  reply: FastifyReply,
  context: DialectContext,
  submitted: { job: Job; replayed: boolean },
): unknown {
  const { basePath, limits } = context;
  const { waitMs, applied } = readPrefer(request.headers.prefer, 0, limits.maxWaitMs);
  if (applied !== undefined) reply.header('preference-applied', applied);
  if (submitted.replayed) reply.header('idempotency-replayed', 'true');
  const { job } = submitted;
  reply.header('location', `${basePath}/jobs/${job.id}`);
  return waitMs > 0 ? answerEnd(request, reply, context, job, waitMs) : acceptedJob(reply, job, basePath);
}

async function answerEnd(
  request: FastifyRequest,
  reply: FastifyReply,
  context: DialectContext,
  submitted: Job,
  waitMs: number,
): Promise<unknown> {
  const { engine, basePath } = context;
  let job = submitted;
  if (!isFinal(job.state) && job.state !== 'loaded') {
    job = await engine.waiting.untilFinal(caller(request), job.id, waitMs, context.interest(reply));
  }
  if (!isFinal(job.state)) return acceptedJob(reply, job, basePath);
  const wire = jobWire(job, basePath);
  return job.output === undefined ? wire : sendWithPayload(reply, engine, wire, 'output', job.output);
}

/** Answers 202: what it returns is for the handler to return. */
export function acceptedJob(reply: FastifyReply, job: Job, basePath: string): string {
  reply.code(202).headers({ 'retry-after': '1', 'content-type': 'application/json; charset=utf-8' });
  return jobText(job, basePath);
}
