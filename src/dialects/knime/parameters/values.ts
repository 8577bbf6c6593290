import type { Json, JsonObject } from '../../../model/json.ts';
import { readCredentials, writeCredentials } from './credential.ts';
import type { Kind } from './kinds.ts';
import { shownValue, ValueError } from './parameter-error.ts';
import { readRawHttp } from './raw-http.ts';
import { readRow, writeRow } from './row.ts';
import { readJson, readScalar, withoutWrapper, writeScalar } from './scalar.ts';
import { readTable, writeTable } from './table.ts';
import { readTruths } from './truths.ts';
import { readVariables } from './variable.ts';

/** A value as the workflow gets it, from what a client sent. Throws `ValueError` for what its kind never is. */
export function readValue(kind: Kind, value: Json, schema: JsonObject): Json {
  switch (kind) {
    case 'table':
      return readTable(withoutWrapper(value), schema);
    case 'row':
      return readRow(value, schema);
    case 'variable':
      return readVariables(value, schema);
    case 'credential':
      return readCredentials(value, schema);
    case 'raw-http':
      return readRawHttp(value);
    case 'file':
      return readFileName(value);
    case 'json':
      return readTruths(readJson(value), schema);
    default:
      return readTruths(readScalar(value), schema);
  }
}

/** A file comes as a part of a form; in JSON only the name of one that the job has already. */
function readFileName(value: Json): Json {
  if (typeof value === 'string') return value;
  throw new ValueError(`a file is sent as a part of multipart/form-data; found ${shownValue(value)}.`);
}

/** A value as clients read it. */
export function writeValue(kind: Kind, value: Json, schema: JsonObject): Json {
  switch (kind) {
    case 'table':
      return writeTable(value, schema);
    case 'row':
      return writeRow(value, schema);
    case 'credential':
      return writeCredentials(value);
    default:
      return writeScalar(value, kind);
  }
}
