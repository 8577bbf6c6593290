import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { caller } from '../../../http/access.ts';
import { idempotencyHeader, idempotencyOf } from '../../../http/idempotency.ts';
import { fail } from '../../../model/errors.ts';
import { isJsonObject, type JsonObject } from '../../../model/json.ts';
import { findWorkflow } from '../find-workflow.ts';
import { itemPath, itemRoute } from '../item-route.ts';
import { getWorkflowItem } from '../items/find-item.ts';
import { linksOf } from '../links.ts';
import { masonAnswer } from '../mason.ts';
import { readInputs } from '../parameters/inputs.ts';
import { flag } from '../query.ts';
import type { Face } from './face.ts';
import { checkFileValues } from './file-values.ts';
import { checkSet } from './input-errors.ts';
import { sendJob } from './job-answer.ts';
import { sendJobs } from './job-list.ts';
import { exampleJob, exampleList, Job, JobList, Parameters } from './job-schemas.ts';
import { readParameters } from './parameter-body.ts';
import { submission } from './submission.ts';
import { refuseNoTime, timeoutField } from './timeout.ts';

const query = z.object({
  timeout: timeoutField('How long loading may take; then the answer is 504.'),
  asyncLoading: flag('True: do not wait until it is loaded. Loading takes no time here.'),
});

/** Members of a body that are settings of the job in newer clients, not parameters. */
const settings = new Set([
  ...['name', 'configuration', 'actions', 'notifications', 'properties', 'executionContext', 'inputParameters'],
  ...['discard', 'discardAfterSuccessfulExec', 'discardAfterFailedExec'],
]);

/** Jobs of one workflow: list them, load a new one (reference section 9.2). */
export function addWorkflowJobs(scope: FastifyInstance, face: Face): void {
  const { engine } = face;

  itemRoute(scope, {
    method: 'GET',
    action: 'jobs',
    access: { scope: 'jobs:read' },
    doc: {
      id: 'knimeListWorkflowJobs',
      tag: 'Jobs',
      summary: 'List the jobs of a workflow',
      responses: { 200: masonAnswer('All that the caller may see, newest first.', JobList, exampleList) },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      // Also of a workflow that has errors now: its jobs keep the version they were loaded with.
      const { path } = await getWorkflowItem(face, caller(request), itemPath(request));
      return sendJobs(request, reply, face, { workflow: path }, `${linksOf(request, face).item(path)}:jobs`);
    },
  });

  itemRoute(scope, {
    method: 'POST',
    action: 'jobs',
    access: { scope: 'jobs:run' },
    query,
    upload: true,
    doc: {
      id: 'knimeCreateJob',
      tag: 'Jobs',
      summary: 'Load a job',
      description: 'It waits for `POST /jobs/{uuid}`. The body may be empty; parameters in it are set already.',
      headers: idempotencyHeader,
      requestBody: {
        content: {
          'application/json': { schema: Parameters, example: {} },
          'multipart/form-data': { schema: z.looseObject({}) },
        },
      },
      responses: {
        201: masonAnswer(
          'It is loaded.',
          Job,
          { ...exampleJob, state: 'CONFIGURED' },
          { Location: { description: 'Address of the job.', example: exampleJob['@controls'].self.href } },
        ),
      },
      errors: [
        'not-found',
        'invalid-workflow-input',
        'invalid-definition',
        'wait-over',
        'too-large',
        'idempotency-conflict',
      ],
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const { path, current } = await findWorkflow(face, principal, itemPath(request));
      const { values, files } = await readParameters(request, face, current);
      const { set } = readInputs(current.info.inputSchema, initialValues(values));
      checkFileValues(current.info.inputSchema, set, files);
      checkSet(face, current, set);
      const { timeout } = request.query;
      refuseNoTime(timeout, `The job wasn't loaded within 0 ms (timeout).`);
      const idempotency = idempotencyOf(request, { body: values, files, route: `${path}:jobs` });
      const asked = submission(request, path, { values: set, files }, idempotency);
      asked.start = false;
      asked.draft = true;
      const { job } = await engine.jobs.submit(principal, asked);
      reply.code(201).header('location', linksOf(request, face).job(job.uuid));
      return sendJob(request, reply, face, job);
    },
  });
}

/** Parameters among the members of a body, with those under `inputParameters`. */
function initialValues(body: JsonObject): JsonObject {
  const { inputParameters = {} } = body;
  if (!isJsonObject(inputParameters)) {
    throw fail('invalid-input', {
      detail: '"inputParameters" must be an object of parameter names and values.',
      errors: [{ pointer: 'inputParameters', message: 'Accepted is an object.' }],
    });
  }
  const named = Object.entries(body).filter(([name]) => !settings.has(name));
  return { ...inputParameters, ...Object.fromEntries(named) };
}
