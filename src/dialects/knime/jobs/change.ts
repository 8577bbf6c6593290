import type { Job } from '../../../model/job.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../model/json.ts';
import type { WorkflowVersion } from '../../../model/workflow.ts';
import { readInputs } from '../parameters/inputs.ts';
import { parametersOf } from '../parameters/parameters.ts';
import type { Face } from './face.ts';
import { checkFileValues } from './file-values.ts';
import type { Sent } from './parameter-body.ts';

/** What new parameters change of a job; `isNew` says whether they change anything. */
export async function changeOf({ engine }: Face, job: Job, { info }: WorkflowVersion, { values, files }: Sent) {
  const { inputSchema } = info;
  const { set, unset } = readInputs(inputSchema, values);
  const input = await engine.jobs.readPayload(job.input);
  const before = isJsonObject(input) ? input : {};
  checkFileValues(inputSchema, set, files, before);
  const parameters = parametersOf(inputSchema);
  const defaults = new Map(parameters.map(({ name, schema }) => [name, schema['default']]));
  const isOther = (name: string, value: Json | undefined) =>
    JSON.stringify(value) !== JSON.stringify(before[name] ?? defaults.get(name));
  const isNew =
    files.length > 0 ||
    Object.entries(set).some(([name, value]) => isOther(name, value)) ||
    unset.some((name) => isOther(name, defaults.get(name)));
  return { set, unset, files, dropFiles: replacedFiles(inputSchema, before, set, unset), isNew };
}

/** Files of parameters that have another now, or none. */
function replacedFiles(
  schema: JsonObject | undefined,
  before: JsonObject,
  set: JsonObject,
  unset: readonly string[],
): string[] {
  const kept = new Set(Object.values(set));
  return parametersOf(schema)
    .filter(({ kind, name }) => kind === 'file' && (Object.hasOwn(set, name) || unset.includes(name)))
    .map(({ name }) => before[name])
    .filter((file): file is string => typeof file === 'string' && !kept.has(file));
}
