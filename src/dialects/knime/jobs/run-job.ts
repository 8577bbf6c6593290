import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { caller } from '../../../http/access.ts';
import { idempotencyHeader, idempotencyOf } from '../../../http/idempotency.ts';
import { route } from '../../../http/routes.ts';
import { isFinal, type Job } from '../../../model/job.ts';
import { masonAnswer } from '../mason.ts';
import { flag } from '../query.ts';
import { changeOf } from './change.ts';
import type { Face } from './face.ts';
import { findJob, uuidOf } from './find-job.ts';
import { withInputErrors } from './input-errors.ts';
import { sendJob } from './job-answer.ts';
import { exampleInput, exampleJob, Job as JobSchema, jobParams, Parameters } from './job-schemas.ts';
import { readParameters } from './parameter-body.ts';
import { refuseNoTime, timeoutField, waitOf, waitOver } from './timeout.ts';

const query = z.object({
  async: flag('True: start it and answer at once.', true),
  reset: flag('True: reset all nodes first. Every run begins anew here, so it changes nothing.'),
  timeout: timeoutField('How long it may run; then it is cancelled and the answer is 504. Not with `async`.'),
});

/** Multi step: run a job, as often as wanted (reference section 9.3). */
export function addRunJob(scope: FastifyInstance, face: Face): void {
  const { engine } = face;
  route(scope, {
    method: 'POST',
    url: '/v4/jobs/:uuid',
    access: { scope: 'jobs:run' },
    params: jobParams,
    query,
    upload: true,
    doc: {
      id: 'knimeRunJob',
      tag: 'Jobs',
      summary: 'Run a job',
      description:
        'Parameters stay set for its next run; null sets one back to its default. A workflow that fails is answered 200 ' +
        'with a failed `state` and the reason in the last of `nodeMessages`.',
      headers: idempotencyHeader,
      requestBody: {
        content: {
          'application/json': { schema: Parameters, example: exampleInput },
          'multipart/form-data': { schema: z.looseObject({}) },
        },
      },
      responses: { 200: masonAnswer('It has ended, or is started.', JobSchema, exampleJob) },
      errors: ['not-found', 'invalid-workflow-input', 'conflict', 'wait-over', 'too-large', 'idempotency-conflict'],
    },
    handler: async (request, reply) => {
      const { async: goesOn, timeout } = request.query;
      const principal = caller(request);
      const before = await findJob(face, principal, request.params.uuid, 'change');
      const uuid = uuidOf(face, before);
      const version = await engine.jobs.definition(before);
      const sent = await readParameters(request, face, version, await engine.jobs.readPayload(before.input));
      const change = await changeOf(face, before, version, sent);
      if (!goesOn) refuseNoTime(timeout, `The job ${uuid} did not end within 0 ms (timeout) and was not started.`);
      const idempotency = idempotencyOf(request, { body: sent.values, files: sent.files, route: `jobs/${uuid}` });
      const started = await withInputErrors(version, () =>
        engine.jobs.again(principal, uuid, {
          ...change,
          start: true,
          ...(idempotency === undefined ? {} : { idempotency }),
        }),
      );
      face.swapped.delete(uuid);
      const job = goesOn ? started : await untilEnd(request, reply, face, started, timeout);
      return sendJob(request, reply, face, job);
    },
  });
}

/** The job at its end. One that takes too long is cancelled; where the server stops first, it is told as it is then. */
async function untilEnd(
  request: FastifyRequest,
  reply: FastifyReply,
  face: Face,
  { id }: Job,
  timeout: number | undefined,
): Promise<Job> {
  const principal = caller(request);
  const { waiting, jobs } = face.engine;
  const waitMs = waitOf(timeout);
  const interest = face.interest(reply, waitMs);
  const job = await waiting.untilFinal(principal, id, waitMs, interest);
  if (isFinal(job.state) || interest.lost) return job;
  await jobs.cancel(principal, id, { reason: `It took longer than ${waitMs} ms (timeout).` }).catch(() => {});
  throw waitOver('job', waitMs);
}
