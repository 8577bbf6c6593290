import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { caller } from '../../../http/access.ts';
import { route } from '../../../http/routes.ts';
import { JSON_TYPE } from '../mason.ts';
import { flag } from '../query.ts';
import type { Face } from './face.ts';
import { findJob } from './find-job.ts';
import { jobParams } from './job-schemas.ts';
import { summaryXml, workflowSummary } from './workflow-summary.ts';

const XML_TYPE = 'application/xml';

const query = z.object({
  format: z
    .preprocess((value) => (typeof value === 'string' ? value.toUpperCase() : value), z.enum(['JSON', 'XML']))
    .optional()
    .meta({ description: 'Form of the answer.', default: 'JSON', example: 'JSON' }),
  includeExecutionInfo: flag('True: with the state of each node and how long it took.', true),
});

const Summary = z
  .looseObject({
    version: z.string(),
    summaryCreationDateTime: z.string(),
    workflow: z.looseObject({
      name: z.string(),
      nodes: z.array(z.looseObject({ name: z.string(), type: z.string() })),
    }),
  })
  .meta({ id: 'KnimeWorkflowSummary' });

const example = {
  version: '1.0.0',
  summaryCreationDateTime: '2021-04-06T10:21:13.950+02:00[Europe/Berlin]',
  workflow: {
    name: 'echo',
    metadata: { path: '/Users/guest/echo' },
    nodes: [{ id: '7:1', name: 'echo', type: 'set' }],
  },
};

/** A description of the workflow as it was run (reference section 9.4). */
export function addJobSummary(scope: FastifyInstance, face: Face): void {
  const { engine } = face;
  route(scope, {
    method: 'GET',
    url: '/v4/jobs/:uuid/workflow-summary',
    access: { scope: 'jobs:read' },
    params: jobParams,
    query,
    doc: {
      id: 'knimeGetWorkflowSummary',
      tag: 'Jobs',
      summary: 'Describe the workflow of a job',
      responses: {
        200: {
          description: 'Its nodes.',
          content: {
            [JSON_TYPE]: { schema: Summary, example },
            [XML_TYPE]: { schema: z.string(), example: summaryXml(example) },
          },
        },
      },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const { format = 'JSON', includeExecutionInfo } = request.query;
      const principal = caller(request);
      const job = await findJob(face, principal, request.params.uuid);
      const version = await engine.jobs.definition(job);
      const summary = workflowSummary({
        job,
        version,
        outline: engine.workflows.outline(version),
        steps: includeExecutionInfo ? await engine.logs.steps(principal, job.id) : undefined,
        at: face.clock(),
      });
      if (format === 'XML') return reply.header('content-type', `${XML_TYPE};charset=UTF-8`).send(summaryXml(summary));
      return reply.header('content-type', `${JSON_TYPE};charset=UTF-8`).send(summary);
    },
  });
}
