import * as z from 'zod';
import type { $ZodType, $ZodTypes } from 'zod/v4/core';

/** Takes optional, default, nullable and preprocess wrappers off a schema. */
export function unwrap(schema: $ZodType): $ZodTypes {
  let inner = schema as $ZodTypes;
  for (;;) {
    const def = inner._zod.def;
    if ('innerType' in def) inner = def.innerType as $ZodTypes;
    else if (def.type === 'pipe') inner = (def.in._zod.def.type === 'transform' ? def.out : def.in) as $ZodTypes;
    else return inner;
  }
}

/** The schema at a path of property names and indexes, as far as it can be followed. */
export function schemaAt(root: $ZodType, path: readonly PropertyKey[]): $ZodType | undefined {
  let current: $ZodType | undefined = root;
  for (const key of path) {
    if (current === undefined) return undefined;
    const def: $ZodTypes['_zod']['def'] = unwrap(current)._zod.def;
    if (def.type === 'object') current = def.shape[String(key)];
    else if (def.type === 'array') current = def.element;
    else if (def.type === 'record') current = def.valueType;
    else return undefined;
  }
  return current;
}

const span = (low: unknown, high: unknown): string => {
  const hasLow = typeof low === 'number' && low > Number.MIN_SAFE_INTEGER;
  const hasHigh = typeof high === 'number' && high < Number.MAX_SAFE_INTEGER;
  if (hasLow && hasHigh) return ` from ${low} to ${high}`;
  if (hasLow) return ` from ${low}`;
  return hasHigh ? ` up to ${high}` : '';
};

const formats: Record<string, string> = {
  datetime: 'a date and time with zone, such as 2026-11-22T09:30:00Z',
  uuid: 'a UUID',
  email: 'an e-mail address',
  url: 'an address',
};

/** What a schema accepts, in words: `a whole number from 1 to 500, default 50`. */
export function accepted(schema: $ZodType): string {
  const meta = metaOf(schema);
  const words = typeof meta?.['accepted'] === 'string' ? meta['accepted'] : kind(unwrap(schema));
  return meta?.['default'] === undefined ? words : `${words}, default ${JSON.stringify(meta['default'])}`;
}

/** Meta data of a schema or of what it wraps. */
function metaOf(schema: $ZodType): Record<string, unknown> | undefined {
  return z.globalRegistry.get(schema) ?? z.globalRegistry.get(unwrap(schema));
}

function kind(schema: $ZodTypes): string {
  const def = schema._zod.def;
  const { minValue, maxValue, isInt } = schema as Bounds;
  switch (def.type) {
    case 'string':
      return text(schema);
    case 'number':
      return `a ${isInt ? 'whole ' : ''}number${span(minValue, maxValue)}`;
    case 'boolean':
      return 'true or false';
    case 'enum':
      return `one of ${Object.values(def.entries).join(', ')}`;
    case 'literal':
      return def.values.map((value) => JSON.stringify(value)).join(' or ');
    case 'array':
      return `a list, each entry ${accepted(def.element)}`;
    case 'object': {
      const names = Object.keys(def.shape);
      return names.length === 0 ? 'an object' : `an object with ${names.join(', ')}`;
    }
    case 'record':
      return `an object whose values are each ${accepted(def.valueType)}`;
    case 'union':
      return def.options.map(accepted).join(', or ');
    default:
      return 'any JSON value';
  }
}

/** What the schema classes of zod tell of their checks. */
interface Bounds {
  minValue?: number | null;
  maxValue?: number | null;
  isInt?: boolean;
  minLength?: number | null;
  maxLength?: number | null;
  format?: string | null;
}

function text(schema: $ZodTypes): string {
  const { minLength, maxLength, format } = schema as Bounds;
  const known = formats[format ?? ''];
  if (known !== undefined) return known;
  if (minLength == null && maxLength == null) return 'text';
  if (minLength === 1 && maxLength == null) return 'text that is not empty';
  return `text of ${minLength ?? 0}${maxLength == null ? ' or more' : ` to ${maxLength}`} characters`;
}
