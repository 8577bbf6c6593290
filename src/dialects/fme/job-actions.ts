import type { FastifyInstance } from 'fastify';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { dropBodies } from '../../http/bodies.ts';
import { route } from '../../http/routes.ts';
import { fail, isMillraceError } from '../../model/errors.ts';
import { knownJob } from './find-job.ts';
import { cancelJob } from './job-end.ts';
import { FmeAccepted, jobParams } from './job-schemas.ts';
import { messages } from './messages.ts';
import { asRefusal, FmeRefusal } from './refusals.ts';

/** Cancel, remove, run again. They ask for no body, and whatever comes as one does not matter. */
export async function addJobActions(scope: FastifyInstance, context: DialectContext): Promise<void> {
  await scope.register((inner) => {
    inner.removeAllContentTypeParsers();
    dropBodies(inner);
    addActions(inner, context);
  });
}

function addActions(scope: FastifyInstance, context: DialectContext): void {
  const { engine, basePath } = context;
  const tag = 'Jobs';
  const common = { access: { scope: 'jobs:run' }, params: jobParams } as const;

  route(scope, {
    ...common,
    method: 'POST',
    url: '/jobs/:id/cancel',
    doc: {
      id: 'fmeCancelJob',
      tag,
      summary: 'Cancel a job',
      description: 'A queued one ends at once, a running one as soon as its work is gone. It stays in the history.',
      responses: {
        204: { description: 'It is cancelled.' },
        422: {
          description: 'It has ended already, or there is none.',
          schema: FmeRefusal,
          example: { message: messages.jobComplete(42) },
        },
      },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      try {
        await cancelJob(request, reply, context, id);
      } catch (error) {
        // Both are 422 there, also what is not found elsewhere.
        if (isMillraceError(error) && error.code === 'not-found')
          throw fail('not-found', { status: 422, detail: messages.noJob(id) });
        throw asRefusal(error, messages.jobComplete(id));
      }
      return reply.code(204).send();
    },
  });

  route(scope, {
    ...common,
    method: 'DELETE',
    url: '/jobs/:id',
    doc: {
      id: 'fmeDeleteJob',
      tag,
      summary: 'Remove a job from the history',
      description: 'Its log and files go with it.',
      responses: {
        204: { description: 'It is gone.' },
        422: {
          description: 'It has not ended.',
          schema: FmeRefusal,
          example: { message: messages.jobActive(42) },
        },
      },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      try {
        await knownJob(id, () => engine.jobs.discard(caller(request), id));
      } catch (error) {
        throw asRefusal(error, messages.jobActive(id));
      }
      return reply.code(204).send();
    },
  });

  route(scope, {
    ...common,
    method: 'POST',
    url: '/jobs/:id/rerun',
    doc: {
      id: 'fmeRerunJob',
      tag,
      summary: 'Run a job again',
      description:
        'Makes a new job with the same workspace, values and settings, passwords included, which `/request` does not ' +
        'show. This address is ours: the original has none that is public.',
      responses: {
        202: {
          description: 'The new job.',
          schema: FmeAccepted,
          headers: { Location: { description: 'Address of the job.', example: '/fmeapiv4/jobs/43' } },
          example: { id: 43 },
        },
        422: {
          description: 'It has not ended.',
          schema: FmeRefusal,
          example: { message: messages.jobActive(42) },
        },
      },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      try {
        const job = await knownJob(id, () => engine.jobs.retry(caller(request), id, { keepSteps: false }));
        return reply.code(202).header('location', `${basePath}/fmeapiv4/jobs/${job.id}`).send({ id: job.id });
      } catch (error) {
        throw asRefusal(error, messages.jobNotOver(id));
      }
    },
  });
}
