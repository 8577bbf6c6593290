import type { Json, JsonObject } from '../../model/json.ts';
import { isJsonObject } from '../../model/json.ts';
import { checkSchema, compileSchema } from '../../schema/index.ts';
import { type At, fields } from './check.ts';
import { raise } from './errors.ts';
import type { Frame, Shaping } from './model.ts';
import type { Site } from './site.ts';

/** Reads `input` (shaped by `from`), `output` or `export` (shaped by `as`). */
export function compileShaping(at: At | undefined, kind: 'input' | 'output' | 'export', site: Site): Shaping {
  if (!at) return {};
  const by = kind === 'input' ? 'from' : 'as';
  const read = fields(at, { what: kind, known: ['schema', by] });
  const shape = read?.get(by);
  const schema = read?.get('schema');
  const document = schema && schemaDocument(schema);
  return {
    ...(shape ? { shape: site.expression(shape, `${kind}.${by}`) } : {}),
    ...(document === undefined ? {} : { schema: compileSchema(document) }),
  };
}

/** The JSON Schema of a `schema` object; undefined when it has issues, which are then reported. */
export function schemaDocument(at: At): JsonObject | boolean | undefined {
  const read = fields(at, { what: 'schema', known: ['format', 'document', 'resource'] });
  if (!read) return undefined;
  const format = read.get('format');
  if (format && !(typeof format.value === 'string' && /^json(?::.*)?$/.test(format.value))) {
    at.check.issue(format.pointer, `The schema format must be "json"; found ${JSON.stringify(format.value)}.`);
  }
  const resource = read.get('resource');
  if (resource) {
    const message =
      'A schema in an external resource is not supported by this version; write it inline under "document".';
    at.check.issue(resource.pointer, message);
    return undefined;
  }
  const document = read.get('document');
  if (!document) {
    at.check.issue(at.pointer, 'A schema needs the property "document" with a JSON Schema, which is missing.');
    return undefined;
  }
  const { value } = document;
  if (!isJsonObject(value) && typeof value !== 'boolean') {
    at.check.issue(document.pointer, 'A JSON Schema must be an object.');
    return undefined;
  }
  const issues = checkSchema(value);
  for (const issue of issues) at.check.issue(document.pointer + issue.pointer, issue.message);
  return issues.length > 0 ? undefined : value;
}

/** Refuses data that does not fit, as the DSL's validation error with every field error. */
export function validate({ schema }: Shaping, data: Json, what: string): void {
  const errors = schema?.validate(data) ?? [];
  if (errors.length === 0) return;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const where = errors[0]!.pointer === '' ? '' : ` at ${errors[0]!.pointer}`;
  throw raise('validation', `${what} does not fit its schema${where}: ${errors[0]!.message}${more}`, { errors });
}

/** Applies `from` or `as`; without one the data goes through as it is. */
export const shaped = ({ shape }: Shaping, frame: Frame, data: Json): Json => (shape ? shape(frame, data) : data);
