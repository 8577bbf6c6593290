import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { idempotencyHeader } from '../../http/idempotency.ts';
import { takeMultipart } from '../../http/multipart.ts';
import { readPrefer } from '../../http/prefer.ts';
import { queryFlag, queryInteger } from '../../http/query.ts';
import { route } from '../../http/routes.ts';
import { parseWith } from '../../http/validation.ts';
import { catalogue, type ErrorCode, fail } from '../../model/errors.ts';
import { isFinal } from '../../model/job.ts';
import { Execution, exampleJob, exampleSubmit, Job, JobResult, jobParams } from './job-schemas.ts';
import { jobWire, links } from './job-wire.ts';
import { sendPayload, sendWithPayload } from './payload-reply.ts';
import { appliedHeader, locationHeader, preferHeader, retryHeader } from './prefer-docs.ts';
import { jobRef } from './refs.ts';
import { submitRequest } from './submit.ts';
import { readSubmit } from './submit-body.ts';

const resultQuery = z.strictObject({
  longPoll: queryFlag('True: wait for the end.', true),
  longPollInterval: queryInteger({
    min: 1,
    max: 86_400,
    description: 'Wait at most so many seconds; the server has its own cap.',
    example: 10,
  }),
});

/** The result of a job, waited for or not, and the run in one call. */
export async function addResults(scope: FastifyInstance, context: DialectContext): Promise<void> {
  const { engine, basePath, limits } = context;
  route(scope, {
    method: 'GET',
    url: '/jobs/:id/result',
    access: { scope: 'jobs:read' },
    params: jobParams,
    query: resultQuery,
    doc: {
      id: 'getJobResult',
      tag: 'Jobs',
      summary: 'How a job ended',
      description:
        'Answers 200 once the job is final, whatever its end: `output` of a completed, `error` of a failed, `reason` of a ' +
        'cancelled one. Until then 202. With `longPoll=true` the answer waits for the end, at most `longPollInterval` ' +
        'seconds; ask again after a 202.',
      headers: preferHeader,
      responses: {
        200: {
          description: 'The end.',
          schema: JobResult,
          headers: appliedHeader,
          example: { id: 1, uuid: exampleJob.uuid, state: 'completed', output: { slept: 10 } },
        },
        202: {
          description: 'Not yet.',
          schema: JobResult,
          headers: { ...retryHeader, ...appliedHeader },
          example: { id: 1, uuid: exampleJob.uuid, state: 'running', links: exampleJob.links },
        },
      },
      errors: ['not-found'],
      flow: { order: 12, path: { id: '{{jobId}}' }, query: { longPoll: 'true', longPollInterval: '20' } },
    },
    handler: async (request, reply) => {
      const { longPoll, longPollInterval } = request.query;
      const principal = caller(request);
      const ref = jobRef(request.params.id);
      const asked = longPoll === true ? Math.min((longPollInterval ?? 3600) * 1000, limits.maxWaitMs) : 0;
      const { waitMs, applied } = readPrefer(request.headers.prefer, asked, limits.maxWaitMs);
      if (applied !== undefined) reply.header('preference-applied', applied);
      const job =
        waitMs > 0
          ? await engine.waiting.untilFinal(principal, ref, waitMs, context.interest(reply))
          : await engine.jobs.get(principal, ref);
      const { id, uuid, state, output, error, cancelReason } = job;
      if (!isFinal(state)) {
        return reply
          .code(202)
          .header('retry-after', '1')
          .send({ id, uuid, state, links: links(id, basePath) });
      }
      if (output !== undefined) return sendWithPayload(reply, engine, { id, uuid, state }, 'output', output);
      if (error !== undefined) return reply.send({ id, uuid, state, error });
      return reply.send({ id, uuid, state, ...(cancelReason === undefined ? {} : { reason: cancelReason }) });
    },
  });

  await scope.register(async (uploads) => {
    await takeMultipart(uploads, context.limits);
    route(uploads, {
      method: 'POST',
      url: '/execution',
      access: { scope: 'jobs:run' },
      upload: true,
      doc: {
        id: 'execute',
        tag: 'Jobs',
        summary: 'Run a workflow in one call',
        description:
          'Answers the output itself and keeps nothing of the job. When it takes longer than the wait (`Prefer: wait=N`, at ' +
          "most and by default the server's cap) it has become an ordinary job: 202 with its id. A failed run answers its problem. " +
          'Multipart as in `POST /jobs`.',
        headers: { ...preferHeader, ...idempotencyHeader },
        requestBody: {
          content: {
            'application/json': { schema: Execution, example: exampleSubmit },
            'multipart/form-data': { schema: z.looseObject({ job: Execution }) },
          },
        },
        responses: {
          200: {
            description: 'The output.',
            schema: z.any(),
            headers: {
              ...appliedHeader,
              'Millrace-Job': { description: 'Id under which it ran.', example: '1' },
              'Millrace-Duration': { description: 'Seconds it took.', example: '0.012' },
            },
            example: { slept: 10 },
          },
          202: {
            description: 'It goes on as an ordinary job.',
            schema: Job,
            headers: { ...locationHeader, ...retryHeader, ...appliedHeader },
            example: exampleJob,
          },
        },
        errors: [
          'not-found',
          'conflict',
          'invalid-workflow-input',
          'invalid-definition',
          'idempotency-conflict',
          'workflow-failed',
          'step-failed',
        ],
        flow: { order: 2, headers: { Prefer: 'wait=20' } },
      },
      handler: async (request, reply) => {
        const read = readSubmit(request, context, 'job');
        const submitted = read instanceof Promise ? await read : read;
        return await execute(
          request,
          reply,
          context,
          submitRequest(request, parseWith(Execution, submitted.body), submitted),
        );
      },
    });
  });
}

/** Runs and answers the output; shared with `POST /workflows/{path}:execution`. */
export async function execute(
  request: Parameters<typeof caller>[0],
  reply: Parameters<typeof sendPayload>[0],
  context: DialectContext,
  submit: ReturnType<typeof submitRequest>,
): Promise<unknown> {
  const { engine, basePath, limits } = context;
  const { waitMs, applied } = readPrefer(request.headers.prefer, limits.maxWaitMs, limits.maxWaitMs);
  if (applied !== undefined) reply.header('preference-applied', applied);
  const done = await engine.jobs.execute(caller(request), submit, waitMs, context.interest(reply));
  if (done.kind === 'accepted') {
    const { job } = done;
    return reply
      .code(202)
      .headers({ location: `${basePath}/jobs/${job.id}`, 'retry-after': '1' })
      .send(jobWire(job, basePath));
  }
  reply.headers({ 'millrace-job': String(done.id), 'millrace-duration': String(Math.round(done.durationMs) / 1000) });
  const { outcome } = done;
  if (outcome.kind === 'completed') return sendPayload(reply, engine, outcome.output);
  if (outcome.kind === 'cancelled') throw fail('conflict', `The run was cancelled: ${outcome.reason}`);
  // The run failed, not the request: whatever status the workflow raised stays inside the problem of its own.
  const { error } = outcome;
  const code = isErrorCode(error.code) ? error.code : 'workflow-failed';
  throw fail(code, {
    detail: error.detail ?? error.title,
    status: 500,
    ...(error.instance === undefined ? {} : { instance: error.instance }),
    ...(error.errors === undefined ? {} : { errors: error.errors }),
    extra: { job: done.id, raised: JSON.parse(JSON.stringify(error)) },
  });
}

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(catalogue, code);
