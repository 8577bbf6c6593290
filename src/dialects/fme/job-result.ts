import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { route } from '../../http/routes.ts';
import { isFinal } from '../../model/job.ts';
import { choices } from './choices.ts';
import { flag, whole } from './fields.ts';
import { knownJob } from './find-job.ts';
import { exampleResult, FmeJobResult, FmePending, jobParams } from './job-schemas.ts';
import { pendingWire, resultWire } from './job-wire.ts';

const { longPoll } = choices;

const query = z.object({
  longPoll: flag('True: wait for the end.'),
  longPollInterval: whole(
    { min: longPoll.min, max: longPoll.max },
    { description: 'Wait at most so many seconds.', default: longPoll.default },
  ),
});

/** How a job ended, waited for or not. */
export function addJobResult(scope: FastifyInstance, context: DialectContext): void {
  const { engine } = context;
  route(scope, {
    method: 'GET',
    url: '/jobs/:id/result',
    access: { scope: 'jobs:read' },
    params: jobParams,
    query,
    doc: {
      id: 'fmeGetJobResult',
      tag: 'Jobs',
      summary: 'How a job ended',
      description: 'Answers 200 once the job has ended, however it did. Until then 202: ask again.',
      responses: {
        200: { description: 'The end.', schema: FmeJobResult, example: exampleResult },
        202: { description: 'Not yet.', schema: FmePending, example: { id: 42, status: 'running' } },
      },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const principal = caller(request);
      const waitMs = request.query.longPoll === true ? (request.query.longPollInterval ?? longPoll.default) * 1000 : 0;
      const job = await knownJob(id, () =>
        waitMs === 0
          ? engine.jobs.get(principal, id)
          : engine.waiting.untilFinal(principal, id, waitMs, context.interest(reply, waitMs)),
      );
      return isFinal(job.state) ? reply.send(resultWire(job)) : reply.code(202).send(pendingWire(job));
    },
  });
}
