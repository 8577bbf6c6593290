import type { ErrorDocument } from '../dialect.ts';
import { problem } from '../model/errors.ts';

/** How problems (RFC 9457) stand in a document. */
export const problemDocument: ErrorDocument = {
  contentType: 'application/problem+json',
  component: 'Problem',
  schemas: {
    Problem: {
      type: 'object',
      description: 'Problem details (RFC 9457). `type` leads to a help page of this server.',
      required: ['type', 'title', 'status', 'code'],
      properties: {
        type: { type: 'string', description: 'Address of the help page.' },
        title: { type: 'string' },
        status: { type: 'integer' },
        detail: { type: 'string', description: 'What happened this time.' },
        instance: { type: 'string', description: 'Of a failed job: JSON pointer to the step.' },
        code: { type: 'string', description: 'Stable name of the error.' },
        errors: {
          type: 'array',
          description: 'Every field that does not fit.',
          items: { $ref: '#/components/schemas/FieldError' },
        },
      },
      additionalProperties: true,
    },
    FieldError: {
      type: 'object',
      required: ['pointer', 'message'],
      properties: {
        pointer: { type: 'string', description: 'JSON pointer (RFC 6901), or the name of a parameter or header.' },
        in: { type: 'string', enum: ['body', 'query', 'path', 'header', 'input', 'definition'] },
        message: { type: 'string', description: 'What is wrong and what is accepted, as one sentence.' },
        value: { description: 'What was found.' },
        accepted: { type: 'string' },
        line: { type: 'integer' },
        column: { type: 'integer' },
      },
      additionalProperties: false,
    },
  },
  example: (code, detail) => problem(code, { detail }),
};
