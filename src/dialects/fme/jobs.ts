import type { FastifyInstance } from 'fastify';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { idempotencyHeader } from '../../http/idempotency.ts';
import { route } from '../../http/routes.ts';
import { isFinal } from '../../model/job.ts';
import { findJob } from './find-job.ts';
import { untilEnd } from './job-end.ts';
import {
  exampleJob,
  exampleRequest,
  exampleResult,
  FmeAccepted,
  FmeJob,
  FmeJobRequest,
  FmeJobResult,
  FmePending,
  jobParams,
} from './job-schemas.ts';
import { jobWire, pendingWire, resultWire } from './job-wire.ts';
import { resultUrl } from './result-url.ts';
import { submit, submitErrors } from './submit.ts';

const requestBody = { content: { 'application/json': { schema: FmeJobRequest, example: exampleRequest } } };

/** Submit, with and without waiting, and read one job. */
export function addJobs(scope: FastifyInstance, context: DialectContext): void {
  const { engine, basePath } = context;
  const tag = 'Jobs';

  route(scope, {
    method: 'POST',
    url: '/jobs',
    access: { scope: 'jobs:run' },
    body: FmeJobRequest,
    doc: {
      id: 'fmeSubmitJob',
      tag,
      summary: 'Submit a job',
      description: 'Answers once the job is on disk; it runs on its own. Its result is at `GET /jobs/{id}/result`.',
      headers: idempotencyHeader,
      requestBody,
      responses: {
        202: {
          description: 'It is accepted.',
          schema: FmeAccepted,
          headers: { Location: { description: 'Address of the job.', example: '/fmeapiv4/jobs/42' } },
          example: { id: 42 },
        },
      },
      errors: submitErrors,
    },
    handler: async (request, reply) => {
      const { id } = await submit(request, context, request.body);
      return reply.code(202).header('location', `${basePath}/fmeapiv4/jobs/${id}`).send({ id });
    },
  });

  route(scope, {
    method: 'POST',
    url: '/jobs/sync',
    access: { scope: 'jobs:run' },
    body: FmeJobRequest,
    doc: {
      id: 'fmeSubmitJobAndWait',
      tag,
      summary: 'Submit a job and wait for its end',
      description: 'Answers 200 however the job ends. A client that leaves does not stop it.',
      headers: idempotencyHeader,
      requestBody,
      responses: {
        200: { description: 'It has ended.', schema: FmeJobResult, example: exampleResult },
        202: {
          description: 'The server stops; the job goes on.',
          schema: FmePending,
          example: { id: 42, status: 'running' },
        },
      },
      errors: submitErrors,
    },
    handler: async (request, reply) => {
      const { id } = await submit(request, context, request.body);
      const job = await untilEnd(request, reply, context, id);
      return isFinal(job.state) ? reply.send(resultWire(job)) : reply.code(202).send(pendingWire(job));
    },
  });

  route(scope, {
    method: 'GET',
    url: '/jobs/:id',
    access: { scope: 'jobs:read' },
    params: jobParams,
    doc: {
      id: 'fmeGetJob',
      tag,
      summary: 'Read a job',
      description: 'As it is now; never waits.',
      responses: { 200: { description: 'The job.', schema: FmeJob, example: exampleJob } },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const job = await findJob(context, caller(request), request.params.id);
      const log = (await engine.logs.counts([job])).get(job.id);
      return reply.send(jobWire(job, log, resultUrl(request, context, job)));
    },
  });
}
