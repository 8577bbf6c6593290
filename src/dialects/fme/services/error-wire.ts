import type { FastifyRequest } from 'fastify';
import type { ErrorDocument, ErrorWire } from '../../../dialect.ts';
import { type Problem, problem } from '../../../model/errors.ts';
import { errorBody } from '../error-wire.ts';
import { type ServiceResponse, writeEnvelope } from './envelope.ts';
import { type Format, formatOf } from './format.ts';

/** Our error as a service answers it, in the form its client wants. */
export function serviceErrorWire(problem: Problem, request: FastifyRequest, otherwise?: Format): ErrorWire {
  return { status: problem.status, ...writeEnvelope(formatOf(request, otherwise), failure(problem)) };
}

const failure = (problem: Problem): ServiceResponse => ({
  statusInfo: { status: 'failure', message: messageOf(problem) },
});

/** There is one text only: fields that do not fit are named in it. */
function messageOf(problem: Problem): string {
  const { message, details = {} } = errorBody(problem);
  const fields = Object.entries(details).map(([field, text]) => `${field}: ${text}`);
  return fields.length === 0 ? message : `${message}: ${fields.join('; ')}`;
}

export const serviceErrorDocument: ErrorDocument = {
  contentType: 'application/json',
  textTypes: ['application/xml', 'text/html'],
  component: 'FmeServiceFailure',
  schemas: {
    FmeServiceFailure: {
      type: 'object',
      required: ['serviceResponse'],
      properties: {
        serviceResponse: {
          type: 'object',
          required: ['statusInfo'],
          properties: {
            statusInfo: {
              type: 'object',
              required: ['status', 'message'],
              properties: { status: { type: 'string', enum: ['failure'] }, message: { type: 'string' } },
            },
          },
        },
      },
    },
  },
  example: (code, detail) => ({ serviceResponse: failure(problem(code, detail)) }),
};
