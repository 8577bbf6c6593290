import type { FastifyInstance } from 'fastify';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { route } from '../../../http/routes.ts';
import { fail, isMillraceError } from '../../../model/errors.ts';
import { findJob } from '../find-job.ts';
import { cancelJob } from '../job-end.ts';
import { jobParams } from '../job-schemas.ts';
import { statusOf } from '../job-status.ts';
import { messages } from '../messages.ts';
import { V3_JOBS_TAG } from './submit.ts';

/** Cancel: clients try the address of queued jobs first, then that of running ones (reference section 9.2). */
export function addV3JobActions(scope: FastifyInstance, context: DialectContext): void {
  for (const state of ['queued', 'running'] as const) {
    route(scope, {
      method: 'DELETE',
      url: `/transformations/jobs/${state}/:id`,
      access: { scope: 'jobs:run' },
      params: jobParams,
      doc: {
        id: state === 'queued' ? 'fmeV3CancelQueuedJob' : 'fmeV3CancelRunningJob',
        tag: V3_JOBS_TAG,
        summary: `V3: cancel a ${state} job`,
        description: `Of a job that is not ${state}: 404.`,
        responses: { 204: { description: 'It is cancelled.' } },
        errors: ['not-found'],
      },
      handler: async (request, reply) => {
        const { id } = request.params;
        const noSuchJob = () => fail('not-found', messages.jobNotThere(id, state));
        if (statusOf(await findJob(context, caller(request), id)) !== state) throw noSuchJob();
        try {
          await cancelJob(request, reply, context, id);
        } catch (error) {
          // It has ended meanwhile.
          if (isMillraceError(error) && error.code === 'conflict') throw noSuchJob();
          throw error;
        }
        return reply.code(204).send();
      },
    });
  }
}
