import { type FieldError, fail, isMillraceError } from '../../../model/errors.ts';
import type { JsonObject } from '../../../model/json.ts';
import type { WorkflowVersion } from '../../../model/workflow.ts';
import { pointerNames } from '../../../schema/index.ts';
import { parametersOf } from '../parameters/parameters.ts';
import type { Face } from './face.ts';

/** What `submit` throws of parameters that do not fit the workflow, by the names and in the words clients know. */
export async function withInputErrors<T>({ info }: WorkflowVersion, submit: () => Promise<T>): Promise<T> {
  try {
    return await submit();
  } catch (error) {
    if (!isMillraceError(error) || error.code !== 'invalid-workflow-input') throw error;
    const errors = (error.options.errors ?? []).map((one) => parameterError(one, info.inputSchema));
    throw unfit(errors, error.message);
  }
}

/**
 * Refuses values that are set for a later run and do not fit; what else that run needs may be set until then. Throws
 * `invalid-workflow-input`.
 */
export function checkSet({ engine }: Face, version: WorkflowVersion, set: JsonObject): void {
  try {
    engine.workflows.checkInput(version, set);
  } catch (error) {
    if (!isMillraceError(error) || error.code !== 'invalid-workflow-input') throw error;
    const own = (error.options.errors ?? []).filter(({ pointer }) =>
      Object.hasOwn(set, pointerNames(pointer)[0] ?? ''),
    );
    if (own.length === 0) return;
    throw unfit(
      own.map((one) => parameterError(one, version.info.inputSchema)),
      error.message,
    );
  }
}

const unfit = (errors: FieldError[], message: string) =>
  fail('invalid-workflow-input', {
    status: 400,
    detail: errors.map((one) => one.message).join(' ') || message,
    errors,
  });

function parameterError(error: FieldError, schema: WorkflowVersion['info']['inputSchema']): FieldError {
  const [name = '', ...inside] = pointerNames(error.pointer);
  const parameter = parametersOf(schema).find((one) => one.name === name);
  const wireName = parameter?.wireName ?? name;
  const missing = inside.length === 0 && / is missing\b/.test(error.message);
  const message =
    parameter?.kind === 'file' && missing
      ? `Parameter "${wireName}" does not have an input resource.`
      : `Parameter "${wireName}"${told(error.message, name, inside)}`;
  return { ...error, pointer: [wireName, ...inside].join('/'), message };
}

/** What is wrong, without the name of the parameter once more; of a value within another also where. */
function told(message: string, name: string, inside: readonly string[]): string {
  if (inside.length > 0) return ` at ${inside.join('/')}: ${message}`;
  const own = `"${name}" `;
  return message.startsWith(own) ? ` ${message.slice(own.length)}` : `: ${message}`;
}
