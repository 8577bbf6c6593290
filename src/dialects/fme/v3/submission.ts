import type { FastifyRequest } from 'fastify';
import { isJsonObject, type Json } from '../../../model/json.ts';
import { readBean } from '../bean-validation.ts';
import { limitIn } from '../fields.ts';
import type { RunRequest } from '../job-input.ts';
import { workspaceIn } from '../names.ts';
import type { Submission } from '../submit.ts';
import { FmeV3Request } from './job-schemas.ts';

/** Names in an address that are no parameters: credentials, and what the browser library adds to every request. */
const unnamed = new Set(['token', 'fmetoken', 'detail', 'accept', '']);

/**
 * What a request of V3 asks for (reference section 9.1): JSON with everything optional, over parameters in the address.
 * Other JSON, and bodies of other kinds, are those of foreign webhooks: they start the workspace and are passed over; the
 * fields of a form are parameters. Throws `invalid-input`.
 */
export function readSubmission(request: FastifyRequest): Submission {
  const body = request.body as Json | undefined;
  const form = /^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '');
  const read = isJsonObject(body ?? null) && !form ? readBean(FmeV3Request, body) : {};
  return {
    ...workspaceIn((request.params as { '*': string })['*']),
    publishedParameters: Object.fromEntries([
      ...parametersIn(request.query as object),
      ...(form ? parametersIn(body as object) : []),
      ...parametersOf(read),
    ]),
    ...directivesOf(read),
  };
}

const parametersIn = (values: object): [string, unknown][] =>
  Object.entries(values).filter(([name]) => !unnamed.has(name));

/** The run that the member `request` of a schedule describes; its workspace is named beside it. */
export const runIn = (read: FmeV3Request): Omit<RunRequest, 'repository' | 'workspace'> => ({
  ...(read.publishedParameters === undefined ? {} : { publishedParameters: Object.fromEntries(parametersOf(read)) }),
  ...directivesOf(read),
});

const parametersOf = ({ publishedParameters = [] }: FmeV3Request): [string, unknown][] =>
  Array.isArray(publishedParameters)
    ? publishedParameters.map(({ name, value }) => [name, value])
    : Object.entries(publishedParameters);

function directivesOf({ TMDirectives: job, NMDirectives: notify }: FmeV3Request): Partial<Submission> {
  const directives = (notify?.directives ?? []).map(({ name, value }): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return {
    queue: job?.tag ?? undefined,
    description: job?.description ?? undefined,
    maxTimeInQueue: limitIn(job?.ttl),
    maxJobRuntime: limitIn(job?.ttc),
    successTopics: notify?.successTopics ?? undefined,
    failureTopics: notify?.failureTopics ?? undefined,
    directives: Object.fromEntries(directives),
  };
}
