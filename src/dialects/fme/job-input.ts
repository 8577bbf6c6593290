import type { DialectContext } from '../../dialect.ts';
import { type FieldError, fail, isMillraceError } from '../../model/errors.ts';
import type { JobLimits, Publication } from '../../model/job.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Principal } from '../../model/principal.ts';
import { choices } from './choices.ts';
import { locateFiles } from './file-parameters.ts';
import { messages } from './messages.ts';
import { readParameters } from './parameter-values.ts';
import { fieldOf, parametersOf, valueAt } from './parameters.ts';
import { findWorkspace } from './workspaces.ts';

/** The run of a workspace as any of the faces (V4, V3, services) and their schedules ask for it. Times are seconds. */
export interface RunRequest {
  repository: string;
  workspace: string;
  publishedParameters?: Record<string, unknown> | undefined;
  queue?: string | undefined;
  maxTimeInQueue?: number | undefined;
  maxJobRuntime?: number | undefined;
  maxTotalLifeTime?: number | undefined;
  successTopics?: string[] | undefined;
  failureTopics?: string[] | undefined;
  directives?: Record<string, string> | undefined;
  description?: string | undefined;
}

/** The workflow that is asked for, and what it is to be given. */
export interface JobInput {
  path: string;
  schema: JsonObject | undefined;
  input: Json;
  /** Of single parameters. */
  errors: FieldError[];
}

/** Reads the parameters by the kinds the workspace declares. Throws `not-found` for the workspace. */
export async function readJobInput(
  context: DialectContext,
  principal: Principal,
  asked: RunRequest,
): Promise<JobInput> {
  const workflow = await findWorkspace(context, principal, asked);
  const schema = workflow.current?.info.inputSchema;
  const { input, errors, files } = readParameters(schema, asked.publishedParameters ?? {});
  if (files !== undefined && errors.length === 0) errors.push(...(await locateFiles(context, principal, files, input)));
  return { path: workflow.path, schema, input, errors };
}

/** Throws `invalid-workflow-input` where a parameter could not be read. */
export function refuseErrors({ errors }: JobInput): void {
  if (errors.length > 0) throw fail('invalid-workflow-input', { detail: messages.invalidPublishedParameters, errors });
}

/** What the engine refuses, in their words: parameters by name, an unknown queue. Every other error stays as it is. */
export function inTheirWords(error: unknown, { schema, input }: JobInput, { queue }: RunRequest): unknown {
  if (isMillraceError(error) && error.code === 'invalid-workflow-input') {
    return fail('invalid-workflow-input', {
      detail: messages.invalidPublishedParameters,
      errors: (error.options.errors ?? []).map((one) => parameterError(one, schema, input)),
    });
  }
  if (isMillraceError(error) && error.options.errors?.some(({ pointer }) => pointer === '/queue')) {
    return fail('invalid-input', { status: 422, detail: messages.noQueue(queue ?? '') });
  }
  return error;
}

/** An error of the schema as one of a parameter: under its name, and in their words where it is missing. */
function parameterError(error: FieldError, schema: JsonObject | undefined, input: Json): FieldError {
  const missing = valueAt(input, error.pointer) === undefined;
  return {
    pointer: fieldOf(parametersOf(schema), error.pointer),
    in: 'input',
    message: missing ? messages.valueRequired : error.message,
  };
}

/** A job over one of its limits is cancelled there, not failed. */
export function limitsOf({ maxTimeInQueue, maxJobRuntime, maxTotalLifeTime }: RunRequest): JobLimits {
  return {
    ...(maxTimeInQueue === undefined ? {} : { queueMs: maxTimeInQueue * 1000 }),
    ...(maxJobRuntime === undefined ? {} : { sinceStartMs: maxJobRuntime * 1000 }),
    ...(maxTotalLifeTime === undefined ? {} : { totalMs: maxTotalLifeTime * 1000 }),
    onLimit: 'cancel',
  };
}

/** Directives are kept without topics too: they are shown with the request. */
export function publicationOf(asked: RunRequest): { publish?: Publication } {
  const [completed, failed] = [namesIn(asked.successTopics), namesIn(asked.failureTopics)];
  const { directives: attributes = {} } = asked;
  if (completed.length + failed.length + Object.keys(attributes).length === 0) return {};
  const cancelled = choices.cancelledPublishes === 'failureTopics' ? failed : [];
  return { publish: { completed, failed, cancelled, attributes } };
}

const namesIn = (topics: readonly string[] = []): string[] => topics.filter((name) => name.trim() !== '');
