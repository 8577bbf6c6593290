import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { sendDownload } from '../../../http/downloads.ts';
import { route } from '../../../http/routes.ts';
import { DATA_DOWNLOAD, resultUrl } from '../result-url.ts';
import { addCalls } from './calls.ts';
import { envelopeDoc } from './docs.ts';
import { sendEnded } from './job-response.ts';
import { SERVICES_TAG, service } from './root.ts';

const secret = '8f0c6f2e-5a0e-4d0f-b0b3-6d6f5a1f2b11';

/** Runs a workspace and answers the address of what it left (reference section 10). */
export const dataDownload = service('fme-data-download', `/${DATA_DOWNLOAD}`, (scope, context) => {
  const { engine } = context;
  addResult(scope, context);
  return addCalls(scope, context, {
    name: DATA_DOWNLOAD,
    id: 'fmeDownloadRun',
    summary: 'Run a workspace and get the address of its zipped result',
    description:
      'The files the job left, or else its output as JSON, as one ZIP archive under `url`, which works without signing in ' +
      'for a while. With `opt_servicemode=async` or `opt_showresult=false` the answer comes at once; the address is ' +
      '`resultDatasetDownloadUrl` of the job once it has ended.',
    answer: envelopeDoc('How it went, with the address of the result; or the number of the job.', {
      statusInfo: { mode: 'sync', status: 'success' },
      jobID: 49,
      url: `https://flow.example/${DATA_DOWNLOAD}/results/${secret}.zip`,
    }),
    async onEnd(request, reply, job) {
      if (job.state !== 'completed') return sendEnded(request, reply, job);
      // Made now, so that what goes wrong is told here and the address answers at once.
      await engine.results.archive(caller(request), job.id);
      return sendEnded(request, reply, job, resultUrl(request, context, job));
    },
  });
});

/** The result itself. Its address is the credential: one file, for a while. */
function addResult(scope: FastifyInstance, { engine }: DialectContext): void {
  route(scope, {
    method: 'GET',
    // Nothing else may be taken from workspaces of a repository called `results`.
    url: '/results/:file(^[0-9a-fA-F-]{36}\\.zip$)',
    access: 'public',
    secretAddress: true,
    params: z.object({
      file: z.string().meta({ description: 'As the answer of the run has it.', example: `${secret}.zip` }),
    }),
    doc: {
      id: 'fmeDownloadResult',
      tag: SERVICES_TAG,
      summary: 'Fetch the result of a data download',
      description: 'Needs no sign-in. The setting `resultLinkSeconds` says how long after the end of the job it works.',
      path: `/${DATA_DOWNLOAD}/results/{file}`,
      headers: { Range: { description: 'One byte range.', example: 'bytes=0-99' } },
      responses: {
        200: {
          description: 'The archive.',
          content: { 'application/zip': { schema: z.string().meta({ format: 'binary' }) } },
        },
        206: {
          description: 'The range.',
          content: { 'application/zip': { schema: z.string().meta({ format: 'binary' }) } },
        },
        304: { description: 'You have it already.' },
      },
      errors: ['not-found', 'range-not-satisfiable', 'disk-full', 'store-unavailable'],
    },
    handler: async (request, reply) => {
      const { file } = request.params as { file: string };
      return sendDownload(request, reply, await engine.results.behindLink(file.slice(0, -'.zip'.length)));
    },
  });
}
