import type { Dialect } from '../../dialect.ts';
import { problemDocument } from '../../http/problem-document.ts';
import { problemWire } from '../../http/problems.ts';
import { addEvents } from './events.ts';
import { addHome } from './home.ts';
import { addJobActions } from './job-actions.ts';
import { addJobEvents } from './job-events.ts';
import { addJobLog } from './job-log.ts';
import { addJobRecords } from './job-records.ts';
import { addJobs } from './jobs.ts';
import { addQueues } from './queues.ts';
import { addResults } from './results.ts';
import { addRights } from './rights.ts';
import { addSchedules } from './schedules.ts';
import { addTokens } from './tokens.ts';
import { addUsers } from './users.ts';
import { addWorkflowChanges } from './workflow-changes.ts';
import { addWorkflowJobs } from './workflow-jobs.ts';
import { addWorkflows } from './workflows.ts';

/** Millrace's own API, at the root. */
export const native: Dialect = {
  name: 'native',
  title: 'Millrace',
  description: 'The API of Millrace itself.',
  prefix: '',
  tags: [
    { name: 'Jobs', description: 'Start workflows, wait for results, read logs and files, cancel and repeat.' },
    { name: 'Workflows', description: 'The definitions in the repository: list, read, upload, move, delete, run.' },
    { name: 'Schedules', description: 'Jobs by the clock.' },
    { name: 'Events', description: 'What ends of jobs published to topics.' },
    { name: 'Queues', description: 'Named lines of jobs with a limit.' },
    { name: 'Accounts', description: 'Users, groups, permissions and tokens.' },
  ],
  errorDocument: problemDocument,
  errorWire: problemWire,
  async register(scope, context) {
    await addJobs(scope, context);
    await addResults(scope, context);
    addJobActions(scope, context);
    addJobLog(scope, context);
    addJobEvents(scope, context);
    addJobRecords(scope, context);
    addWorkflows(scope, context);
    await addWorkflowChanges(scope, context);
    await addWorkflowJobs(scope, context);
    addEvents(scope, context);
    addQueues(scope, context);
    addSchedules(scope, context);
    addTokens(scope, context);
    addUsers(scope, context);
    addRights(scope, context);
    addHome(scope, context);
  },
};
