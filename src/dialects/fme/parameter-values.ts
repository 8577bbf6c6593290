import type { FieldError } from '../../model/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import { choices } from './choices.ts';
import { readDate } from './dates.ts';
import { readFlag } from './fields.ts';
import { quotedPaths, readFileText } from './file-parameters.ts';
import { choicesOf, itemsOf, type Kind, typesOf } from './parameter-kinds.ts';
import { type Parameter, parametersOf, withValues } from './parameters.ts';
import { readSharedPath } from './shared-paths.ts';

/**
 * The input of a workflow from what a client sent: numbers and truths that arrive as text, lists as one text, dates in
 * their own form. What cannot be read stays as it is: the schema then says what is wrong with it. `files` are the
 * parameters among them that name files or folders.
 */
export function readParameters(
  schema: JsonObject | undefined,
  sent: Readonly<Record<string, unknown>>,
): { input: Json; errors: FieldError[]; files?: Parameter[] } {
  const parameters = parametersOf(schema);
  const known = new Map(withValues(parameters).map((parameter) => [parameter.name, parameter]));
  const groups = new Set(groupNames(parameters));
  const input: JsonObject = {};
  const errors: FieldError[] = [];
  const files: Parameter[] = [];
  // Groups are there as soon as they have members: defaults and requirements within them hold.
  makeGroups(input, parameters);
  for (const [name, value] of opened(sent, groups)) {
    const parameter = known.get(name);
    if (parameter === undefined) {
      if (!isClosed(schema) || choices.undeclaredParameters === 'refuse') define(input, name, value);
      continue;
    }
    if (isAbsent(value, parameter)) continue;
    const { value: read, error } = readValue(value, parameter.schema, parameter.kind);
    if (error !== undefined) errors.push({ pointer: name, in: 'input', message: error });
    else place(input, parameter.path, read);
    if (isOfFiles(parameter)) files.push(parameter);
  }
  // The engine fills in defaults as they stand; what a shared file is called on the disk is known here alone.
  for (const parameter of known.values()) {
    if (!isOfFiles(parameter) || files.includes(parameter)) continue;
    const preset = sharedDefault(parameter.schema);
    if (preset === undefined) continue;
    place(input, parameter.path, preset);
    files.push(parameter);
  }
  return files.length === 0 ? { input, errors } : { input, errors, files };
}

const isOfFiles = ({ kind }: Parameter): boolean => kind === 'file' || kind === 'folder';

/** The default of a parameter, if it names shared files. */
function sharedDefault({ default: preset }: JsonObject): Json | undefined {
  const texts = Array.isArray(preset) ? preset : [preset];
  const isShared = texts.some((text) => typeof text === 'string' && readSharedPath(text) !== undefined);
  return isShared ? structuredClone(preset) : undefined;
}

const groupNames = (parameters: readonly Parameter[]): string[] =>
  parameters.flatMap(({ kind, name, members }) => (kind === 'group' ? [name, ...groupNames(members)] : []));

/** A group may be sent as an object too. */
function opened(sent: Readonly<Record<string, unknown>>, groups: ReadonlySet<string>): [string, Json][] {
  return Object.entries(sent).flatMap(([name, value]): [string, Json][] =>
    groups.has(name) && isJsonObject(value) ? opened(value, groups) : [[name, value as Json]],
  );
}

const isClosed = (schema: JsonObject | undefined): boolean =>
  schema?.['additionalProperties'] === false || schema?.['unevaluatedProperties'] === false;

/** Nothing was sent: null, or an empty text where text is required or is not what is wanted. */
const isAbsent = (value: Json, { required, schema, kind }: Parameter): boolean =>
  value === null ||
  (value === '' &&
    (required || kind === 'password' || !typesOf(schema).includes('string') || choicesOf(schema).length > 0));

function makeGroups(into: JsonObject, parameters: readonly Parameter[]): void {
  for (const { kind, name, members } of parameters) {
    if (kind !== 'group') continue;
    const group: JsonObject = {};
    define(into, name, group);
    makeGroups(group, members);
  }
}

function place(input: JsonObject, path: readonly string[], value: Json): void {
  let at = input;
  for (const name of path.slice(0, -1)) at = at[name] as JsonObject;
  define(at, path.at(-1)!, value);
}

/** Sets a member of any name, `__proto__` too, without touching the object's nature. */
const define = (into: JsonObject, name: string, value: Json): void =>
  void Object.defineProperty(into, name, { value, enumerable: true, configurable: true, writable: true });

interface Read {
  value: Json;
  /** Why it cannot be taken, where the schema would not see that. */
  error?: string;
}

function readValue(value: Json, schema: JsonObject, kind: Kind): Read {
  const types = typesOf(schema);
  if (types.includes('array')) return readList(value, schema, kind);
  if (fits(value, types) && typeof value !== 'string') return { value };
  if (Array.isArray(value) && value.length === 1 && types.length > 0) return readValue(value[0]!, schema, kind);
  if (typeof value === 'string') return readText(value, schema, kind, types);
  if (typeof value === 'boolean' && kind === 'checkbox') return { value: choiceFor(value, schema) ?? value };
  if (types.includes('string') && value !== null) {
    return { value: typeof value === 'object' ? JSON.stringify(value) : String(value) };
  }
  return { value };
}

function readText(text: string, schema: JsonObject, kind: Kind, types: readonly string[]): Read {
  if (types.includes('integer') || types.includes('number')) {
    const number = text.trim();
    if (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(number)) return { value: Number(number) };
  }
  if (types.includes('boolean')) {
    const flag = readFlag(text);
    if (flag !== undefined) return { value: flag };
  }
  if (types.includes('object')) {
    const parsed = parsedJson(text);
    if (isJsonObject(parsed)) return { value: parsed };
  }
  if (kind === 'datetime') return { value: readDate(text, String(schema['format'] ?? 'date-time')) };
  if (kind === 'file' || kind === 'folder') return readFileText(text);
  if (kind === 'checkbox' && !choicesOf(schema).some(({ value }) => value === text)) {
    const flag = readFlag(text);
    return { value: flag === undefined ? text : (choiceFor(flag, schema) ?? text) };
  }
  return { value: text };
}

/** A checkbox whose values are texts: the first is for on, the second for off. */
const choiceFor = (on: boolean, schema: JsonObject): Json | undefined => choicesOf(schema)[on ? 0 : 1]?.value;

function readList(value: Json, schema: JsonObject, kind: Kind): Read {
  const items = itemsOf(schema);
  const list = Array.isArray(value) ? value : typeof value === 'string' ? splitList(value, kind, items) : [value];
  if (kind === 'table') return { value: list.map((row) => readRow(row, parametersOf(items))) };
  const read = list.map((item) => readValue(item, items, kind === 'file' || kind === 'folder' ? kind : 'text'));
  const wrong = read.find(({ error }) => error !== undefined);
  return wrong ?? { value: read.map((one) => one.value) };
}

/** A row of a table: its cells are read as parameters of their kinds are. */
function readRow(row: Json, columns: readonly Parameter[]): Json {
  if (!isJsonObject(row)) return row;
  const read: JsonObject = {};
  for (const [name, cell] of Object.entries(row)) {
    const column = columns.find((one) => one.name === name);
    define(
      read,
      name,
      column === undefined || cell === null ? cell : readValue(cell, column.schema, column.kind).value,
    );
  }
  return read;
}

/** `a,b`, `["a","b"]`, or `"" "a.gpkg" "b.gpkg"`. */
function splitList(text: string, kind: Kind, items: JsonObject): Json[] {
  const parsed = /^\s*[[{]/.test(text) ? parsedJson(text) : undefined;
  if (Array.isArray(parsed)) return parsed;
  if (isJsonObject(parsed) && typesOf(items).includes('object')) return [parsed];
  if (kind === 'file' || kind === 'folder') return quotedPaths(text) ?? [text];
  if (/^\s*"/.test(text))
    return [...text.matchAll(/"([^"]*)"/g)].map(([, path = '']) => path).filter((path) => path !== '');
  // A choice may have a comma in it.
  if (choicesOf(items).some(({ value }) => value === text)) return [text];
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function fits(value: Json, types: readonly string[]): boolean {
  if (typeof value === 'number')
    return types.includes('number') || (types.includes('integer') && Number.isInteger(value));
  return types.includes(isJsonObject(value) ? 'object' : typeof value);
}

function parsedJson(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
