import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DialectContext } from '../../../dialect.ts';
import { dropBodies } from '../../../http/bodies.ts';
import { readForms } from '../../../http/forms.ts';
import { idempotencyHeader } from '../../../http/idempotency.ts';
import { type OperationDoc, route } from '../../../http/routes.ts';
import { isFinal, type Job } from '../../../model/job.ts';
import { untilEnd } from '../job-end.ts';
import { FmeAccepted } from '../job-schemas.ts';
import { submit, submitErrors } from '../submit.ts';
import { exampleV3Request, exampleV3Result, FmeV3Request, FmeV3Result } from './job-schemas.ts';
import { v3ResultWire } from './job-wire.ts';
import { readSubmission } from './submission.ts';

export const V3_JOBS_TAG = 'V3 Transformations';

/** What the operations that start a job have in common in the document. */
export const startDoc = (action: string): Pick<OperationDoc, 'tag' | 'path' | 'pathParameters' | 'headers'> => ({
  tag: V3_JOBS_TAG,
  path: `/fmerest/v3/transformations/${action}/{repository}/{workspace}`,
  pathParameters: {
    repository: { description: 'Name of the repository.', example: 'Tutorials' },
    workspace: { description: 'Name of the workspace.', example: '10seconds.fmw' },
  },
  headers: idempotencyHeader,
});

export const endedResponses: OperationDoc['responses'] = {
  200: { description: 'It has ended well.', schema: FmeV3Result, example: exampleV3Result },
  202: { description: 'The server stops; the job goes on.', schema: FmeAccepted, example: { id: 7 } },
};

/** Submit, with and without waiting (reference section 9.1). */
export async function addV3Submit(scope: FastifyInstance, context: DialectContext): Promise<void> {
  await scope.register(async (inner) => {
    readForms(inner);
    // What a webhook sends is of no interest, and must not be refused.
    dropBodies(inner);
    const requestBody = {
      required: false,
      content: { 'application/json': { schema: FmeV3Request, example: exampleV3Request } },
    };

    route(inner, {
      method: 'POST',
      url: '/transformations/submit/*',
      access: { scope: 'jobs:run' },
      doc: {
        ...startDoc('submit'),
        id: 'fmeV3SubmitJob',
        summary: 'V3: submit a job',
        description: 'Further names in the address are parameters; a body of another kind is passed over.',
        requestBody,
        responses: { 202: { description: 'It is accepted.', schema: FmeAccepted, example: { id: 7 } } },
        errors: submitErrors,
      },
      handler: async (request, reply) => {
        const { id } = await submit(request, context, readSubmission(request));
        return reply.code(202).send({ id });
      },
    });

    route(inner, {
      method: 'POST',
      url: '/transformations/transact/*',
      access: { scope: 'jobs:run' },
      doc: {
        ...startDoc('transact'),
        id: 'fmeV3TransactJob',
        summary: 'V3: submit a job and wait for its end',
        description: 'A job that ends badly is answered 422 with the same body.',
        requestBody,
        responses: endedResponses,
        errors: submitErrors,
      },
      handler: async (request, reply) =>
        sendEnd(request, reply, context, await submit(request, context, readSubmission(request))),
    });
  });
}

/** Answers once a job has ended; when the server stops first, with its number. */
export async function sendEnd(
  request: FastifyRequest,
  reply: FastifyReply,
  context: DialectContext,
  { id }: Job,
): Promise<FastifyReply> {
  const job = await untilEnd(request, reply, context, id);
  if (!isFinal(job.state)) return reply.code(202).send({ id });
  const result = v3ResultWire(job);
  if (job.state === 'completed') return reply.send(result);
  // Clients print the `message` of what is no success.
  return reply.code(422).send({ ...result, message: result.statusMessage });
}
