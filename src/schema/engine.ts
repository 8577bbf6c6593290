import type { ValidateFunction } from 'ajv';
import { Ajv2020, type Options } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { safePattern } from './patterns.ts';

/** Ajv prints this name only into stand-alone code, which is never made here. */
const linear = Object.assign((source: string) => safePattern(source) as RegExp, { code: 'linear' });

/** A text that is equal for equal JSON values, whatever the order of their keys. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}

/** Ajv compares every pair of items, which takes minutes for a long list of objects; this is linear. */
function uniqueItems(wanted: boolean, items: unknown): boolean {
  if (!wanted || !Array.isArray(items)) return true;
  return new Set(items.map(canonical)).size === items.length;
}

/** A validator of JSON Schema 2020-12 that never reaches for the network and never runs an author's pattern unbounded. */
export function createEngine(options: Options = {}): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: false,
    verbose: true,
    validateSchema: false,
    meta: false,
    addUsedSchema: false,
    logger: false,
    // Optimising the code made doubles the time it takes to make, and V8 makes the same of it either way.
    code: { regExp: linear, optimize: false },
    ...options,
  });
  formats.default(ajv);
  // Two names that the OpenAPI world uses for text that is never shown and for raw bytes.
  ajv.addFormat('password', true).addFormat('binary', true);
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    validate: uniqueItems,
    errors: false,
  });
  return ajv;
}

const shared: { plain?: Ajv2020; filling?: Ajv2020 } = {};

/** Compiles a schema: `plain` leaves the value alone, `filling` writes defaults into it. Nothing of it is kept here. */
export function compileIn(kind: 'plain' | 'filling', schema: object | boolean): ValidateFunction {
  const options = { useDefaults: kind === 'filling' };
  // A schema that names its parts by `$id` would leave those names behind in a shared engine.
  if (typeof schema === 'object' && JSON.stringify(schema).includes('"$id"'))
    return createEngine(options).compile(schema);
  shared[kind] ??= createEngine(options);
  const engine = shared[kind];
  try {
    return engine.compile(schema);
  } finally {
    // The engine would hold every schema for ever.
    if (typeof schema === 'object') engine.removeSchema(schema);
  }
}
