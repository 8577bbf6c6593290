import { isJsonObject, type Json, type JsonObject } from '../../../model/json.ts';
import { HIDDEN, holdsHidden } from './credential.ts';
import { plainNumbers } from './exact-json.ts';
import { findParameter } from './names.ts';
import { parameterError, ValueError } from './parameter-error.ts';
import { type Parameter, parametersOf, takesAnything } from './parameters.ts';
import { readValue, writeValue } from './values.ts';

/** What a request changes of an input: values by property, and properties that go back to their default. */
export interface InputChange {
  set: JsonObject;
  unset: string[];
}

/**
 * Reads parameters by the names clients use. `null` means the default; what a job showed in place of a secret means that
 * the secret stays. Throws `invalid-workflow-input` naming the parameter.
 */
export function readInputs(schema: JsonObject | undefined, sent: JsonObject): InputChange {
  const change: InputChange = { set: {}, unset: [] };
  const parameters = parametersOf(schema);
  const open = takesAnything(schema);
  for (const [name, value] of Object.entries(sent)) {
    const parameter = open ? undefined : findParameter(parameters, name);
    if (value === null) change.unset.push(parameter?.name ?? name);
    else if (parameter === undefined) change.set[name] = plainNumbers(value);
    else if (!holdsHidden(value)) change.set[parameter.name] = readOne(parameter, value);
  }
  return change;
}

function readOne({ kind, schema, wireName }: Parameter, value: Json): Json {
  try {
    return readValue(kind, value, schema);
  } catch (error) {
    if (error instanceof ValueError) throw parameterError(wireName, error.message);
    throw error;
  }
}

/** The values of an input as clients read them, in the order declared: `inputParameters`. Files are not among them. */
export function writeInputs(schema: JsonObject | undefined, input: Json): JsonObject {
  const values = isJsonObject(input) ? input : {};
  const parameters = parametersOf(schema);
  const written: JsonObject = {};
  for (const { name, wireName, kind, schema: own, secret } of parameters) {
    const value = values[name] ?? own['default'];
    if (value !== undefined && kind !== 'file') written[wireName] = secret ? HIDDEN : writeValue(kind, value, own);
  }
  const declared = new Set(parameters.map(({ name }) => name));
  for (const [name, value] of Object.entries(values)) if (!declared.has(name)) written[name] = value;
  return written;
}

/** `inputParameters` with examples where there is no value: what a client fills in to run the job. */
export function templateOf(schema: JsonObject | undefined, input: Json): JsonObject {
  const shown = writeInputs(schema, input);
  const template: JsonObject = {};
  for (const { wireName, kind, schema: own, secret } of parametersOf(schema)) {
    const example = !secret && Array.isArray(own['examples']) ? own['examples'][0] : undefined;
    const value = shown[wireName] ?? (example === undefined ? undefined : writeValue(kind, example, own));
    if (value !== undefined && kind !== 'file') template[wireName] = value;
  }
  return template;
}

/** The file inputs with the names of their files, empty where there is none yet: `inputResources`. */
export function inputResources(schema: JsonObject | undefined, input: Json): JsonObject {
  const values = isJsonObject(input) ? input : {};
  const files = parametersOf(schema).filter(({ kind }) => kind === 'file');
  return Object.fromEntries(files.map(({ name, wireName }) => [wireName, values[name] ?? '']));
}
