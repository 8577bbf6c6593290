import { isJsonObject, type Json, type JsonObject } from '../../../model/json.ts';
import { choices } from '../choices.ts';
import { parametersOf } from './parameters.ts';
import { writeValue } from './values.ts';

/**
 * The output of a workflow as `outputValues`: each member is an output parameter, those that the output schema declares
 * first and in its order. Declared files are not among them.
 */
export function writeOutputs(schema: JsonObject | undefined, output: Json): JsonObject {
  if (!isJsonObject(output)) return output === null ? {} : { [choices.wholeOutput]: output };
  const declared = parametersOf(schema);
  const written: JsonObject = {};
  for (const { name, wireName, kind, schema: own } of declared) {
    const value = output[name];
    if (value !== undefined && kind !== 'file') written[wireName] = writeValue(kind, value, own);
  }
  const known = new Set(declared.map(({ name }) => name));
  for (const [name, value] of Object.entries(output)) if (!known.has(name)) written[name] = value;
  return written;
}

/**
 * The files of a job as `outputResources`: name to what stands behind `/output-resources/`. A declared file output has the
 * name of its parameter, and its value is the name of the file; every other file has its own name.
 */
export function writeResources(
  schema: JsonObject | undefined,
  output: Json,
  files: readonly string[],
): Map<string, string> {
  const values = isJsonObject(output) ? output : {};
  const resources = new Map<string, string>();
  for (const { name, wireName, kind } of parametersOf(schema)) {
    const file = values[name];
    if (kind === 'file' && typeof file === 'string' && files.includes(file)) resources.set(wireName, file);
  }
  const named = new Set(resources.values());
  for (const file of files) if (!named.has(file) && !resources.has(file)) resources.set(file, file);
  return resources;
}
