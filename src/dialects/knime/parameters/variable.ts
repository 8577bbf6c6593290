import { isJsonObject, type Json, type JsonObject } from '../../../model/json.ts';
import { exactDigits } from './exact-json.ts';
import { typesOf } from './kinds.ts';
import { shownValue, ValueError } from './parameter-error.ts';
import { readScalar } from './scalar.ts';

const INT = 2 ** 31;

/**
 * Flow variables: `{"name": value, …}`, or the bare value where the schema is of a single value; older clients send
 * `{"variables":[{"name":value},…]}`. Values are text, numbers and truths; whole numbers have 32 bit.
 */
export function readVariables(value: Json, schema: JsonObject): Json {
  const types = typesOf(schema);
  const simple = types.length > 0 && !types.includes('object');
  if (simple) return checked('The value', readScalar(single(value) ?? value));
  if (!isJsonObject(value)) throw new ValueError(`variables are {"name":value,…}; found ${shownValue(value)}.`);
  const members = listed(value) ?? Object.entries(value);
  return Object.fromEntries(members.map(([name, one]) => [name, checked(JSON.stringify(name), one)]));
}

/** The members of the older form; undefined for the newer one. */
function listed(value: JsonObject): [string, Json][] | undefined {
  const { variables } = value;
  if (!Array.isArray(variables) || Object.keys(value).length !== 1) return undefined;
  return variables.flatMap((entry) => {
    if (!isJsonObject(entry)) throw new ValueError(`"variables" holds objects; found ${shownValue(entry)}.`);
    return Object.entries(entry);
  });
}

/** The value of the only variable, where one is sent for a bare value. */
function single(value: Json): Json | undefined {
  const members = isJsonObject(value) ? (listed(value) ?? []) : [];
  return members.length === 1 ? members[0]![1] : undefined;
}

function checked(what: string, value: Json): Json {
  const scalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  if (!scalar) {
    throw new ValueError(`${what} must be text, a number, true or false; found ${shownValue(value)}.`);
  }
  const whole = exactDigits(value) !== undefined || Number.isInteger(value);
  if (whole && !(Number(value) >= -INT && Number(value) < INT)) {
    throw new ValueError(`${what} must have at most 32 bit as a whole number; found ${shownValue(value)}.`);
  }
  return value;
}
