import { isJsonObject, type Json, type JsonObject } from '../../../model/json.ts';
import { type ColumnType, isColumnType } from './cells.ts';
import { typesOf } from './kinds.ts';

/** One column of a table. */
export interface Column {
  name: string;
  type: ColumnType;
}

/** The columns that the rows of a table are declared to have: the properties of its items, in their order. */
export function declaredColumns(schema: JsonObject): Column[] {
  const { items } = schema;
  const properties = isJsonObject(items) ? items['properties'] : undefined;
  return Object.entries(isJsonObject(properties) ? properties : {}).map(([name, property]) => ({
    name,
    type: columnTypeOf(isJsonObject(property) ? property : {}),
  }));
}

const formats: Record<string, ColumnType> = { date: 'localdate', time: 'localtime', 'date-time': 'zoneddatetime' };

/**
 * Whether null is a value of a column; where its property names types without null, a missing cell is a member that is not
 * there, so that `default` and `required` decide what becomes of it.
 */
export function takesNull(properties: Json | undefined, name: string): boolean {
  const property = isJsonObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (!isJsonObject(property) || property['type'] === undefined) return true;
  return [property['type']].flat().includes('null');
}

/** `x-knime-column` says it; else it follows from type and format. */
export function columnTypeOf(schema: JsonObject): ColumnType {
  const { 'x-knime-column': hint, format } = schema;
  if (isColumnType(hint)) return hint;
  const types = typesOf(schema);
  // What is a whole number or, above 2^53, text is a whole number on the wire.
  if (types.includes('integer')) return format === 'int32' ? 'int' : 'long';
  if (types.includes('number')) return 'double';
  if (types.includes('boolean')) return 'boolean';
  return formats[String(format)] ?? 'string';
}
