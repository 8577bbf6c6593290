import { addCalls } from './calls.ts';
import { envelopeDoc } from './docs.ts';
import { sendEnded } from './job-response.ts';
import { service } from './root.ts';

const NAME = 'fmejobsubmitter';

/** Runs a workspace and tells how it ended (reference section 10). */
export const jobSubmitter = service('fme-job-submitter', `/${NAME}`, (scope, context) =>
  addCalls(scope, context, {
    name: NAME,
    id: 'fmeSubmitterRun',
    summary: 'Run a workspace and hear how it ended',
    description:
      'Answers when the job has ended, with `opt_servicemode=async` or `opt_showresult=false` at once. A job that ends ' +
      'badly is answered 200 with the status `failure`.',
    answer: envelopeDoc('How it went, or the number of the job.', {
      statusInfo: { mode: 'async', status: 'success' },
      jobID: 48,
    }),
    onEnd: sendEnded,
  }),
);
