import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { streamOf, takeStreams } from '../../../http/bodies.ts';
import { route } from '../../../http/routes.ts';
import { workspaceIn } from '../names.ts';
import { controlFields, readCall } from '../services/controls.ts';
import { sourceParameter, storeSource } from '../services/source.ts';
import { submit, submitErrors } from '../submit.ts';
import { findWorkspace } from '../workspaces.ts';
import { endedResponses, sendEnd, startDoc } from './submit.ts';

const { opt_description, opt_successtopics, opt_failuretopics, opt_tag, opt_ttl, opt_ttc } = controlFields;
const query = z.looseObject({ opt_description, opt_successtopics, opt_failuretopics, opt_tag, opt_ttl, opt_ttc });

/** Submit with the source dataset as the body, whatever kind it is of, and wait for the end (reference section 9.1). */
export async function addV3TransactData(scope: FastifyInstance, context: DialectContext): Promise<void> {
  await scope.register(async (inner) => {
    inner.removeAllContentTypeParsers();
    takeStreams(inner);
    route(inner, {
      method: 'POST',
      url: '/transformations/transactdata/*',
      access: { scope: 'jobs:run' },
      query,
      upload: true,
      doc: {
        ...startDoc('transactdata'),
        id: 'fmeV3TransactData',
        summary: 'V3: submit a job with its source as the body and wait for its end',
        description:
          'The body becomes a file of the job; the parameter marked `x-fme-source`, or else the first of the kind `file`, ' +
          'gets its name. Further names in the address are parameters. A job that ends badly is answered 422.',
        requestBody: {
          content: {
            'application/octet-stream': { schema: z.string().meta({ format: 'binary' }), example: 'a,b\n1,2\n' },
          },
        },
        responses: endedResponses,
        errors: submitErrors,
      },
      handler: async (request, reply) => {
        const name = workspaceIn((request.params as { '*': string })['*']);
        const workflow = await findWorkspace(context, caller(request), name);
        const { parameters, job } = readCall(request.query);
        const source = sourceParameter(workflow);
        const { values, files } = await storeSource(request, context, source, streamOf(request), 422);
        const publishedParameters = { ...parameters, ...values };
        const started = await submit(request, context, { ...job, ...name, publishedParameters, files });
        return sendEnd(request, reply, context, started);
      },
    });
  });
}
