import type { JsonObject } from '../../../model/json.ts';
import { isJsonObject } from '../../../model/json.ts';

/**
 * Forms of a parameter (reference section 10.3). `x-knime-type` in its JSON Schema says which; without one a single value
 * is a `scalar`, anything else is `json`. The names of scalars are the hint of old Quickform nodes, whose values are
 * wrapped: `{"integer":2}`.
 */
const hints = ['json', 'table', 'row', 'variable', 'credential', 'file', 'raw-http'] as const;
export const wrappers = ['integer', 'double', 'string', 'boolean'] as const;

export type Wrapper = (typeof wrappers)[number];
export type Kind = (typeof hints)[number] | 'scalar' | Wrapper;

export function kindOf(schema: JsonObject): Kind {
  const hint = schema['x-knime-type'];
  if ([...hints, ...wrappers].some((known) => known === hint)) return hint as Kind;
  if (schema['format'] === 'binary') return 'file';
  const { items } = schema;
  if (isJsonObject(items) && items['x-knime-type'] === 'row') return 'table';
  return typesOf(schema).some((type) => type === 'object' || type === 'array') || typesOf(schema).length === 0
    ? 'json'
    : 'scalar';
}

export const isWrapper = (kind: Kind): kind is Wrapper => wrappers.some((wrapper) => wrapper === kind);

/** The types a value may have beside null; empty where any is possible. */
export function typesOf({ type }: JsonObject): string[] {
  return (Array.isArray(type) ? type : [type]).filter(
    (one): one is string => typeof one === 'string' && one !== 'null',
  );
}
