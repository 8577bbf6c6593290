import { isJsonObject, type Json, type JsonObject } from '../../../model/json.ts';
import { columnTypes, isColumnType, readCell, typeOfCells, writeCell } from './cells.ts';
import { type Column, declaredColumns, takesNull } from './columns.ts';
import { typesOf } from './kinds.ts';
import { shownValue, ValueError } from './parameter-error.ts';

/**
 * A table on the wire is `{"table-spec":[{"name":"type"},…],"table-data":[[…],…]}`. A workflow takes it in one of two
 * forms, as its schema says: `type: array` gives it rows that are objects; `type: object` gives it the table as it is,
 * with columns and types nobody declared.
 */
export function readTable(value: Json, schema: JsonObject): Json {
  if (!isJsonObject(value)) {
    throw new ValueError(`a table is {"table-spec":[…],"table-data":[[…]]}; found ${shownValue(value)}.`);
  }
  const { 'table-spec': spec, 'table-data': data } = value;
  if (!Array.isArray(data)) {
    throw new ValueError(`"table-data" must be a list of rows; found ${shownValue(data)}.`);
  }
  const columns = spec === undefined || spec === null ? templateColumns(schema) : readSpec(spec);
  const rows = data.map((row, index) => readRow(row, index, columns));
  if (!givesRows(schema)) return { 'table-spec': columns.map(specOf), 'table-data': rows };
  const { items } = schema;
  const properties = isJsonObject(items) ? items['properties'] : undefined;
  const dropped = columns.map(({ name }) => !takesNull(properties, name));
  return rows.map((row) =>
    Object.fromEntries(
      columns
        .map(({ name }, at): [string, Json] => [name, row[at]!])
        .filter(([, cell], at) => cell !== null || !dropped[at]),
    ),
  );
}

const givesRows = (schema: JsonObject): boolean => typesOf(schema).includes('array') || isJsonObject(schema['items']);

/** The columns of a table that comes without `table-spec`: those declared, or those of the default. */
function templateColumns(schema: JsonObject): Column[] {
  const declared = declaredColumns(schema);
  if (declared.length > 0) return declared;
  const template = schema['default'];
  if (isJsonObject(template) && template['table-spec'] !== undefined) return readSpec(template['table-spec']);
  throw new ValueError('"table-spec" is missing, and the workflow declares no columns of its own.');
}

function readSpec(spec: Json): Column[] {
  if (!Array.isArray(spec)) {
    throw new ValueError(`"table-spec" must be a list such as [{"column":"string"}]; found ${shownValue(spec)}.`);
  }
  const names = new Set<string>();
  return spec.map((entry, index) => {
    const members = isJsonObject(entry) ? Object.entries(entry) : [];
    if (members.length !== 1) {
      throw new ValueError(`column ${index} of "table-spec" must be {"name":"type"}; found ${shownValue(entry)}.`);
    }
    const [name, type] = members[0]!;
    if (names.has(name)) throw new ValueError(`two columns of "table-spec" are called ${JSON.stringify(name)}.`);
    names.add(name);
    if (!isColumnType(type)) {
      const known = columnTypes.join(', ');
      throw new ValueError(
        `column ${JSON.stringify(name)} has the unknown type ${shownValue(type)}; known are ${known}.`,
      );
    }
    return { name, type };
  });
}

function readRow(row: Json, index: number, columns: readonly Column[]): Json[] {
  if (!Array.isArray(row)) throw new ValueError(`row ${index} must be a list of cells; found ${shownValue(row)}.`);
  if (row.length !== columns.length) {
    throw new ValueError(
      `row ${index} has ${counted(row.length, 'cell')}, but the table has ${counted(columns.length, 'column')}.`,
    );
  }
  return row.map((cell, at) => {
    const { name, type } = columns[at]!;
    try {
      return readCell(type, cell);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      throw new ValueError(`row ${index}, column ${JSON.stringify(name)}: ${error.message}.`);
    }
  });
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** A table as clients read it, from either form; what is none stays as it is. */
export function writeTable(value: Json, schema: JsonObject): Json {
  if (Array.isArray(value)) return ofRows(value, schema);
  if (!isJsonObject(value) || !Array.isArray(value['table-data'])) return value;
  const columns = specColumns(value['table-spec'], schema);
  const rows = value['table-data'].map((row) =>
    Array.isArray(row) ? row.map((cell, at) => writeCell(columns[at]?.type ?? 'string', cell)) : row,
  );
  return { 'table-spec': columns.map(specOf), 'table-data': rows };
}

/** Columns a workflow wrote; what it left out or wrote wrongly is text. */
function specColumns(spec: Json | undefined, schema: JsonObject): Column[] {
  if (!Array.isArray(spec)) return declaredColumns(schema);
  return spec.flatMap((entry) =>
    Object.entries(isJsonObject(entry) ? entry : {}).map(
      ([name, type]): Column => ({
        name,
        type: isColumnType(type) ? type : 'string',
      }),
    ),
  );
}

/** Declared columns first, then others in the order in which rows have them first. */
function ofRows(rows: readonly Json[], schema: JsonObject): Json {
  const declared = declaredColumns(schema);
  const known = new Set(declared.map(({ name }) => name));
  const objects = rows.map((row) => (isJsonObject(row) ? row : {}));
  const others = new Set(objects.flatMap((row) => Object.keys(row).filter((name) => !known.has(name))));
  const columns: Column[] = [
    ...declared,
    ...[...others].map((name): Column => ({ name, type: typeOfCells(objects.map((row) => row[name])) })),
  ];
  return {
    'table-spec': columns.map(specOf),
    'table-data': objects.map((row) => columns.map(({ name, type }) => writeCell(type, row[name]))),
  };
}

const specOf = ({ name, type }: Column): JsonObject => ({ [name]: type });
