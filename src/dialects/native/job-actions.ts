import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { idempotencyHeader, idempotencyOf } from '../../http/idempotency.ts';
import { route } from '../../http/routes.ts';
import { parseWith } from '../../http/validation.ts';
import { isFinal } from '../../model/job.ts';
import { exampleJob, exampleSubmit, Job, jobParams } from './job-schemas.ts';
import { jobWire } from './job-wire.ts';
import { locationHeader, retryHeader } from './prefer-docs.ts';
import { jobRef } from './refs.ts';

const CancelRequest = z
  .strictObject({ reason: z.string().max(500).optional().meta({ description: 'Why; kept with the job.' }) })
  .meta({ id: 'CancelRequest' });

const RetryRequest = z
  .strictObject({
    keepSteps: z.boolean().optional().meta({ description: 'True: finished steps are taken over; default false.' }),
  })
  .meta({ id: 'RetryRequest' });

/** Start, cancel and repeat a job. */
export function addJobActions(scope: FastifyInstance, { engine, basePath }: DialectContext): void {
  route(scope, {
    method: 'POST',
    url: '/jobs/:id/start',
    access: { scope: 'jobs:run' },
    params: jobParams,
    doc: {
      id: 'startJob',
      tag: 'Jobs',
      summary: 'Start a loaded job',
      description: 'For a job that was submitted with `start: false`.',
      responses: {
        202: {
          description: 'It is queued.',
          schema: Job,
          headers: { ...locationHeader, ...retryHeader },
          example: exampleJob,
        },
      },
      errors: ['not-found', 'conflict'],
      flow: {
        order: 20,
        path: { id: '{{loadedJobId}}' },
        prepare: [{ operation: 'submitJob', body: { ...exampleSubmit, start: false }, save: { loadedJobId: 'id' } }],
      },
    },
    handler: async (request, reply) => {
      const job = await engine.jobs.start(caller(request), jobRef(request.params.id));
      return reply
        .code(202)
        .headers({ location: `${basePath}/jobs/${job.id}`, 'retry-after': '1' })
        .send(jobWire(job, basePath));
    },
  });

  route(scope, {
    method: 'POST',
    url: '/jobs/:id/cancel',
    access: { scope: 'jobs:run' },
    params: jobParams,
    doc: {
      id: 'cancelJob',
      tag: 'Jobs',
      summary: 'Cancel a job',
      description:
        'Answers 200 when it is cancelled, 202 while a running one is being ended: it is `cancelled` only once its work is ' +
        'really gone. A finished job is a conflict.',
      requestBody: {
        required: false,
        content: { 'application/json': { schema: CancelRequest, example: { reason: 'wrong file' } } },
      },
      responses: {
        200: { description: 'It is cancelled.', schema: Job, example: { ...exampleJob, state: 'cancelled' } },
        202: {
          description: 'It is being ended.',
          schema: Job,
          headers: retryHeader,
          example: { ...exampleJob, state: 'running', cancel: { requestedAt: '2026-11-22T09:30:05.000Z' } },
        },
      },
      errors: ['not-found', 'conflict'],
      flow: {
        order: 30,
        path: { id: '{{cancelJobId}}' },
        prepare: [{ operation: 'submitJob', body: { ...exampleSubmit, start: false }, save: { cancelJobId: 'id' } }],
      },
    },
    handler: async (request, reply) => {
      const { reason } = parseWith(CancelRequest, request.body ?? {});
      const job = await engine.jobs.cancel(
        caller(request),
        jobRef(request.params.id),
        reason === undefined ? {} : { reason },
      );
      if (!isFinal(job.state)) reply.code(202).header('retry-after', '1');
      return reply.send(jobWire(job, basePath));
    },
  });

  route(scope, {
    method: 'POST',
    url: '/jobs/:id/retry',
    access: { scope: 'jobs:run' },
    params: jobParams,
    doc: {
      id: 'retryJob',
      tag: 'Jobs',
      summary: 'Run a finished job again',
      description: 'Makes a new job with the same workflow version, input and settings.',
      headers: idempotencyHeader,
      requestBody: {
        required: false,
        content: { 'application/json': { schema: RetryRequest, example: { keepSteps: false } } },
      },
      responses: {
        202: {
          description: 'The new job.',
          schema: Job,
          headers: { ...locationHeader, ...retryHeader },
          example: { ...exampleJob, id: 2, retryOf: 1 },
        },
      },
      errors: ['not-found', 'conflict', 'idempotency-conflict'],
      flow: {
        order: 40,
        path: { id: '{{doneJobId}}' },
        prepare: [{ operation: 'submitJob', headers: { Prefer: 'wait=20' }, save: { doneJobId: 'id' } }],
      },
    },
    handler: async (request, reply) => {
      const { keepSteps = false } = parseWith(RetryRequest, request.body ?? {});
      const principal = caller(request);
      const idempotency = idempotencyOf(request, { body: [request.params.id, keepSteps] });
      const job = await engine.jobs.retry(principal, jobRef(request.params.id), {
        keepSteps,
        ...(idempotency === undefined ? {} : { idempotency }),
      });
      return reply
        .code(202)
        .headers({ location: `${basePath}/jobs/${job.id}`, 'retry-after': '1' })
        .send(jobWire(job, basePath));
    },
  });
}
