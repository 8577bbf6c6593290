import type { FastifyInstance } from 'fastify';
import type { DialectContext } from '../../../dialect.ts';
import { addDiscardJobs } from './discard-jobs.ts';
import { addExecutions } from './executions.ts';
import type { Face } from './face.ts';
import { addJobActions } from './job-actions.ts';
import { addJobRecords } from './job-records.ts';
import type { StateNames } from './job-states.ts';
import { addJobSummary } from './job-summary.ts';
import { addJobs } from './jobs.ts';
import { takeParameters } from './parameter-body.ts';
import { addRunJob } from './run-job.ts';
import { addSaveJob } from './save-job.ts';
import { createSwapped } from './swapped.ts';
import { addWorkflowJobs } from './workflow-jobs.ts';

/** Running workflows: in one step, and as jobs that are loaded, run and read (reference sections 8, 9 and 11). */
export async function addJobRoutes(
  scope: FastifyInstance,
  context: DialectContext,
  settings: { stateNames: StateNames },
): Promise<void> {
  const face: Face = { ...context, stateNames: settings.stateNames, swapped: createSwapped() };
  await scope.register(async (inner) => {
    await takeParameters(inner, context);
    addExecutions(inner, face);
    addWorkflowJobs(inner, face);
    addJobs(inner, face);
    addRunJob(inner, face);
    addDiscardJobs(inner, face);
    addJobActions(inner, face);
    addSaveJob(inner, face);
    addJobRecords(inner, face);
    addJobSummary(inner, face);
  });
}
