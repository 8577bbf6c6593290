import type { FastifyInstance } from 'fastify';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { route } from '../../http/routes.ts';
import type { Job } from '../../model/job.ts';
import type { Json } from '../../model/json.ts';
import type { Principal } from '../../model/principal.ts';
import { choices } from './choices.ts';
import { withSharedTexts } from './file-parameters.ts';
import { findJob } from './find-job.ts';
import { exampleRequest, FmeSubmittedRequest, jobParams } from './job-schemas.ts';
import { nameOf } from './names.ts';
import { flattened, parametersOf } from './parameters.ts';
import { queueWire } from './queue-names.ts';

/** What a job was asked to do, as a body that can be submitted again; passwords are hidden. */
export function addJobRequest(scope: FastifyInstance, context: DialectContext): void {
  route(scope, {
    method: 'GET',
    url: '/jobs/:id/request',
    access: { scope: 'jobs:read' },
    params: jobParams,
    doc: {
      id: 'fmeGetJobRequest',
      tag: 'Jobs',
      summary: 'Read what was submitted',
      description: 'With the defaults filled in. Passwords are not shown.',
      responses: {
        200: {
          description: 'The request.',
          schema: FmeSubmittedRequest,
          example: { ...exampleRequest, queue: 'Default', successTopics: [], failureTopics: [], directives: {} },
        },
      },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const job = await findJob(context, principal, request.params.id);
      return reply.send(requestWire(job, await submittedParameters(context, principal, job)));
    },
  });
}

/** The parameters of a job as they were sent, with its defaults filled in and passwords hidden. */
export async function submittedParameters(
  context: DialectContext,
  principal: Principal,
  job: Job,
): Promise<Record<string, Json>> {
  const { engine } = context;
  return shownParameters(
    context,
    principal,
    job.workflow,
    await engine.jobs.input(principal, job.id, choices.hiddenValue),
  );
}

/** An input of a workflow as clients send it. */
export async function shownParameters(
  context: DialectContext,
  principal: Principal,
  path: string,
  input: Json,
): Promise<Record<string, Json>> {
  // A workspace that is gone leaves its values in the form the run had them.
  const workflow = await context.engine.workflows.get(principal, path).catch(() => undefined);
  const parameters = parametersOf(workflow?.current?.info.inputSchema);
  return withSharedTexts(context, parameters, flattened(input, parameters));
}

/** A run as it was asked for. */
export function requestWire(
  job: Pick<Job, 'workflow' | 'queue' | 'limits' | 'publish'>,
  publishedParameters: Record<string, Json>,
) {
  const { limits, publish } = job;
  const seconds = (ms: number) => Math.round(ms / 1000);
  return {
    ...nameOf(job.workflow),
    publishedParameters,
    queue: queueWire(job.queue),
    ...(limits.queueMs === undefined ? {} : { maxTimeInQueue: seconds(limits.queueMs) }),
    ...(limits.sinceStartMs === undefined ? {} : { maxJobRuntime: seconds(limits.sinceStartMs) }),
    ...(limits.totalMs === undefined ? {} : { maxTotalLifeTime: seconds(limits.totalMs) }),
    successTopics: publish?.completed ?? [],
    failureTopics: publish?.failed ?? [],
    directives: publish?.attributes ?? {},
  };
}
