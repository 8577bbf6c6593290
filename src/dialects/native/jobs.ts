import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { idempotencyHeader } from '../../http/idempotency.ts';
import { takeMultipart } from '../../http/multipart.ts';
import { instant, queryInteger, queryList, toMs } from '../../http/query.ts';
import { route } from '../../http/routes.ts';
import { parseWith } from '../../http/validation.ts';
import { jobStates } from '../../model/job.ts';
import { exampleJob, exampleSubmit, Job, JobPage, JobSubmit, jobParams } from './job-schemas.ts';
import { jobWire } from './job-wire.ts';
import { nextLink } from './paging.ts';
import { appliedHeader, locationHeader, preferHeader, retryHeader } from './prefer-docs.ts';
import { type JobQuery, jobRef } from './refs.ts';
import { answerSubmitted, submitRequest } from './submit.ts';
import { readSubmit } from './submit-body.ts';

const accepted = { description: 'It is on disk and will run.', schema: Job, example: exampleJob };

/** Submit, list, read and remove jobs. */
export async function addJobs(scope: FastifyInstance, context: DialectContext): Promise<void> {
  const { engine, basePath } = context;
  await scope.register(async (uploads) => {
    await takeMultipart(uploads, context.limits);
    route(uploads, {
      method: 'POST',
      url: '/jobs',
      access: { scope: 'jobs:run' },
      upload: true,
      doc: {
        id: 'submitJob',
        tag: 'Jobs',
        summary: 'Start a workflow',
        description:
          'Answers 202 once the job is on disk. With `Prefer: wait=N` it answers 200 with `output` or `error` if the job ends ' +
          'within N seconds, and else 202 all the same.\n\nAs `multipart/form-data`: the part `job` holds the JSON body; each ' +
          'further text field `x` becomes `input.x`; each file is stored as an input file of the job, and its name becomes ' +
          '`input.<field>`.',
        headers: { ...preferHeader, ...idempotencyHeader },
        requestBody: {
          content: {
            'application/json': { schema: JobSubmit, example: exampleSubmit },
            'multipart/form-data': { schema: z.looseObject({ job: JobSubmit }) },
          },
        },
        responses: {
          200: {
            description: 'It has ended within the wait; also for a failed or cancelled job.',
            schema: Job,
            headers: { ...locationHeader, ...appliedHeader },
            example: { ...exampleJob, state: 'completed', output: { slept: 10 } },
          },
          202: { ...accepted, headers: { ...locationHeader, ...retryHeader, ...appliedHeader } },
        },
        errors: ['not-found', 'conflict', 'invalid-workflow-input', 'invalid-definition', 'idempotency-conflict'],
        flow: { order: 1, headers: { Prefer: 'wait=20' }, save: { jobId: 'id' } },
      },
      handler: async (request, reply) => {
        const read = readSubmit(request, context, 'job');
        const submitted = read instanceof Promise ? await read : read;
        const asked = submitRequest(request, parseWith(JobSubmit, submitted.body), submitted);
        return answerSubmitted(request, reply, context, await engine.jobs.submit(caller(request), asked));
      },
    });
  });

  route(scope, {
    method: 'GET',
    url: '/jobs',
    access: { scope: 'jobs:read' },
    query: jobFilters,
    doc: {
      id: 'listJobs',
      tag: 'Jobs',
      summary: 'List jobs',
      description: 'Newest first unless `order=oldest`. The `Link` header leads to the next page.',
      responses: {
        200: {
          description: 'One page.',
          schema: JobPage,
          headers: { Link: { description: 'Next page.', example: '</jobs?cursor=abc>; rel="next"' } },
          example: { items: [exampleJob] },
        },
      },
      flow: { order: 10, query: { limit: '10' } },
    },
    handler: async (request, reply) => {
      const page = await engine.jobs.list(caller(request), jobQuery(request.query));
      if (page.next !== undefined) reply.header('link', nextLink(request, basePath, page.next));
      return reply.send({
        items: page.items.map((job) => jobWire(job, basePath)),
        ...(page.next === undefined ? {} : { next: page.next }),
      });
    },
  });

  route(scope, {
    method: 'GET',
    url: '/jobs/:id',
    access: { scope: 'jobs:read' },
    params: jobParams,
    doc: {
      id: 'getJob',
      tag: 'Jobs',
      summary: 'Read a job',
      responses: { 200: { description: 'The job as it is now.', schema: Job, example: exampleJob } },
      errors: ['not-found'],
      flow: { order: 11, path: { id: '{{jobId}}' } },
    },
    handler: async (request, reply) =>
      reply.send(jobWire(await engine.jobs.get(caller(request), jobRef(request.params.id)), basePath)),
  });

  route(scope, {
    method: 'DELETE',
    url: '/jobs/:id',
    access: { scope: 'jobs:run' },
    params: jobParams,
    doc: {
      id: 'deleteJob',
      tag: 'Jobs',
      summary: 'Remove a finished job',
      description: 'It goes out of every list, with its log and files. An unfinished one has to be cancelled first.',
      responses: { 204: { description: 'It is gone.' } },
      errors: ['not-found', 'conflict'],
      flow: { order: 99, path: { id: '{{jobId}}' } },
    },
    handler: async (request, reply) => {
      await engine.jobs.discard(caller(request), jobRef(request.params.id));
      return reply.code(204).send();
    },
  });
}

/** What a list of jobs can be narrowed to. */
export const jobFilters = z.strictObject({
  state: queryList(jobStates, 'One or more states, joined with commas.', 'completed'),
  workflow: z
    .string()
    .min(1)
    .max(1024)
    .optional()
    .meta({ description: 'Path; with a slash at the end: everything in the folder.', example: '/Tutorials/' }),
  owner: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'Name of the user who submitted.', example: 'admin' }),
  queue: z.string().min(1).max(100).optional().meta({ description: 'Name of the queue.', example: 'default' }),
  label: z
    .string()
    .min(1)
    .max(320)
    .optional()
    .meta({ description: 'A label: `name` or `name=value`.', example: 'team=finance' }),
  businessKey: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .meta({ description: 'Your own name for it.', example: 'order-4711' }),
  dialect: z.string().min(1).max(20).optional().meta({ description: 'API it came through.', example: 'native' }),
  parent: queryInteger({ min: 1, max: 999_999_999_999_999, description: 'Children of this job.', example: 1 }),
  from: instant('Created at or after this.').optional(),
  to: instant('Created before this.').optional(),
  order: z
    .enum(['newest', 'oldest'])
    .optional()
    .meta({ description: 'By creation.', default: 'newest', example: 'newest' }),
  limit: queryInteger({ min: 1, max: 1000, default: 50, description: 'Jobs on one page.' }),
  cursor: z.string().min(1).max(500).optional().meta({ description: '`next` of the page before.', example: 'abc' }),
});

export function jobQuery(filters: z.output<typeof jobFilters>): JobQuery {
  const { state, workflow, owner, queue, label, businessKey, dialect, parent, from, to, order, limit, cursor } =
    filters;
  const equals = label?.indexOf('=') ?? -1;
  return {
    ...(state === undefined ? {} : { states: state }),
    ...(workflow === undefined ? {} : { workflow: workflow.startsWith('/') ? workflow : `/${workflow}` }),
    ...(owner === undefined ? {} : { owner }),
    ...(queue === undefined ? {} : { queue }),
    ...(label === undefined
      ? {}
      : { label: equals < 0 ? { name: label } : { name: label.slice(0, equals), value: label.slice(equals + 1) } }),
    ...(businessKey === undefined ? {} : { businessKey }),
    ...(dialect === undefined ? {} : { dialect }),
    ...(parent === undefined ? {} : { parent }),
    ...(from === undefined ? {} : { createdFrom: toMs(from) }),
    ...(to === undefined ? {} : { createdTo: toMs(to) }),
    ...(cursor === undefined ? {} : { cursor }),
    order: order ?? 'newest',
    limit: limit ?? 50,
  };
}
