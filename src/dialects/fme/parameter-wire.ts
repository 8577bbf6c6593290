import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import { choicesOf, isNumeric, itemsOf, typeOf } from './parameter-kinds.ts';
import { type Parameter, parametersOf } from './parameters.ts';

type Wire = Record<string, unknown>;

/**
 * A published parameter as clients read it. Every `x-fme-NAME` of its schema beside `x-fme-type` becomes the member NAME
 * as it stands there: `x-fme-filters`, `x-fme-visibility`, `x-fme-showSlider`, …
 */
export function parameterWire(parameter: Parameter): Wire {
  const { name, kind, schema, required } = parameter;
  const { title, description } = schema;
  const head: Wire = {
    type: kind === 'folder' ? 'file' : kind,
    name,
    prompt: typeof title === 'string' ? title : name,
    ...(typeof description === 'string' ? { description } : {}),
    required,
  };
  if (kind === 'message') return { ...head, ...hintsOf(schema) };
  if (kind === 'group') {
    return { ...head, showPrompt: true, ...hintsOf(schema), parameters: parameter.members.map(parameterWire) };
  }
  return {
    ...head,
    valueType: valueTypeOf(parameter),
    showPrompt: true,
    ...membersOf(parameter),
    ...defaultOf(parameter),
    ...hintsOf(schema),
  };
}

function valueTypeOf({ kind, schema }: Parameter): string {
  if (kind === 'password') return 'stringEncoded';
  const type = typeOf(typeOf(schema) === 'array' ? itemsOf(schema) : schema);
  return type === 'integer' || type === 'number' || type === 'boolean' ? type : 'string';
}

/** What a kind has beside the members of all. */
function membersOf({ kind, schema }: Parameter): Wire {
  switch (kind) {
    case 'number':
      return boundsOf(schema);
    case 'range':
      return boundsOf(typeOf(schema) === 'array' ? itemsOf(schema) : schema);
    case 'checkbox':
    case 'dropdown':
    case 'radio':
    case 'listbox':
    case 'list':
      return choiceSettings(schema);
    case 'tree':
      return { nodeDelimiter: '/', singleSelection: typeOf(schema) !== 'array', ...choiceSettings(schema) };
    case 'datetime':
      return { format: formats[String(schema['format'])] ?? 'datetime' };
    case 'file':
    case 'folder':
      return {
        itemsToSelect: kind === 'file' ? 'files' : 'folders',
        selectMultiple: typeOf(schema) === 'array',
        accessMode: 'read',
        validateExistence: false,
      };
    case 'table':
      return { columns: parametersOf(itemsOf(schema)).map(parameterWire) };
    case 'text':
      return {
        ...(schema['format'] === 'uri' ? { editor: 'url' } : {}),
        ...(choicesOf(schema).length > 0 ? choiceSettings(schema) : {}),
      };
    default:
      return {};
  }
}

const formats: Record<string, string> = { date: 'date', time: 'time', 'date-time': 'datetime' };

const choiceSettings = (schema: JsonObject): Wire => ({
  choiceSettings: {
    choices: choicesOf(schema).map(({ display, value, description }) => ({
      display,
      value: String(value),
      ...(description === undefined ? {} : { description }),
    })),
  },
});

function boundsOf(schema: JsonObject): Wire {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const step = multipleOf ?? (typeOf(schema) === 'integer' ? 1 : undefined);
  return {
    ...(minimum === undefined ? {} : { minimum }),
    ...(exclusiveMinimum === undefined ? {} : { minimum: exclusiveMinimum, minimumExclusive: true }),
    ...(maximum === undefined ? {} : { maximum }),
    ...(exclusiveMaximum === undefined ? {} : { maximum: exclusiveMaximum, maximumExclusive: true }),
    ...(step === undefined ? {} : { multipleOf: step }),
  };
}

/** Never of a password, and never an object: clients know texts, numbers, truths and lists. */
function defaultOf({ kind, schema }: Parameter): Wire {
  const { default: value } = schema;
  if (value === undefined || value === null || kind === 'password') return {};
  return { defaultValue: isJsonObject(value) ? JSON.stringify(value) : wireValue(value, schema) };
}

/** A choice is written as clients send it back. */
const wireValue = (value: Json, schema: JsonObject): Json =>
  typeof value === 'boolean' || isNumeric(schema) || Array.isArray(value) ? value : String(value);

const PREFIX = 'x-fme-';

function hintsOf(schema: JsonObject): Wire {
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => key.startsWith(PREFIX) && key !== `${PREFIX}type`)
      .map(([key, value]) => [key.slice(PREFIX.length), value]),
  );
}
