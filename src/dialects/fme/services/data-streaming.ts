import * as z from 'zod';
import { caller } from '../../../http/access.ts';
import { sendDownload } from '../../../http/downloads.ts';
import { choices } from '../choices.ts';
import { addCalls } from './calls.ts';
import { envelopeDoc } from './docs.ts';
import { type ServiceResponse, sendEnvelope } from './envelope.ts';
import { service } from './root.ts';

const NAME = 'fmedatastreaming';

/** The text never says more; the log of the job does. */
const failure: ServiceResponse = { statusInfo: { status: 'failure', message: choices.streamingFailure } };

/** Runs a workspace and answers what it left itself (reference section 10.2). */
export const dataStreaming = service('fme-data-streaming', `/${NAME}`, (scope, context) => {
  const { engine } = context;
  return addCalls(scope, context, {
    name: NAME,
    id: 'fmeStreamingRun',
    summary: 'Run a workspace and get its result',
    description:
      'The file the job left, with its media type; several in one ZIP archive; without any its output as JSON. The header ' +
      '`Millrace-Job` has the number of the job.',
    alwaysWaits: true,
    answer: {
      ...envelopeDoc('The file; or how the job failed.', failure),
      content: {
        'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) },
        ...envelopeDoc('', failure).content,
      },
    },
    async onEnd(request, reply, job) {
      reply.header('millrace-job', String(job.id));
      if (job.state !== 'completed') return sendEnvelope(request, reply.code(choices.failedJobStatus), failure);
      const principal = caller(request);
      const files = await engine.results.files(principal, job.id);
      const [only] = files;
      const file = files.length === 1 ? only! : await engine.results.archive(principal, job.id);
      return sendDownload(request, reply, file);
    },
  });
});
