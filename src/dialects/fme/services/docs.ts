import * as z from 'zod';
import { idempotencyHeader } from '../../../http/idempotency.ts';
import type { OperationDoc, ResponseDoc } from '../../../http/routes.ts';
import { controlFields } from './controls.ts';
import { type ServiceResponse, writeEnvelope } from './envelope.ts';
import { SERVICES_TAG } from './root.ts';

/** What the document says of every service that runs a workspace. */

const FmeServiceResponse = z
  .looseObject({
    serviceResponse: z.looseObject({
      statusInfo: z.object({
        mode: z.enum(['sync', 'async']).optional(),
        status: z.enum(['success', 'failure']),
        message: z.string().optional(),
      }),
      jobID: z.int().optional(),
      url: z.string().optional(),
      fmeTransformationResult: z.looseObject({}).optional(),
    }),
  })
  .meta({ id: 'FmeServiceResponse' });

/** An answer in all its forms. */
export const envelopeDoc = (description: string, example: ServiceResponse): ResponseDoc => ({
  description,
  content: {
    'application/json': { schema: FmeServiceResponse, example: { serviceResponse: example } },
    'application/xml': { schema: z.string(), example: writeEnvelope('xml', example).body },
    'text/html': { schema: z.string() },
  },
});

/** Further values are parameters of the workspace. */
export const callQuery = z.looseObject(controlFields);

const errors = [
  'cross-site',
  'not-found',
  'invalid-input',
  'invalid-json',
  'invalid-workflow-input',
  'invalid-definition',
  'conflict',
  'idempotency-conflict',
  'too-large',
  'unsupported-media-type',
  'store-unavailable',
  'disk-full',
  'overloaded',
] as const;

const bodies = {
  'application/x-www-form-urlencoded': {
    schema: z.looseObject({}).meta({ description: 'Control values and parameters.' }),
    example: { opt_responseformat: 'json', name: 'Ada' },
  },
  'multipart/form-data': { schema: z.looseObject({}).meta({ description: 'The same, with files.' }) },
  'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) },
};

/** The two operations of a service: by address alone, and with a body. */
export function callDocs(
  prefix: string,
  id: string,
  doc: Pick<OperationDoc, 'summary' | 'responses'> & { description: string },
): Record<'GET' | 'POST', OperationDoc> {
  const common = {
    ...doc,
    tag: SERVICES_TAG,
    path: `${prefix}/{repository}/{workspace}`,
    pathParameters: {
      repository: { description: 'Name of the repository.', example: 'Examples' },
      workspace: { description: 'Name of the workspace.', example: 'Hello.fmw' },
    },
    headers: idempotencyHeader,
    errors,
  };
  return {
    GET: { ...common, id },
    POST: {
      ...common,
      id: `${id}WithBody`,
      summary: `${doc.summary}, with a body`,
      description: `${doc.description} A form has values and files; any other body is the source file, or JSON values by name.`,
      requestBody: { required: false, content: bodies },
    },
  };
}
