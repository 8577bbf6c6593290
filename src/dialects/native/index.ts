import type { Dialect } from '../../dialect.ts';
import { problemDocument } from '../../http/problem-document.ts';
import { problemWire } from '../../http/problems.ts';
import { addJobActions } from './job-actions.ts';
import { addJobs } from './jobs.ts';
import { addResults } from './results.ts';

/** Millrace's own API, at the root. */
export const native: Dialect = {
  name: 'native',
  title: 'Millrace',
  description: 'The API of Millrace itself.',
  prefix: '',
  tags: [
    { name: 'Jobs', description: 'Start workflows, wait for results, read logs and files, cancel and repeat.' },
    { name: 'Workflows', description: 'The definitions in the repository: list, read, upload, move, delete, run.' },
    { name: 'Queues', description: 'Named lines of jobs with a limit.' },
    { name: 'Accounts', description: 'Users, groups, permissions and tokens.' },
  ],
  errorDocument: problemDocument,
  errorWire: problemWire,
  async register(scope, context) {
    await addJobs(scope, context);
    await addResults(scope, context);
    addJobActions(scope, context);
  },
};
