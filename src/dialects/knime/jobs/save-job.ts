import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { caller } from '../../../http/access.ts';
import { route } from '../../../http/routes.ts';
import { checkName, withoutNotFound } from '../items/names.ts';
import type { Face } from './face.ts';
import { findJob, uuidOf } from './find-job.ts';
import { jobParams } from './job-schemas.ts';
import { timeoutField } from './timeout.ts';

const query = z.object({
  destination: z
    .string()
    .regex(/^\/./, 'must be an absolute path')
    .max(4096)
    .meta({ description: 'Path of the workflow to be.', example: '/Users/guest/My Workflow' }),
  timeout: timeoutField('How long it may take.'),
});

/** Storing the definition a job has as a workflow (reference section 9.4); `:data?from-job` does the same. */
export function addSaveJob(scope: FastifyInstance, face: Face): void {
  route(scope, {
    method: 'PUT',
    url: '/v4/jobs/:uuid/as-workflow',
    access: { scope: 'workflows:write' },
    params: jobParams,
    query,
    doc: {
      id: 'knimeSaveJob',
      tag: 'Jobs',
      summary: 'Store a job as a workflow',
      description: 'The definition it has; its input and output stay with the job.',
      responses: { 204: { description: 'It is stored.' } },
      errors: ['not-found', 'invalid-path', 'conflict'],
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const { destination } = request.query;
      const job = await findJob(face, principal, request.params.uuid);
      checkName(destination);
      try {
        await face.engine.items.putJob(principal, destination, uuidOf(face, job));
      } catch (error) {
        throw withoutNotFound(error, destination);
      }
      return reply.code(204).send();
    },
  });
}
