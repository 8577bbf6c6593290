import * as z from 'zod';
import { isJsonObject, type Json, type JsonObject } from '../../../model/json.ts';
import { choicesOf, type Kind, typeOf } from '../parameter-kinds.ts';
import { type Parameter, parametersOf, withValues } from '../parameters.ts';

export const FmeV3Parameter = z
  .object({
    name: z.string(),
    description: z.string().meta({ description: 'Its label.' }),
    type: z.string(),
    model: z.enum(['string', 'list']),
    optional: z.boolean(),
    defaultValue: z.any().meta({ description: 'A text, or a list of texts; empty without one.' }),
    listOptions: z.array(z.object({ caption: z.string(), value: z.string() })).optional(),
  })
  .meta({ id: 'FmeV3Parameter' });

export const exampleV3Parameter = {
  name: 'location',
  description: 'Locations',
  type: 'LISTBOX',
  model: 'list',
  optional: false,
  defaultValue: [],
  listOptions: [{ caption: 'Burnaby', value: 'Burnaby' }],
};

/** The parameters of a workflow in the spelling of V3 (reference section 5.5), which has no groups and no messages. */
export const v3ParametersOf = (schema: JsonObject | undefined) => withValues(parametersOf(schema)).map(v3ParameterWire);

function v3ParameterWire({ name, kind, schema, required }: Parameter) {
  const { title } = schema;
  const options = choicesOf(schema).map(({ display, value }) => ({ caption: display, value: String(value) }));
  const lookup = options.some(({ caption, value }) => caption !== value);
  const list = kind === 'listbox' || kind === 'list' || (typeOf(schema) === 'array' && kind !== 'table');
  return {
    name,
    description: typeof title === 'string' ? title : name,
    type: typeName(kind, schema, { choices: options.length > 0, lookup }),
    model: list ? 'list' : 'string',
    optional: !required,
    defaultValue: kind === 'password' ? '' : defaultOf(schema['default'], list),
    ...(options.length === 0 ? {} : { listOptions: options }),
  };
}

function typeName(kind: Kind, schema: JsonObject, { choices, lookup }: { choices: boolean; lookup: boolean }): string {
  switch (kind) {
    case 'number':
      return typeOf(schema) === 'integer' ? 'INTEGER' : 'FLOAT';
    case 'dropdown':
    case 'radio':
      return lookup ? 'LOOKUP_CHOICE' : 'CHOICE';
    case 'listbox':
    case 'list':
    case 'tree':
      return lookup ? 'LOOKUP_LISTBOX' : 'LISTBOX';
    case 'text':
      if (schema['format'] === 'uri') return 'URL';
      return choices ? 'STRING_OR_CHOICE' : typeOf(schema) === 'object' ? 'TEXT_EDIT' : 'STRING';
    default:
      return names[kind];
  }
}

const names: Record<Exclude<Kind, 'number' | 'dropdown' | 'radio' | 'listbox' | 'list' | 'tree' | 'text'>, string> = {
  password: 'PASSWORD',
  range: 'RANGE_SLIDER',
  checkbox: 'CHECKBOX',
  datetime: 'DATETIME',
  color: 'COLOR_PICK',
  file: 'FILENAME',
  folder: 'DIRNAME',
  coordsys: 'COORDSYS',
  geometry: 'GEOMETRY',
  attribute: 'ATTRIBUTE_NAME',
  table: 'TEXT_EDIT',
  message: 'TEXT',
  group: 'TEXT',
};

/** There every value is a text; lists are lists of them. */
function defaultOf(value: Json | undefined, list: boolean): string | string[] {
  const text = (one: Json): string => (isJsonObject(one) || Array.isArray(one) ? JSON.stringify(one) : String(one));
  if (list) return Array.isArray(value) ? value.map(text) : value == null ? [] : [text(value)];
  return value == null ? '' : text(value);
}
