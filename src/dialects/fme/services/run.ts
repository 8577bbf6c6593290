import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { isFinal, type Job } from '../../../model/job.ts';
import { choices } from '../choices.ts';
import type { WorkspaceName } from '../names.ts';
import { submit } from '../submit.ts';
import { findWorkspace } from '../workspaces.ts';
import { readCall, type ServiceCall } from './controls.ts';
import { readSource, sourceParameter } from './source.ts';

/** Lets a service take any body: forms are read, everything else reaches the handler as a stream. */
export function takeAnyBody(scope: FastifyInstance): void {
  scope.removeContentTypeParser('application/json');
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
}

/** The workspace an address names: everything but its last part is the repository, whose slashes may be encoded or not. */
export function workspaceIn(path: string): WorkspaceName {
  const slash = path.lastIndexOf('/');
  return { repository: path.slice(0, Math.max(0, slash)), workspace: path.slice(slash + 1) };
}

/** Starts what a call of a service asks for. `service` is kept with the job. Throws as `submit` does. */
export async function startCall(
  request: FastifyRequest,
  context: DialectContext,
  service: string,
): Promise<{ job: Job; call: ServiceCall }> {
  const name = workspaceIn((request.params as { '*': string })['*']);
  const workflow = await findWorkspace(context, caller(request), name);
  const { values, files } = await readSource(request, context, workflow);
  // The form of the answer may be told in it.
  request.body = values;
  const call = readCall(request.query as object, values);
  const { publishedParameters } = call.job;
  if (call.sourceUrl !== undefined) {
    const parameter = sourceParameter(workflow);
    if (parameter !== undefined) publishedParameters[parameter.name] ??= call.sourceUrl;
  }
  const job = await submit(request, context, { ...call.job, ...name, files, service });
  return { job, call };
}

/** The job once it has ended; as it is, when the server stops first. A client that leaves does not stop it. */
export async function waitForEnd(
  request: FastifyRequest,
  reply: FastifyReply,
  context: DialectContext,
  { id }: Job,
): Promise<Job> {
  const waitMs = choices.syncSeconds * 1000;
  return context.engine.waiting.untilFinal(caller(request), id, waitMs, context.interest(reply, waitMs));
}

export const hasEnded = ({ state }: Job): boolean => isFinal(state);
