import { type FieldError, fail, isMillraceError } from '../../../model/errors.ts';
import type { WorkflowVersion } from '../../../model/workflow.ts';
import { pointerNames } from '../../../schema/index.ts';
import { parametersOf } from '../parameters/parameters.ts';

/** What `submit` throws of parameters that do not fit the workflow, by the names and in the words clients know. */
export async function withInputErrors<T>({ info }: WorkflowVersion, submit: () => Promise<T>): Promise<T> {
  try {
    return await submit();
  } catch (error) {
    if (!isMillraceError(error) || error.code !== 'invalid-workflow-input') throw error;
    const errors = (error.options.errors ?? []).map((one) => parameterError(one, info.inputSchema));
    const detail = errors.map(({ message }) => message).join(' ') || error.message;
    throw fail('invalid-workflow-input', { status: 400, detail, errors });
  }
}

function parameterError(error: FieldError, schema: WorkflowVersion['info']['inputSchema']): FieldError {
  const [name = '', ...inside] = pointerNames(error.pointer);
  const parameter = parametersOf(schema).find((one) => one.name === name);
  const wireName = parameter?.wireName ?? name;
  const missing = inside.length === 0 && / is missing\b/.test(error.message);
  const message =
    parameter?.kind === 'file' && missing
      ? `Parameter "${wireName}" does not have an input resource.`
      : `Parameter "${wireName}": ${error.message}`;
  return { ...error, pointer: [wireName, ...inside].join('/'), message };
}
