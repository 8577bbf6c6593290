import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { caller } from '../../../http/access.ts';
import { route } from '../../../http/routes.ts';
import { fail } from '../../../model/errors.ts';
import { isJsonObject, type JsonObject } from '../../../model/json.ts';
import { linksOf } from '../links.ts';
import { JSON_TYPE, masonAnswer } from '../mason.ts';
import { flag } from '../query.ts';
import { changeOf } from './change.ts';
import type { Face } from './face.ts';
import { findJob, uuidOf } from './find-job.ts';
import { checkSet } from './input-errors.ts';
import { sendJob } from './job-answer.ts';
import { sendJobs } from './job-list.ts';
import { exampleInput, exampleJob, exampleList, Job, JobList, jobParams } from './job-schemas.ts';
import { timeoutField } from './timeout.ts';

const listQuery = z.object({
  user: z.string().max(255).optional().meta({ description: 'Only jobs of this user.', example: 'guest' }),
});
const changeQuery = z.object({
  reset: flag('True: reset all nodes.'),
  timeout: timeoutField('How long loading may take.'),
});

/** Jobs: the list, one, and changes to one (reference section 9.4). */
export function addJobs(scope: FastifyInstance, face: Face): void {
  const { engine } = face;

  route(scope, {
    method: 'GET',
    url: '/v4/jobs',
    access: { scope: 'jobs:read' },
    query: listQuery,
    doc: {
      id: 'knimeListJobs',
      tag: 'Jobs',
      summary: 'List jobs',
      responses: { 200: masonAnswer('All that the caller may see, newest first.', JobList, exampleList) },
    },
    handler: (request, reply) => {
      const { user } = request.query;
      const self = `${linksOf(request, face).root}/v4/jobs`;
      return sendJobs(request, reply, face, user === undefined || user === '' ? {} : { owner: user }, self);
    },
  });

  route(scope, {
    method: 'GET',
    url: '/v4/jobs/:uuid',
    access: { scope: 'jobs:read' },
    params: jobParams,
    doc: {
      id: 'knimeGetJob',
      tag: 'Jobs',
      summary: 'Read a job',
      responses: { 200: masonAnswer('The job as it is now.', Job, exampleJob) },
      errors: ['not-found'],
    },
    handler: async (request, reply) =>
      sendJob(request, reply, face, await findJob(face, caller(request), request.params.uuid)),
  });

  route(scope, {
    method: 'PUT',
    url: '/v4/jobs/:uuid',
    access: { scope: 'jobs:run' },
    params: jobParams,
    query: changeQuery,
    doc: {
      id: 'knimeChangeJob',
      tag: 'Jobs',
      summary: 'Change what a job will run with',
      description:
        'The body is the document just read, with other `inputParameters`; all else in it is passed over. A job that has ' +
        'ended is then loaded again and has no results until its next run.',
      requestBody: {
        content: { [JSON_TYPE]: { schema: z.looseObject({}), example: { inputParameters: exampleInput } } },
      },
      responses: { 200: masonAnswer('The job with its changes.', Job, { ...exampleJob, state: 'CONFIGURED' }) },
      errors: ['not-found', 'invalid-workflow-input', 'conflict'],
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const job = await findJob(face, principal, request.params.uuid, 'change');
      const version = await engine.jobs.definition(job);
      const values = inputParameters(request.body ?? {});
      const change = await changeOf(face, job, version, { values, files: [] });
      checkSet(face, version, change.set);
      // What is sent back as it was read is no change, whatever state the job is in.
      if (!change.isNew && !request.query.reset) return sendJob(request, reply, face, job);
      return sendJob(
        request,
        reply,
        face,
        await engine.jobs.again(principal, uuidOf(face, job), { ...change, start: false }),
      );
    },
  });
}

function inputParameters(body: unknown): JsonObject {
  const found = isJsonObject(body) ? (body['inputParameters'] ?? {}) : undefined;
  if (isJsonObject(found)) return found;
  const where = isJsonObject(body) ? '"inputParameters"' : 'The body';
  throw fail('invalid-input', {
    detail: `${where} must be an object; a job document is accepted, such as {"inputParameters": {…}}.`,
    errors: [{ pointer: isJsonObject(body) ? 'inputParameters' : '', message: 'Accepted is an object.' }],
  });
}
