import type { FastifySchemaCompiler } from 'fastify';
import type { $ZodType } from 'zod/v4/core';
import { safeParse } from 'zod/v4/core';
import { type FieldError, fail } from '../model/errors.ts';
import { fieldErrors, summarise } from './field-errors.ts';

const parts: Record<string, NonNullable<FieldError['in']>> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'header',
};

/** Fastify asks this for each part of a request that a route describes with a zod schema. */
export const validatorCompiler: FastifySchemaCompiler<$ZodType> = ({ schema, httpPart }) => {
  const part = parts[httpPart ?? 'body'] ?? 'body';
  return (data: unknown) => {
    const result = safeParse(schema, data);
    return result.success ? { value: result.data } : { error: refusal(result.error.issues, schema, data, part) };
  };
};

/** Validates a value by hand, for bodies that reach the handler in more than one form. Throws `invalid-input`. */
export function parseWith<S extends $ZodType>(
  schema: S,
  data: unknown,
  part: NonNullable<FieldError['in']> = 'body',
): S['_zod']['output'] {
  const result = safeParse(schema, data);
  if (result.success) return result.data;
  throw refusal(result.error.issues, schema, data, part);
}

function refusal(
  issues: Parameters<typeof fieldErrors>[0],
  schema: $ZodType,
  data: unknown,
  part: NonNullable<FieldError['in']>,
): Error {
  const errors = fieldErrors(issues, schema, data, part);
  return fail('invalid-input', { detail: summarise(errors), errors });
}
