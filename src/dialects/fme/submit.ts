import type { FastifyRequest } from 'fastify';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { idempotencyOf } from '../../http/idempotency.ts';
import { type FieldError, fail, isMillraceError } from '../../model/errors.ts';
import { HOPS_HEADER, readHops } from '../../model/hops.ts';
import type { Job, JobLimits, NewFile, Origin, Publication } from '../../model/job.ts';
import type { Json } from '../../model/json.ts';
import { choices } from './choices.ts';
import { locateFiles } from './file-parameters.ts';
import { messages } from './messages.ts';
import { readParameters } from './parameter-values.ts';
import { fieldOf, parametersOf, valueAt } from './parameters.ts';
import { readQueue } from './queue-names.ts';
import { findWorkspace } from './workspaces.ts';

/** The errors of a submit, for documents. */
export const submitErrors = [
  'not-found',
  'conflict',
  'invalid-workflow-input',
  'invalid-definition',
  'idempotency-conflict',
] as const;

/** What any of the faces (V4, V3, services) asks for. Times are seconds. */
export interface Submission {
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
  /** The service it came through. */
  service?: string | undefined;
  files?: NewFile[] | undefined;
}

/** Starts a job; once this settles it is on disk. Throws what is wrong in the order the original looks for it. */
export async function submit(request: FastifyRequest, context: DialectContext, asked: Submission): Promise<Job> {
  const principal = caller(request);
  const { engine } = context;
  const workflow = await findWorkspace(context, principal, asked);
  const schema = workflow.current?.info.inputSchema;
  const { input, errors, files: named } = readParameters(schema, asked.publishedParameters ?? {});
  if (named !== undefined && errors.length === 0) errors.push(...(await locateFiles(context, principal, named, input)));
  const { files = [], ...body } = asked;
  const idempotency = idempotencyOf(request, { body, files });
  if (errors.length > 0) throw fail('invalid-workflow-input', { detail: messages.invalidPublishedParameters, errors });
  try {
    const { job } = await engine.jobs.submit(principal, {
      workflow: workflow.path,
      input,
      dialect: 'fme',
      limits: limitsOf(asked),
      origin: originOf(request, asked),
      hops: readHops(request.headers[HOPS_HEADER]),
      ...(files.length === 0 ? {} : { files }),
      ...publicationOf(asked),
      ...(asked.queue === undefined || asked.queue === '' ? {} : { queue: readQueue(asked.queue) }),
      ...(idempotency === undefined ? {} : { idempotency }),
    });
    return job;
  } catch (error) {
    if (isMillraceError(error) && error.code === 'invalid-workflow-input') {
      throw fail('invalid-workflow-input', {
        detail: messages.invalidPublishedParameters,
        errors: (error.options.errors ?? []).map((one) => parameterError(one, schema, input)),
      });
    }
    if (isMillraceError(error) && error.options.errors?.some(({ pointer }) => pointer === '/queue')) {
      throw fail('invalid-input', { status: 422, detail: messages.noQueue(asked.queue ?? '') });
    }
    throw error;
  }
}

/** An error of the schema as one of a parameter: under its name, and in their words where it is missing. */
function parameterError(error: FieldError, schema: Parameters<typeof parametersOf>[0], input: Json): FieldError {
  const missing = valueAt(input, error.pointer) === undefined;
  return {
    pointer: fieldOf(parametersOf(schema), error.pointer),
    in: 'input',
    message: missing ? messages.valueRequired : error.message,
  };
}

/** A job over one of its limits is cancelled there, not failed. */
function limitsOf({ maxTimeInQueue, maxJobRuntime, maxTotalLifeTime }: Submission): JobLimits {
  return {
    ...(maxTimeInQueue === undefined ? {} : { queueMs: maxTimeInQueue * 1000 }),
    ...(maxJobRuntime === undefined ? {} : { sinceStartMs: maxJobRuntime * 1000 }),
    ...(maxTotalLifeTime === undefined ? {} : { totalMs: maxTotalLifeTime * 1000 }),
    onLimit: 'cancel',
  };
}

function originOf(request: FastifyRequest, asked: Submission): Origin {
  const { description = '', service } = asked;
  return {
    address: request.ip,
    ...(description === '' ? {} : { description }),
    ...(service === undefined ? {} : { via: service }),
  };
}

/** Directives are kept without topics too: they are shown with the request. */
function publicationOf(asked: Submission): { publish?: Publication } {
  const [completed, failed] = [namesIn(asked.successTopics), namesIn(asked.failureTopics)];
  const { directives: attributes = {} } = asked;
  if (completed.length + failed.length + Object.keys(attributes).length === 0) return {};
  const cancelled = choices.cancelledPublishes === 'failureTopics' ? failed : [];
  return { publish: { completed, failed, cancelled, attributes } };
}

const namesIn = (topics: readonly string[] = []): string[] => topics.filter((name) => name.trim() !== '');
