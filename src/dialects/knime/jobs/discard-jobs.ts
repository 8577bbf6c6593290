import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { caller } from '../../../http/access.ts';
import { route } from '../../../http/routes.ts';
import { parseWith } from '../../../http/validation.ts';
import { isMillraceError } from '../../../model/errors.ts';
import { isFinal, type Job } from '../../../model/job.ts';
import type { Principal } from '../../../model/principal.ts';
import { choices } from '../choices.ts';
import { JSON_TYPE } from '../mason.ts';
import type { Face } from './face.ts';
import { findJob } from './find-job.ts';
import { exampleJob, jobParams } from './job-schemas.ts';

const Uuids = z.array(z.string().max(100)).max(10_000).meta({ id: 'KnimeJobIds', description: 'UUIDs of jobs.' });

/** Throwing jobs away (reference section 9.4). */
export function addDiscardJobs(scope: FastifyInstance, face: Face): void {
  const common = { method: 'DELETE', access: { scope: 'jobs:run' } } as const;

  route(scope, {
    ...common,
    url: '/v4/jobs/:uuid',
    params: jobParams,
    doc: {
      id: 'knimeDeleteJob',
      tag: 'Jobs',
      summary: 'Discard a job',
      description: 'A running one is cancelled first.',
      responses: { 204: { description: 'It is gone.' } },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      await discard(face, principal, await findJob(face, principal, request.params.uuid, 'change'));
      return reply.code(204).send();
    },
  });

  route(scope, {
    ...common,
    url: '/v4/jobs',
    doc: {
      id: 'knimeDeleteJobs',
      tag: 'Jobs',
      summary: 'Discard several jobs',
      description: 'None is discarded when one of them is unknown.',
      requestBody: { required: true, content: { [JSON_TYPE]: { schema: Uuids, example: [exampleJob.id] } } },
      responses: { 204: { description: 'They are gone.' } },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const uuids = parseWith(Uuids, request.body ?? null);
      const jobs = await Promise.all([...new Set(uuids)].map((uuid) => findJob(face, principal, uuid, 'change')));
      await Promise.all(jobs.map((job) => discard(face, principal, job)));
      return reply.code(204).send();
    },
  });
}

/** From here on the job cannot be found, also where it takes longer to end or this process ends first. */
async function discard({ engine }: Face, principal: Principal, job: Job): Promise<void> {
  if (!isFinal(job.state)) {
    // It may end by itself at this very moment.
    await unless('conflict', engine.jobs.cancel(principal, job.id, { discard: true }));
    await engine.waiting.untilFinal(principal, job.id, choices.patienceMs);
  }
  // Somebody else may have discarded it meanwhile.
  await unless('not-found', engine.jobs.discardSeries(principal, job.id));
}

async function unless(code: 'conflict' | 'not-found', doing: Promise<unknown>): Promise<void> {
  try {
    await doing;
  } catch (error) {
    if (!isMillraceError(error) || error.code !== code) throw error;
  }
}
