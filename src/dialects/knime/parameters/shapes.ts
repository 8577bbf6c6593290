import { isJsonObject, type Json, type JsonObject } from '../../../model/json.ts';
import { exactDigits, plainNumbers } from './exact-json.ts';
import type { Kind } from './kinds.ts';
import { type Parameter, parametersOf } from './parameters.ts';
import { writeValue } from './values.ts';

/** Lists and objects within each other that a shape tells of. */
const DEEPEST = 12;

/**
 * Properties of `InputParameters` or `OutputParameters` in a workflow's own OpenAPI document, in the order declared, each
 * with description and example; the shapes follow from sample values (reference section 12).
 */
export function parameterShapes(schema: JsonObject | undefined): Record<string, JsonObject> {
  const shown = parametersOf(schema).filter(({ kind }) => kind !== 'file');
  return Object.fromEntries(shown.map((parameter) => [parameter.wireName, shapeOf(parameter)]));
}

/** Names of file parameters with their descriptions: parts of a form on the way in, output resources on the way out. */
export function fileParameters(schema: JsonObject | undefined): { name: string; description: string }[] {
  return parametersOf(schema)
    .filter(({ kind }) => kind === 'file')
    .map(({ wireName, schema: own }) => ({ name: wireName, description: textOf(own['description']) }));
}

function shapeOf(parameter: Parameter): JsonObject {
  const { schema, kind } = parameter;
  const sample = sampleOf(parameter);
  const { type, ...rest } = sample === undefined ? typeShape(kind, schema) : valueShape(sample, 0);
  return {
    ...(type === undefined ? {} : { type }),
    description: textOf(schema['description'] ?? schema['title']),
    ...rest,
    ...(sample === undefined ? {} : { example: plainNumbers(sample) }),
  };
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** The default, or an example, as clients send it. */
function sampleOf({ kind, schema, secret }: Parameter): Json | undefined {
  if (secret) return undefined;
  const { default: fallback, examples, enum: values } = schema;
  const value = fallback ?? first(examples) ?? first(values) ?? undefined;
  return value === undefined ? undefined : writeValue(kind, value, schema);
}

const first = (list: Json | undefined): Json | undefined => (Array.isArray(list) ? list[0] : undefined);

/** What can be said without a sample. */
function typeShape(kind: Kind, schema: JsonObject): JsonObject {
  const { type } = schema;
  if (kind === 'json' || kind === 'scalar') return typeof type === 'string' ? { type } : {};
  return { type: 'object' };
}

function valueShape(value: Json, depth: number): JsonObject {
  if (value === null || depth > DEEPEST) return {};
  if (Array.isArray(value)) return { type: 'array', items: value.length === 0 ? {} : valueShape(value[0]!, depth + 1) };
  if (isJsonObject(value)) {
    const members = Object.entries(value).map(([name, item]): [string, Json] => [name, valueShape(item, depth + 1)]);
    return { type: 'object', properties: Object.fromEntries(members) };
  }
  const digits = exactDigits(value);
  if (digits !== undefined) return { type: /^-?\d+$/.test(digits) ? 'integer' : 'number', default: Number(digits) };
  if (typeof value === 'boolean') return { type: 'boolean', default: String(value) };
  if (typeof value === 'string') return { type: 'string', default: value };
  return { type: Number.isInteger(value) ? 'integer' : 'number', default: value };
}
