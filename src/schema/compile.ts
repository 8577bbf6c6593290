import type { ErrorObject, ValidateFunction } from 'ajv';
import { type FieldError, fail } from '../model/errors.ts';
import type { Json, JsonObject } from '../model/json.ts';
import { checkSchema } from './check.ts';
import { describe } from './describe.ts';
import { compileIn } from './engine.ts';
import { secretNames } from './secrecy.ts';

/** Errors reported of one value at most; a list of a million wrong rows is not repeated row by row. */
const MOST_ERRORS = 50;

/** A schema ready to be applied. */
export interface CompiledSchema {
  /** Every error at once, at most 50; empty when the value fits. The value is never changed. */
  validate(value: Json): FieldError[];
  /** Fills in the schema's defaults on a copy, then validates that copy. */
  withDefaults(value: Json): { value: Json; errors: FieldError[] };
}

const cache = new Map<string, CompiledSchema>();
const MOST_SCHEMAS = 500;

/**
 * Compiles a JSON Schema (2020-12). References may only lead to places of the same schema. Throws `invalid-definition`
 * with every issue when it is not a schema; `checkSchema` gives the same issues as values.
 */
export function compileSchema(schema: JsonObject | boolean): CompiledSchema {
  const key = JSON.stringify(schema);
  const known = cache.get(key);
  if (known) {
    // Moved to the end: what was used last is dropped last.
    cache.delete(key);
    cache.set(key, known);
    return known;
  }
  const issues = checkSchema(schema);
  if (issues.length > 0) {
    const errors = issues.map((issue): FieldError => ({ ...issue, in: 'definition' }));
    throw fail('invalid-definition', { detail: `Not a JSON Schema: ${issues[0]!.message}`, errors });
  }
  const compiled = build(schema);
  if (cache.size >= MOST_SCHEMAS) cache.delete(cache.keys().next().value!);
  cache.set(key, compiled);
  return compiled;
}

function build(schema: JsonObject | boolean): CompiledSchema {
  const hidden = secretNames(schema);
  const source = withoutDialect(schema);
  const plain = lazily(() => compileIn('plain', source));
  const filling = lazily(() => compileIn('filling', source));
  const check = (validator: ValidateFunction, value: Json) =>
    validator(value) ? [] : report(validator.errors, hidden);
  return {
    validate: (value) => guarded(() => check(plain(), value)),
    withDefaults: (value) => {
      const copy = structuredClone(value);
      return { value: copy, errors: guarded(() => check(filling(), copy)) };
    },
  };
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** A schema that refers to itself follows the value down; a value nested too deeply is an error, not a crash. */
function guarded(check: () => FieldError[]): FieldError[] {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [{ pointer: '', message: 'The value is nested too deeply to be checked.' }];
  }
}

/** Other drafts are read as 2020-12: what differs between them is refused by `checkSchema` where it matters. */
function withoutDialect(schema: JsonObject | boolean): JsonObject | boolean {
  if (typeof schema === 'boolean') return schema;
  const { $schema: _dialect, ...rest } = schema;
  return rest;
}

function report(errors: readonly ErrorObject[] | null | undefined, hidden: ReadonlySet<string>): FieldError[] {
  const all = errors ?? [];
  // The branches of `anyOf` each fail in their own way; only that none fits is worth telling.
  const choices = all.filter((error) => error.keyword === 'anyOf' || error.keyword === 'oneOf');
  const isBranch = (error: ErrorObject) =>
    choices.some((choice) => error !== choice && error.schemaPath.startsWith(`${choice.schemaPath}/`));
  const told = all.filter((error) => error.keyword !== 'if' && !isBranch(error));
  return told.slice(0, MOST_ERRORS).map((error) => describe(error, hidden));
}
