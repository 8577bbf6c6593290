import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';

/**
 * Kinds of published parameters. Each follows from the JSON Schema of the property; where JSON Schema has no word for
 * one, `x-fme-type` says it.
 */
export const kinds = [
  'text',
  'password',
  'number',
  'range',
  'checkbox',
  'dropdown',
  'radio',
  'listbox',
  'list',
  'tree',
  'datetime',
  'color',
  'file',
  'folder',
  'coordsys',
  'geometry',
  'attribute',
  'table',
  'message',
  'group',
] as const;
export type Kind = (typeof kinds)[number];

export function kindOf(schema: JsonObject): Kind {
  const hint = schema['x-fme-type'];
  if (typeof hint === 'string' && kinds.some((kind) => kind === hint)) return hint as Kind;
  if (schema['format'] === 'password' || schema['writeOnly'] === true) return 'password';
  switch (typeOf(schema)) {
    case 'boolean':
      return 'checkbox';
    case 'integer':
    case 'number':
      return hasChoices(schema) ? 'dropdown' : 'number';
    case 'array':
      return kindOfList(schema);
    case 'object':
      return isJsonObject(schema['properties']) ? 'group' : 'text';
    default:
      if (dateFormats.has(String(schema['format']))) return 'datetime';
      return hasChoices(schema) && !isOpen(schema) ? 'dropdown' : 'text';
  }
}

function kindOfList(schema: JsonObject): Kind {
  const items = itemsOf(schema);
  if (typeOf(items) === 'object') return 'table';
  const pair = schema['minItems'] === 2 && schema['maxItems'] === 2;
  return pair && isNumeric(items) ? 'range' : 'listbox';
}

const dateFormats = new Set(['date', 'time', 'date-time']);

/** The one type of a schema beside null; undefined where several or none are possible. */
export function typeOf(schema: JsonObject): string | undefined {
  const types = typesOf(schema);
  return types.length === 1 ? types[0] : undefined;
}

export function typesOf(schema: JsonObject): string[] {
  const { type } = schema;
  const named = (Array.isArray(type) ? type : [type]).filter(
    (one): one is string => typeof one === 'string' && one !== 'null',
  );
  if (named.length > 0) return named;
  if (isJsonObject(schema['properties'])) return ['object'];
  if (schema['items'] !== undefined || schema['prefixItems'] !== undefined) return ['array'];
  const values = [...(Array.isArray(schema['enum']) ? schema['enum'] : []), ...constants(schema)];
  const found = new Set(values.filter((value) => value !== null).map(nameOfType));
  if (found.size > 0) return [...found];
  const branches = branchesOf(schema);
  return [...new Set(branches.flatMap(typesOf))];
}

const nameOfType = (value: Json): string =>
  Array.isArray(value) ? 'array' : typeof value === 'object' ? 'object' : typeof value;

export const isNumeric = (schema: JsonObject): boolean => ['integer', 'number'].includes(typeOf(schema) ?? '');

/** What each item of a list is. */
export function itemsOf(schema: JsonObject): JsonObject {
  const { items, prefixItems } = schema;
  if (isJsonObject(items)) return items;
  const first = Array.isArray(prefixItems) ? prefixItems[0] : undefined;
  return isJsonObject(first) ? first : {};
}

/** One value to choose, with its label. */
export interface Choice {
  value: Json;
  display: string;
  description?: string;
}

const branchesOf = (schema: JsonObject): JsonObject[] =>
  [schema['oneOf'], schema['anyOf']].flatMap((list) => (Array.isArray(list) ? list.filter(isJsonObject) : []));

const constants = (schema: JsonObject): Json[] =>
  branchesOf(schema).flatMap((branch) => (branch['const'] === undefined ? [] : [branch['const']]));

/** The values a parameter can have: of a list, those its items can have. */
export function choicesOf(schema: JsonObject): Choice[] {
  const holder = typeOf(schema) === 'array' ? itemsOf(schema) : schema;
  const listed = choicesIn(holder);
  if (listed.length > 0) return listed;
  if (typeOf(holder) === 'boolean') {
    return [
      { value: true, display: 'Yes' },
      { value: false, display: 'No' },
    ];
  }
  // A list without a fixed set of values offers what its examples have.
  const examples = typeOf(schema) === 'array' && Array.isArray(schema['examples']) ? schema['examples'] : [];
  const values = examples.flatMap((example) => (Array.isArray(example) ? example : [example]));
  return [...new Set(values)].filter((value) => typeof value !== 'object').map(plainChoice);
}

function choicesIn(schema: JsonObject): Choice[] {
  const { enum: values } = schema;
  const branches = branchesOf(schema).flatMap((branch): Choice[] => {
    const { const: value, title, description } = branch;
    if (value === undefined) return choicesIn(branch);
    return [
      {
        value,
        display: typeof title === 'string' ? title : String(value),
        ...(typeof description === 'string' ? { description } : {}),
      },
    ];
  });
  return [...(Array.isArray(values) ? values.filter((value) => value !== null).map(plainChoice) : []), ...branches];
}

const plainChoice = (value: Json): Choice => ({ value, display: String(value) });

const hasChoices = (schema: JsonObject): boolean => choicesIn(schema).length > 0;

/** Whether other text than the choices is accepted too. */
const isOpen = (schema: JsonObject): boolean =>
  Array.isArray(schema['anyOf']) &&
  schema['anyOf'].some(
    (branch) =>
      isJsonObject(branch) && branch['type'] === 'string' && !hasChoices(branch) && branch['const'] === undefined,
  );
