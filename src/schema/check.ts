import type { JsonObject } from '../model/json.ts';
import { isJsonObject } from '../model/json.ts';
import { describe } from './describe.ts';
import { compileIn, createEngine } from './engine.ts';
import { patternProblem } from './patterns.ts';
import { pointerPart } from './pointer.ts';

/** Something in a schema that is not JSON Schema, or that cannot be used here. */
export interface SchemaIssue {
  /** Into the schema. */
  pointer: string;
  message: string;
}

const dialects = /^https?:\/\/json-schema\.org\/(draft\/2020-12|draft\/2019-09|draft-07|draft-06|draft-04)\/schema#?$/;
/** Keywords whose value is a schema, a list of schemas, a map of schemas, or data that must not be looked into. */
const one = [
  'items',
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'contains',
  'not',
  'if',
  'then',
  'else',
  'propertyNames',
  'contentSchema',
];
const many = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const named = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];

let meta: ReturnType<typeof createEngine> | undefined;

/** Everything wrong with a schema, at most 50 issues; empty when it can be used. */
export function checkSchema(schema: JsonObject | boolean): SchemaIssue[] {
  if (typeof schema === 'boolean') return [];
  const issues: SchemaIssue[] = [];
  walk(schema, '', issues, 0);
  const { $schema: dialect, ...rest } = schema;
  if (dialect !== undefined && !(typeof dialect === 'string' && dialects.test(dialect))) {
    issues.push({
      pointer: '/$schema',
      message: 'Only JSON Schema 2020-12 (https://json-schema.org/draft/2020-12/schema) is known.',
    });
  }
  meta ??= createEngine({ validateSchema: true });
  if (!meta.validateSchema(rest)) {
    const errors = meta.errors ?? [];
    const seen = new Set<string>();
    for (const error of errors.filter((error) => !['allOf', 'anyOf', '$ref', '$dynamicRef'].includes(error.keyword))) {
      const { pointer, message } = describe(error, new Set());
      if (!seen.has(pointer)) issues.push({ pointer, message });
      seen.add(pointer);
    }
  }
  if (issues.length === 0) issues.push(...compileIssues(rest));
  return issues.slice(0, 50);
}

function walk(schema: unknown, pointer: string, issues: SchemaIssue[], depth: number): void {
  if (!isJsonObject(schema)) return;
  if (depth > 64) {
    issues.push({ pointer, message: 'The schema is nested more than 64 levels deep.' });
    return;
  }
  for (const [key, value] of Object.entries(schema)) {
    const at = `${pointer}/${pointerPart(key)}`;
    if (key === 'pattern' && typeof value === 'string') checkPattern(value, at, issues);
    else if (key === '$ref' && typeof value === 'string' && /^[a-z][a-z0-9+.-]*:/i.test(value)) {
      issues.push({
        pointer: at,
        message: `"${value}" lies outside of the schema; only references within it, such as "#/$defs/name", are followed.`,
      });
    } else if (one.includes(key)) walk(value, at, issues, depth + 1);
    else if (many.includes(key) && Array.isArray(value)) {
      for (const [i, item] of value.entries()) walk(item, `${at}/${i}`, issues, depth + 1);
    } else if (named.includes(key) && isJsonObject(value)) {
      for (const [name, item] of Object.entries(value)) {
        if (key === 'patternProperties') checkPattern(name, `${at}/${pointerPart(name)}`, issues);
        walk(item, `${at}/${pointerPart(name)}`, issues, depth + 1);
      }
    }
  }
}

function checkPattern(source: string, pointer: string, issues: SchemaIssue[]): void {
  const problem = patternProblem(source);
  if (problem !== undefined)
    issues.push({ pointer, message: `The pattern ${JSON.stringify(source)} cannot be used: ${problem}.` });
}

/** What only shows when the schema is compiled: references that lead nowhere. */
function compileIssues(schema: JsonObject): SchemaIssue[] {
  try {
    compileIn('plain', schema);
    return [];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const lost = /can't resolve reference (\S+)/.exec(reason);
    return [
      {
        pointer: '',
        message: lost
          ? `The reference "${lost[1]}" leads nowhere in this schema.`
          : `The schema cannot be used: ${reason}.`,
      },
    ];
  }
}
