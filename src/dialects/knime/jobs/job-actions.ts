import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { caller } from '../../../http/access.ts';
import { route } from '../../../http/routes.ts';
import { fail, isMillraceError } from '../../../model/errors.ts';
import { isFinal } from '../../../model/job.ts';
import { masonAnswer } from '../mason.ts';
import { flag } from '../query.ts';
import type { Face } from './face.ts';
import { findJob, uuidOf } from './find-job.ts';
import { sendJob } from './job-answer.ts';
import { exampleJob, Job, jobParams } from './job-schemas.ts';
import { timeoutField } from './timeout.ts';

/** Cancel, swap out, load again (reference section 9.4). */
export function addJobActions(scope: FastifyInstance, face: Face): void {
  const { engine } = face;
  const common = { access: { scope: 'jobs:run' }, params: jobParams } as const;
  const timeout = timeoutField('How long it may take.');

  route(scope, {
    ...common,
    method: 'DELETE',
    url: '/v4/jobs/:uuid/execution',
    doc: {
      id: 'knimeCancelJob',
      tag: 'Jobs',
      summary: 'Cancel the run of a job',
      description: 'The job stays, and can be run again. One that does not run is left as it is.',
      responses: { 204: { description: 'Its end is asked for.' } },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const job = await findJob(face, principal, request.params.uuid, 'change');
      if (!isFinal(job.state) && job.state !== 'loaded') {
        // It may end by itself at this very moment.
        await engine.jobs.cancel(principal, job.id).catch((error) => {
          if (!isMillraceError(error) || error.code !== 'conflict') throw error;
        });
      }
      return reply.code(204).send();
    },
  });

  route(scope, {
    ...common,
    method: 'PUT',
    url: '/v4/jobs/:uuid/swap',
    query: z.object({ timeout, asyncSwapping: flag('False: wait until it is swapped out.', true) }),
    doc: {
      id: 'knimeSwapJob',
      tag: 'Jobs',
      summary: 'Swap a job out',
      description: 'A job that does not run takes no memory here; it is only marked.',
      responses: { 200: masonAnswer('The job.', Job, { ...exampleJob, isSwapped: true }) },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const job = await findJob(face, caller(request), request.params.uuid, 'change');
      const uuid = uuidOf(face, job);
      if (!isFinal(job.state) && job.state !== 'loaded') {
        throw fail('invalid-input', `Job ${uuid} is executing; it can be swapped out once it has ended.`);
      }
      face.swapped.add(uuid);
      return sendJob(request, reply, face, job);
    },
  });

  route(scope, {
    ...common,
    method: 'PUT',
    url: '/v4/jobs/:uuid/load',
    query: z.object({ timeout, asyncLoading: flag('True: do not wait until it is loaded.') }),
    doc: {
      id: 'knimeLoadJob',
      tag: 'Jobs',
      summary: 'Load a job that was swapped out',
      responses: { 200: masonAnswer('The job.', Job, exampleJob) },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const job = await findJob(face, caller(request), request.params.uuid, 'change');
      face.swapped.delete(uuidOf(face, job));
      return sendJob(request, reply, face, job);
    },
  });
}
