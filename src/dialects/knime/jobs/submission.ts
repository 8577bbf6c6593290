import type { FastifyRequest } from 'fastify';
import type { SubmitRequest } from '../../../engine/submit-request.ts';
import { HOPS_HEADER, readHops } from '../../../model/hops.ts';
import type { Sent } from './parameter-body.ts';

/** What the engine is asked for a workflow with its input as the workflow has it. */
export function submission(
  request: FastifyRequest,
  workflow: string,
  { values, files }: Sent,
  idempotency: SubmitRequest['idempotency'],
): SubmitRequest {
  const asked: SubmitRequest = {
    workflow,
    input: values,
    dialect: 'knime',
    hops: readHops(request.headers[HOPS_HEADER]),
    origin: { address: request.ip },
  };
  if (files.length > 0) asked.files = files;
  if (idempotency !== undefined) asked.idempotency = idempotency;
  return asked;
}
