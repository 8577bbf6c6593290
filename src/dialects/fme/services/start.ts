import type { FastifyRequest } from 'fastify';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import type { Job } from '../../../model/job.ts';
import { workspaceIn } from '../names.ts';
import { submit } from '../submit.ts';
import { findWorkspace } from '../workspaces.ts';
import { readCall } from './controls.ts';
import { readSource, sourceParameter } from './source.ts';

/**
 * Starts what a call of a service asks for; `waits` says whether its answer is to wait for the end. `service` is kept with
 * the job. Throws as `submit` does.
 */
export async function startCall(
  request: FastifyRequest,
  context: DialectContext,
  service: string,
): Promise<{ job: Job; waits: boolean }> {
  const name = workspaceIn((request.params as { '*': string })['*']);
  const workflow = await findWorkspace(context, caller(request), name);
  const { values, files } = await readSource(request, context, workflow);
  // The form of the answer may be told in it.
  request.body = values;
  const { waits, sourceUrl, parameters, job } = readCall(request.query as object, values);
  const source = sourceUrl === undefined ? undefined : sourceParameter(workflow)?.name;
  const publishedParameters =
    source === undefined || parameters[source] !== undefined ? parameters : { ...parameters, [source]: sourceUrl };
  return { job: await submit(request, context, { ...job, ...name, publishedParameters, files, service }), waits };
}
