import type { FastifyRequest } from 'fastify';
import type { ErrorDocument, ErrorWire } from '../../dialect.ts';
import { type FieldError, type Problem, problem } from '../../model/errors.ts';
import { messages } from './messages.ts';

/** Our error as FME Flow answers it: a message, and for fields that do not fit one text each. */
export function errorWire(problem: Problem, _request: FastifyRequest): ErrorWire {
  return { status: problem.status, contentType: 'application/json', body: JSON.stringify(errorBody(problem)) };
}

export interface ErrorBody {
  message: string;
  details?: Record<string, string>;
}

export function errorBody(problem: Problem): ErrorBody {
  const { code, errors = [] } = problem;
  const message = messageOf(problem);
  const ofFields = errors.length > 0 && (code === 'invalid-input' || code === 'invalid-workflow-input');
  return ofFields ? { message, details: detailsOf(errors) } : { message };
}

function messageOf({ code, detail, title, errors }: Problem): string {
  switch (code) {
    case 'unauthenticated':
      return messages.unauthorized;
    case 'invalid-json':
      return messages.unreadableBody;
    case 'invalid-input':
      return errors?.length ? messages.invalidParameters : (detail ?? title);
    case 'invalid-workflow-input':
      return errors?.length ? messages.invalidPublishedParameters : (detail ?? title);
    case 'invalid-definition':
      return [detail ?? title, ...(errors ?? []).slice(0, MOST_FAULTS).map(faultText)].join(' ');
    default:
      return detail ?? title;
  }
}

/** Faults of a definition that a message names. */
const MOST_FAULTS = 5;

const faultText = ({ message, line, column }: FieldError): string =>
  line === undefined ? message : `Line ${line}${column === undefined ? '' : `, column ${column}`}: ${message}`;

/** Field to text, the first one of each field. */
function detailsOf(errors: readonly FieldError[]): Record<string, string> {
  const details: Record<string, string> = {};
  for (const { pointer, message } of errors) {
    const field = pointer.replace(/^\//, '').replaceAll('/', '.');
    if (!Object.hasOwn(details, field)) details[field] = message;
  }
  return details;
}

export const errorDocument: ErrorDocument = {
  contentType: 'application/json',
  component: 'FmeError',
  schemas: {
    FmeError: {
      type: 'object',
      required: ['message'],
      properties: {
        message: { type: 'string' },
        details: {
          type: 'object',
          description: 'Of fields that do not fit: name to text.',
          additionalProperties: { type: 'string' },
        },
      },
    },
  },
  example: (code, detail) => errorBody(problem(code, detail)),
};
