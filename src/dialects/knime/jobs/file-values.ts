import type { NewFile } from '../../../model/job.ts';
import type { Json, JsonObject } from '../../../model/json.ts';
import { parameterError, shownValue } from '../parameters/parameter-error.ts';
import { parametersOf } from '../parameters/parameters.ts';

/**
 * Refuses a file parameter that names a file nobody sent: with the request, or before for the job. Throws
 * `invalid-workflow-input`.
 */
export function checkFileValues(
  schema: JsonObject | undefined,
  set: JsonObject,
  files: readonly NewFile[],
  before: JsonObject = {},
): void {
  for (const { kind, name, wireName, schema: own } of parametersOf(schema)) {
    if (kind !== 'file' || !Object.hasOwn(set, name)) continue;
    const value = set[name]!;
    const known = files.some((file) => file.name === value) || value === own['default'];
    if (!known && !fileNames(schema, before).includes(value)) {
      const message = `the job does not have an input resource ${shownValue(value)}; send the file as a part of multipart/form-data.`;
      throw parameterError(wireName, message);
    }
  }
}

/** Names of the files that the parameters of an input have. */
const fileNames = (schema: JsonObject | undefined, input: JsonObject): (Json | undefined)[] =>
  parametersOf(schema).flatMap(({ kind, name }) => (kind === 'file' ? [input[name]] : []));
