import type { FastifySchemaCompiler } from 'fastify';
import { type $ZodRawIssue, type $ZodType, safeParse } from 'zod/v4/core';
import { type FieldError, fail } from '../../model/errors.ts';
import { messages } from './messages.ts';

/** Validates the parts of a request as the original does: the texts are those of Jakarta Bean Validation. */
export const beanValidator: FastifySchemaCompiler<$ZodType> = ({ schema, httpPart }) => {
  const where = httpPart === 'querystring' ? 'query' : httpPart === 'params' ? 'path' : 'body';
  return (data: unknown) => {
    try {
      return { value: readBean(schema, data, where) };
    } catch (error) {
      return { error: error as Error };
    }
  };
};

/** One part of a request, validated. Throws `invalid-input` with one text a field, or `invalid-json` without a body. */
export function readBean<S extends $ZodType>(
  schema: S,
  data: unknown,
  where: NonNullable<FieldError['in']> = 'body',
): S['_zod']['output'] {
  if (where === 'body' && (typeof data !== 'object' || data === null || Array.isArray(data))) {
    throw fail('invalid-json', messages.unreadableBody);
  }
  const result = safeParse(schema, where === 'body' ? withoutNulls(data as object) : data, { error: textOf });
  if (result.success) return result.data;
  const errors = result.error.issues.map(
    ({ path, message }): FieldError => ({
      // An entry of a list in the query is still called by the list's name.
      pointer: (where === 'body' ? path : path.slice(0, 1)).map(String).join('.'),
      in: where,
      message,
    }),
  );
  throw fail('invalid-input', { detail: messages.invalidParameters, errors });
}

/** One field that does not fit, for checks no schema can make. */
export const fieldError = (field: string, message: string, where: FieldError['in'] = 'body') =>
  fail('invalid-input', { detail: messages.invalidParameters, errors: [{ pointer: field, in: where, message }] });

/** To the original a member that is null is one that was not sent. */
const withoutNulls = (body: object): object =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));

function textOf(issue: $ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined || issue.input === null
        ? issue.expected === 'string'
          ? 'must not be blank'
          : 'must not be null'
        : `must be ${kinds[issue.expected] ?? `of type ${issue.expected}`}`;
    case 'too_small':
      if (issue.origin === 'array') return 'must not be empty';
      return issue.origin === 'string' ? 'must not be blank' : `must be greater than or equal to ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string' || issue.origin === 'array'
        ? `size must be between 0 and ${issue.maximum}`
        : `must be less than or equal to ${issue.maximum}`;
    case 'invalid_value':
      return `must be one of ${(issue.values as unknown[]).join(', ')}`;
    default:
      return 'is not valid';
  }
}

const kinds: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  boolean: 'a boolean',
  array: 'an array',
  object: 'an object',
  record: 'an object',
};
