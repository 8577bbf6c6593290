import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { caller } from '../../../http/access.ts';
import { idempotencyHeader, idempotencyOf } from '../../../http/idempotency.ts';
import { fail } from '../../../model/errors.ts';
import type { JsonObject } from '../../../model/json.ts';
import type { WorkflowVersion } from '../../../model/workflow.ts';
import type { Action } from '../actions.ts';
import { findWorkflow } from '../find-workflow.ts';
import { itemPath, itemRoute } from '../item-route.ts';
import { masonAnswer } from '../mason.ts';
import { readInputs } from '../parameters/inputs.ts';
import { knownParameter } from '../parameters/names.ts';
import { parametersOf } from '../parameters/parameters.ts';
import { flag, lastOf } from '../query.ts';
import type { Face } from './face.ts';
import { checkFileValues } from './file-values.ts';
import { withInputErrors } from './input-errors.ts';
import { sendExecuted } from './job-answer.ts';
import { exampleInput, exampleJob, Job, Parameters } from './job-schemas.ts';
import { readParameters, readText, type Sent } from './parameter-body.ts';
import { submission } from './submission.ts';
import { refuseNoTime, timeoutField, waitOf, waitOver } from './timeout.ts';

const query = z.looseObject({
  timeout: timeoutField('How long loading and running may take; then the job is cancelled and the answer is 504.'),
  reset: flag('True: reset all nodes first. Every run begins anew here, so it changes nothing.'),
  format: z.string().max(20).optional().meta({ description: 'A report in that format; no workflow has one.' }),
});
type Query = z.output<typeof query>;

const answers = {
  200: masonAnswer('It has ended, well or badly; the job is gone.', Job, {
    ...exampleJob,
    discard: true,
    discardAfterSuccessfulExec: true,
    discardAfterFailedExec: true,
    '@controls': {},
  }),
};
const errors = ['not-found', 'invalid-workflow-input', 'invalid-definition', 'conflict', 'wait-over'] as const;

/** Single step: load, run, answer, discard (reference section 8). */
export function addExecutions(scope: FastifyInstance, face: Face): void {
  const access = { scope: 'jobs:run' } as const;
  const body = {
    content: {
      'application/json': { schema: Parameters, example: exampleInput },
      'multipart/form-data': { schema: z.looseObject({}) },
    },
  };
  const posts: [Action, string, string][] = [
    ['execution', 'knimeExecute', 'Run a workflow in one step'],
    ['execute', 'knimeExecuteAlias', 'The same under a name that clients guess'],
    ['job-pool', 'knimeExecuteInPool', 'The same under its older name'],
  ];
  for (const [action, id, summary] of posts) {
    itemRoute(scope, {
      method: 'POST',
      action,
      access,
      query,
      upload: true,
      doc: {
        id,
        tag: 'Execution',
        summary,
        description:
          'A parameter that is left out or null has its default. A workflow that fails is answered 200 with a failed ' +
          '`state` and the reason in the last of `nodeMessages`. In a form each part is a parameter; those with a file are file inputs.',
        headers: idempotencyHeader,
        requestBody: body,
        responses: answers,
        errors: [...errors, 'too-large', 'idempotency-conflict'],
      },
      handler: async (request, reply) => {
        const { current } = await findWorkflow(face, caller(request), itemPath(request));
        return execute(request, reply, face, current, request.query, await readParameters(request, face, current));
      },
    });
  }
  itemRoute(scope, {
    method: 'GET',
    action: 'execution',
    // Who only asks for headers wants nothing run.
    head: false,
    access,
    query,
    doc: {
      id: 'knimeExecuteWithQuery',
      tag: 'Execution',
      summary: 'Run a workflow with parameters of the query',
      description:
        '`pm:NAME=VALUE`, or `NAME=VALUE` for a name the workflow has. A value that is JSON is read as such, any other is text.',
      responses: answers,
      errors,
    },
    handler: async (request, reply) => {
      const { current } = await findWorkflow(face, caller(request), itemPath(request));
      const values = queryParameters(request.query, current);
      return execute(request, reply, face, current, request.query, { values, files: [] });
    },
  });
}

async function execute(
  request: FastifyRequest,
  reply: FastifyReply,
  face: Face,
  version: WorkflowVersion,
  { timeout, format }: Query,
  { values, files }: Sent,
): Promise<FastifyReply> {
  const { engine } = face;
  const principal = caller(request);
  const workflow = itemPath(request);
  const { set } = readInputs(version.info.inputSchema, values);
  checkFileValues(version.info.inputSchema, set, files);
  if (format !== undefined) throw noReport(workflow);
  refuseNoTime(timeout, `The workflow ${workflow} did not end within 0 ms (timeout) and was not started.`);
  const waitMs = waitOf(timeout);
  const interest = face.interest(reply, waitMs);
  const idempotency = idempotencyOf(request, { body: values, files, route: request.originalUrl.split('?', 1)[0]! });
  const asked = submission(request, workflow, { values: set, files }, idempotency);
  asked.discard = true;
  const done = await withInputErrors(version, () => engine.jobs.execute(principal, asked, waitMs, interest));
  if (done.kind === 'finished') return sendExecuted(request, reply, face, done, version);
  // Nobody hears the answer: it goes on and is discarded at its end.
  if (reply.raw.destroyed) return reply;
  await engine.jobs
    .cancel(principal, done.job.id, { reason: 'Its caller waits no longer.', discard: true })
    .catch(() => {});
  if (!interest.lost) throw waitOver(`workflow ${workflow}`, waitMs);
  throw fail('draining', 'The server is stopping; the run was cancelled. Send it again in a moment.');
}

const noReport = (workflow: string) =>
  fail('invalid-input', `The workflow ${workflow} makes no report, so there is none to answer with (format).`);

/** Members of the query that are parameters. */
function queryParameters(query: Query, { info }: WorkflowVersion): JsonObject {
  const parameters = parametersOf(info.inputSchema);
  const values: JsonObject = {};
  for (const [name, given] of Object.entries(query)) {
    const text = lastOf(given);
    if (typeof text !== 'string') continue;
    if (name.startsWith('pm:')) values[name.slice(3)] = readText(text);
    else if (!Object.hasOwn(own, name) && knownParameter(parameters, name)) values[name] = readText(text);
  }
  return values;
}

/** Members that mean something by themselves. */
const own = query.shape;
