import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { idempotencyHeader } from '../../http/idempotency.ts';
import { takeMultipart } from '../../http/multipart.ts';
import { route } from '../../http/routes.ts';
import { isMillraceError } from '../../model/errors.ts';
import type { Json } from '../../model/json.ts';
import { exampleJob, Job, JobPage } from './job-schemas.ts';
import { jobWire } from './job-wire.ts';
import { jobFilters, jobQuery } from './jobs.ts';
import { nextLink } from './paging.ts';
import { appliedHeader, locationHeader, preferHeader, retryHeader } from './prefer-docs.ts';
import { execute } from './results.ts';
import { answerSubmitted, submitRequest } from './submit.ts';
import { readSubmit } from './submit-body.ts';
import { workflowDocument } from './workflow-document.ts';
import { Validation } from './workflow-schemas.ts';
import { brokenDefinition, pathParameters, workflowPath } from './workflows.ts';

const anyInput = z.any().meta({ description: 'The input itself.' });
const exampleInput = { location: ['Berlin'] };

/** What can be done with one workflow: check an input, run it, list its jobs, read its own document. */
export async function addWorkflowJobs(scope: FastifyInstance, context: DialectContext): Promise<void> {
  const { engine, basePath } = context;
  const body = { content: { 'application/json': { schema: anyInput, example: exampleInput } } };
  const runErrors = [
    'not-found',
    'invalid-path',
    'conflict',
    'invalid-workflow-input',
    'invalid-definition',
    'idempotency-conflict',
  ] as const;

  await scope.register(async (uploads) => {
    await takeMultipart(uploads, context.limits);
    route(uploads, {
      method: 'POST',
      url: '/workflows/*',
      verb: 'jobs',
      access: { scope: 'jobs:run' },
      upload: true,
      doc: {
        id: 'submitWorkflowJob',
        tag: 'Workflows',
        summary: 'Start this workflow',
        description:
          'As `POST /jobs`, but the body is the input itself. Multipart: fields and files become the input; a part `input` holds it as JSON.',
        path: '/workflows/{path}:jobs',
        pathParameters,
        headers: { ...preferHeader, ...idempotencyHeader },
        requestBody: {
          content: { ...body.content, 'multipart/form-data': { schema: z.looseObject({ input: z.any().optional() }) } },
        },
        responses: {
          200: {
            description: 'It has ended within the wait.',
            schema: Job,
            headers: { ...locationHeader, ...appliedHeader },
            example: { ...exampleJob, state: 'completed', output: {} },
          },
          202: {
            description: 'It is on disk and will run.',
            schema: Job,
            headers: { ...locationHeader, ...retryHeader, ...appliedHeader },
            example: exampleJob,
          },
        },
        errors: runErrors,
        flow: { order: 20 },
      },
      handler: async (request, reply) => {
        const submitted = await readSubmit(request, context, 'input');
        const workflow = workflowPath(request, 'jobs');
        const asked = { workflow, input: submitted.body };
        const submit = submitRequest(request, asked, submitted, `/workflows${workflow}:jobs`);
        return answerSubmitted(request, reply, context, await engine.jobs.submit(caller(request), submit));
      },
    });

    route(uploads, {
      method: 'POST',
      url: '/workflows/*',
      verb: 'execution',
      access: { scope: 'jobs:run' },
      upload: true,
      doc: {
        id: 'executeWorkflow',
        tag: 'Workflows',
        summary: 'Run this workflow in one call',
        description: 'As `POST /execution`, but the body is the input itself.',
        path: '/workflows/{path}:execution',
        pathParameters,
        headers: { ...preferHeader, ...idempotencyHeader },
        requestBody: {
          content: { ...body.content, 'multipart/form-data': { schema: z.looseObject({ input: z.any().optional() }) } },
        },
        responses: {
          200: { description: 'The output.', schema: z.any(), example: { slept: 10 } },
          202: {
            description: 'It goes on as an ordinary job.',
            schema: Job,
            headers: { ...locationHeader, ...retryHeader },
            example: exampleJob,
          },
        },
        errors: [...runErrors, 'workflow-failed', 'step-failed'],
        flow: { order: 21, headers: { Prefer: 'wait=20' } },
      },
      handler: async (request, reply) => {
        const submitted = await readSubmit(request, context, 'input');
        const workflow = workflowPath(request, 'execution');
        const asked = { workflow, input: submitted.body };
        const submit = submitRequest(request, asked, submitted, `/workflows${workflow}:execution`);
        return execute(request, reply, context, submit);
      },
    });
  });

  route(scope, {
    method: 'GET',
    url: '/workflows/*',
    verb: 'jobs',
    access: { scope: 'jobs:read' },
    query: jobFilters.omit({ workflow: true }),
    doc: {
      id: 'listWorkflowJobs',
      tag: 'Workflows',
      summary: 'Jobs of this workflow',
      path: '/workflows/{path}:jobs',
      pathParameters,
      responses: {
        200: {
          description: 'One page.',
          schema: JobPage,
          headers: { Link: { description: 'Next page.', example: '</workflows/A/b:jobs?cursor=abc>; rel="next"' } },
          example: { items: [exampleJob] },
        },
      },
      errors: ['invalid-path'],
      flow: { order: 22 },
    },
    handler: async (request, reply) => {
      const query = jobQuery({ ...request.query, workflow: workflowPath(request, 'jobs') });
      const page = await engine.jobs.list(caller(request), query);
      if (page.next !== undefined) reply.header('link', nextLink(request, basePath, page.next));
      return reply.send({
        items: page.items.map((job) => jobWire(job, basePath)),
        ...(page.next === undefined ? {} : { next: page.next }),
      });
    },
  });

  route(scope, {
    method: 'POST',
    url: '/workflows/*',
    verb: 'validate',
    access: { scope: 'workflows:read' },
    doc: {
      id: 'validateInput',
      tag: 'Workflows',
      summary: 'Check an input without running it',
      path: '/workflows/{path}:validate',
      pathParameters,
      requestBody: body,
      responses: {
        200: {
          description: 'Whether it fits, and every error.',
          schema: Validation,
          example: { valid: true, input: exampleInput },
        },
      },
      errors: ['not-found', 'invalid-path', 'invalid-definition'],
      flow: { order: 13 },
    },
    handler: async (request, reply) => {
      try {
        const path = workflowPath(request, 'validate');
        const { input } = await engine.workflows.validateInput(caller(request), path, (request.body ?? {}) as Json);
        return reply.send({ valid: true, input });
      } catch (error) {
        // Here a misfit is what was asked for, not a failure of the request.
        if (!isMillraceError(error) || error.code !== 'invalid-workflow-input') throw error;
        return reply.send({ valid: false, errors: error.options.errors ?? [] });
      }
    },
  });

  route(scope, {
    method: 'GET',
    url: '/workflows/*',
    verb: 'openapi',
    access: { scope: 'workflows:read' },
    query: z.strictObject({
      version: z
        .enum(['3.0', '3.1'])
        .optional()
        .meta({ description: 'Of the format.', default: '3.0', example: '3.0' }),
    }),
    doc: {
      id: 'getWorkflowOpenApi',
      tag: 'Workflows',
      summary: 'This workflow as an OpenAPI document of its own',
      description:
        'Its input schema is the body of its operations; for code generators and for import into other tools.',
      path: '/workflows/{path}:openapi',
      pathParameters,
      responses: { 200: { description: 'The document.', schema: z.looseObject({}), example: { openapi: '3.0.3' } } },
      errors: ['not-found', 'invalid-path', 'invalid-definition'],
      flow: { order: 14 },
    },
    handler: async (request, reply) => {
      const workflow = await engine.workflows.get(caller(request), workflowPath(request, 'openapi'));
      if (workflow.current === undefined) throw brokenDefinition(workflow.path, workflow.issues);
      const version = request.query.version === '3.1' ? '3.1.0' : '3.0.3';
      return reply.send(workflowDocument(workflow, workflow.current, version, context.servers(request)));
    },
  });
}
