import { isJsonObject, type Json, type JsonObject } from '../../../model/json.ts';
import { readCell, writeCell } from './cells.ts';
import { columnTypeOf, takesNull } from './columns.ts';
import { exactDigits } from './exact-json.ts';
import { shownValue, ValueError } from './parameter-error.ts';

/**
 * One row: `{"column": value, …}`. A whole number above 2^53 is text of digits in the workflow, an object is kept as JSON
 * text. What becomes of columns that are left out the schema says: a `default` fills them in, `required` refuses.
 */
export function readRow(value: Json, schema: JsonObject): Json {
  if (!isJsonObject(value)) throw new ValueError(`a row is {"column":value,…}; found ${shownValue(value)}.`);
  const members = Object.entries(value).filter(
    ([name, cell]) => cell !== null || takesNull(schema['properties'], name),
  );
  return Object.fromEntries(members.map(([name, cell]) => [name, readValue(name, cell)]));
}

function readValue(name: string, cell: Json): Json {
  if (Array.isArray(cell)) throw new ValueError(`column ${JSON.stringify(name)} is a list; lists are not accepted.`);
  const digits = exactDigits(cell);
  if (digits === undefined) return isJsonObject(cell) ? JSON.stringify(cell) : cell;
  try {
    return readCell('long', cell);
  } catch {
    throw new ValueError(`column ${JSON.stringify(name)}: ${digits} has more than 64 bit.`);
  }
}

/** Columns in the order they are declared in, then the others. */
export function writeRow(value: Json, schema: JsonObject): Json {
  if (!isJsonObject(value)) return value;
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const names = [
    ...Object.keys(properties).filter((name) => Object.hasOwn(value, name)),
    ...Object.keys(value).filter((name) => !Object.hasOwn(properties, name)),
  ];
  return Object.fromEntries(names.map((name) => [name, writeValue(value[name]!, properties[name])]));
}

const writeValue = (cell: Json, property: Json | undefined): Json =>
  isJsonObject(property) && !Array.isArray(cell) && !isJsonObject(cell)
    ? writeCell(columnTypeOf(property), cell)
    : cell;
