import { nearest } from '../config.ts';
import { type FieldError, fail } from '../model/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts';

/**
 * The input made of `-p name=value` options. A value is read as the workflow's schema types the parameter: text stays
 * text, numbers and booleans are read, a list takes several options or one with commas, an object is JSON. Without a
 * type, what reads as JSON is JSON and the rest is text. Throws `invalid-input` with every value that does not fit.
 */
export function readParameters(pairs: readonly string[], schema: JsonObject | undefined): JsonObject {
  const errors: FieldError[] = [];
  const texts = new Map<string, string[]>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) errors.push({ pointer: pair, message: `-p ${pair}: write it as name=value.` });
    else texts.set(pair.slice(0, at), [...(texts.get(pair.slice(0, at)) ?? []), pair.slice(at + 1)]);
  }
  const known = isJsonObject(schema?.['properties']) ? schema['properties'] : {};
  const closed = schema?.['additionalProperties'] === false;
  const input: JsonObject = {};
  for (const [name, values] of texts) {
    if (closed && !Object.hasOwn(known, name)) {
      const near = nearest(name, Object.keys(known));
      const all = Object.keys(known).join(', ') || 'none';
      const message = `-p ${name}: the workflow has no such parameter.${near ? ` Did you mean ${near}?` : ''} It has: ${all}.`;
      errors.push({ pointer: `/${name}`, message });
      continue;
    }
    const property = Object.hasOwn(known, name) ? known[name] : undefined;
    const value = readValue(values, typesOf(property), property);
    if (value === undefined) {
      const accepted = typesOf(property).join(' or ');
      errors.push({
        pointer: `/${name}`,
        message: `-p ${name}: ${JSON.stringify(values.join(','))} is not accepted. Accepted: ${accepted}.`,
      });
    } else Object.defineProperty(input, name, { value, enumerable: true, writable: true, configurable: true });
  }
  if (errors.length > 0)
    throw fail('invalid-input', {
      detail: errors.length === 1 ? errors[0]!.message : 'The parameters do not fit.',
      errors,
    });
  return input;
}

/** The input given as JSON text. */
export function readInput(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw fail('invalid-json', `--input is not valid JSON: ${(error as Error).message}.`);
  }
}

function typesOf(property: Json | undefined): string[] {
  const type = isJsonObject(property) ? property['type'] : undefined;
  return (Array.isArray(type) ? type : [type]).filter((one) => typeof one === 'string');
}

function readValue(values: readonly string[], types: readonly string[], property: Json | undefined): Json | undefined {
  if (types.length === 0) return values.length === 1 ? jsonOrText(values[0]!) : values.map(jsonOrText);
  for (const type of types) {
    const value =
      type === 'array' ? readList(values, property) : values.length === 1 ? readOne(values[0]!, type) : undefined;
    if (value !== undefined) return value;
  }
  return undefined;
}

function readList(values: readonly string[], property: Json | undefined): Json[] | undefined {
  if (values.length === 1 && values[0]!.trimStart().startsWith('[')) {
    const parsed = jsonOrText(values[0]!);
    return Array.isArray(parsed) ? parsed : undefined;
  }
  const items = isJsonObject(property) ? property['items'] : undefined;
  const parts = values.length === 1 ? values[0]!.split(',').map((part) => part.trim()) : values;
  const read = parts.filter((part) => part !== '').map((part) => readValue([part], typesOf(items), items));
  return read.every((one) => one !== undefined) ? read : undefined;
}

function readOne(text: string, type: string): Json | undefined {
  if (type === 'string') return text;
  const parsed = jsonOrText(text);
  switch (type) {
    case 'number':
      return typeof parsed === 'number' ? parsed : undefined;
    case 'integer':
      return Number.isInteger(parsed) ? parsed : undefined;
    case 'boolean':
      return typeof parsed === 'boolean' ? parsed : undefined;
    case 'null':
      return text === '' || parsed === null ? null : undefined;
    case 'object':
      return isJsonObject(parsed) ? parsed : undefined;
    default:
      return undefined;
  }
}

function jsonOrText(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
