import { isJsonObject, type JsonObject } from '../model/json.ts';
import { compileIn } from './engine.ts';
import { holdsMany, holdsNamed, holdsOne, keywordProblem } from './keywords.ts';
import { patternProblem } from './patterns.ts';
import { pointerPart } from './pointer.ts';

/** Something in a schema that is not JSON Schema, or that cannot be used here. */
export interface SchemaIssue {
  /** Into the schema. */
  pointer: string;
  message: string;
}

const dialects = /^https?:\/\/json-schema\.org\/(draft\/2020-12|draft\/2019-09|draft-07|draft-06|draft-04)\/schema#?$/;
const MOST_ISSUES = 50;
const DEEPEST = 64;
/** Schemas within one schema: making a validator takes half a millisecond for each, on the main thread. */
const MOST_PARTS = 1_000;

/** Schemas found to be good, by their text: a definition is read again by each thread and at each change of it. */
const good = new Set<string>();

/**
 * Everything wrong with a schema (JSON Schema 2020-12), at most 50 issues; empty when it can be used. Keywords are
 * checked one by one rather than against the meta-schema: compiling that costs more than a start of the server may.
 */
export function checkSchema(schema: JsonObject | boolean): SchemaIssue[] {
  if (typeof schema === 'boolean') return [];
  const text = JSON.stringify(schema);
  if (good.has(text)) return [];
  const issues: SchemaIssue[] = [];
  const parts = walk(schema, '', issues, 0);
  if (parts > MOST_PARTS) {
    const message = `The schema holds ${parts} schemas (of properties, items and so on); at most ${MOST_PARTS} are accepted.`;
    issues.push({ pointer: '', message });
  }
  const { $schema: dialect, ...rest } = schema;
  if (dialect !== undefined && !(typeof dialect === 'string' && dialects.test(dialect))) {
    const message = 'Only JSON Schema 2020-12 (https://json-schema.org/draft/2020-12/schema) is known.';
    issues.push({ pointer: '/$schema', message });
  }
  if (issues.length === 0) issues.push(...compileIssues(rest));
  if (issues.length > 0) return issues.slice(0, MOST_ISSUES);
  if (good.size >= 1000) good.clear();
  good.add(text);
  return [];
}

/** Notes what is wrong with a schema and those within it; answers how many they are. */
function walk(schema: unknown, pointer: string, issues: SchemaIssue[], depth: number): number {
  if (!isJsonObject(schema) || issues.length >= MOST_ISSUES) return 0;
  if (depth > DEEPEST) {
    issues.push({ pointer, message: `The schema is nested more than ${DEEPEST} levels deep.` });
    return 0;
  }
  let parts = 1;
  for (const [key, value] of Object.entries(schema)) {
    const at = `${pointer}/${pointerPart(key)}`;
    const problem = keywordProblem(key, value) ?? textProblem(key, value);
    if (problem !== undefined) issues.push({ pointer: at, message: problem });
    else if (holdsOne.includes(key)) parts += walk(value, at, issues, depth + 1);
    else if (holdsMany.includes(key) && Array.isArray(value)) {
      for (const [i, item] of value.entries()) parts += walk(item, `${at}/${i}`, issues, depth + 1);
    } else if (holdsNamed.includes(key) && isJsonObject(value)) {
      for (const [name, item] of Object.entries(value)) {
        const place = `${at}/${pointerPart(name)}`;
        const wrong = key === 'patternProperties' ? textProblem('pattern', name) : undefined;
        if (wrong !== undefined) issues.push({ pointer: place, message: wrong });
        parts += walk(item, place, issues, depth + 1);
      }
    }
  }
  return parts;
}

function textProblem(keyword: string, value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (keyword === '$ref' && /^[a-z][a-z0-9+.-]*:/i.test(value)) {
    return `"${value}" lies outside of the schema; only references within it, such as "#/$defs/name", are followed.`;
  }
  const problem = keyword === 'pattern' ? patternProblem(value) : undefined;
  return problem === undefined ? undefined : `The pattern ${JSON.stringify(value)} cannot be used: ${problem}.`;
}

/** What only shows when the schema is compiled: references that lead nowhere. */
function compileIssues(schema: JsonObject): SchemaIssue[] {
  try {
    compileIn('plain', schema);
    return [];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const lost = /can't resolve reference (\S+)/.exec(reason);
    const message = lost
      ? `The reference "${lost[1]}" leads nowhere in this schema.`
      : `The schema cannot be used: ${reason}.`;
    return [{ pointer: '', message }];
  }
}
