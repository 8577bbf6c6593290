import type { FastifyInstance } from 'fastify';
import type { DialectContext } from '../../../dialect.ts';
import { route } from '../../../http/routes.ts';
import { choices } from '../choices.ts';
import { callDocs, callQuery, envelopeDoc } from './docs.ts';
import { sendEnvelope } from './envelope.ts';
import { acceptedResponse, endedResponse } from './job-response.ts';
import { service } from './root.ts';
import { hasEnded, startCall, takeAnyBody, waitForEnd } from './run.ts';

const NAME = 'fmejobsubmitter';

/** Runs a workspace and tells how it ended (reference section 10). */
export const jobSubmitter = service('fme-job-submitter', `/${NAME}`, (scope, context) => {
  takeAnyBody(scope);
  addJobSubmitter(scope, context);
});

function addJobSubmitter(scope: FastifyInstance, context: DialectContext): void {
  const docs = callDocs(`/${NAME}`, 'fmeSubmitterRun', {
    summary: 'Run a workspace and hear how it ended',
    description:
      'Answers when the job has ended, with `opt_servicemode=async` or `opt_showresult=false` at once. A job that ends ' +
      'badly is answered 200 with the status `failure`.',
    responses: {
      200: envelopeDoc('How it went, or the number of the job.', {
        statusInfo: { mode: 'async', status: 'success' },
        jobID: 48,
      }),
      202: envelopeDoc('The server stops; the job goes on.', {
        statusInfo: { mode: 'async', status: 'success' },
        jobID: 48,
      }),
    },
  });
  for (const method of ['GET', 'POST'] as const) {
    route(scope, {
      method,
      url: '/*',
      access: { scope: 'jobs:run' },
      query: callQuery,
      head: false,
      upload: true,
      doc: docs[method],
      handler: async (request, reply) => {
        const { job, call } = await startCall(request, context, NAME);
        if (!call.waits) return sendEnvelope(request, reply, acceptedResponse(job));
        const ended = await waitForEnd(request, reply, context, job);
        if (!hasEnded(ended)) return sendEnvelope(request, reply.code(202), acceptedResponse(ended));
        if (ended.state !== 'completed') reply.code(choices.failedJobStatus);
        return sendEnvelope(request, reply, endedResponse(ended));
      },
    });
  }
}
