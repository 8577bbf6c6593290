import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { caller } from '../../../http/access.ts';
import { jobFileDownload, sendDownload } from '../../../http/downloads.ts';
import { toIso } from '../../../http/query.ts';
import { route } from '../../../http/routes.ts';
import { fail } from '../../../model/errors.ts';
import type { Job } from '../../../model/job.ts';
import type { Principal } from '../../../model/principal.ts';
import type { Face } from './face.ts';
import { findJob } from './find-job.ts';
import { outputResources } from './job-answer.ts';
import { jobParams } from './job-schemas.ts';
import { timeoutField } from './timeout.ts';

const BATCH = 1_000;

/** What a job left: files, its log; a report there is none of (reference sections 9.4 and 11). */
export function addJobRecords(scope: FastifyInstance, face: Face): void {
  const { engine } = face;
  const common = { method: 'GET', access: { scope: 'jobs:read' } } as const;

  route(scope, {
    ...common,
    url: '/v4/jobs/:uuid/output-resources/:name',
    params: jobParams.extend({
      name: z.string().min(1).max(1024).meta({ description: 'As `outputResources` has it.', example: 'result-file-9' }),
    }),
    query: z.object({ timeout: timeoutField('How long it may take.') }),
    doc: {
      id: 'knimeGetOutputResource',
      tag: 'Jobs',
      summary: 'Download a file output',
      responses: {
        200: {
          description: 'The file, with its own content type.',
          content: { 'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) } },
        },
      },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const { uuid, name } = request.params;
      const job = await findJob(face, principal, uuid);
      const version = await engine.jobs.definition(job);
      const output = job.output === undefined ? undefined : await engine.jobs.readPayload(job.output);
      const resources = await outputResources(face, principal, job, version, output);
      const found = resources.get(name);
      if (found === undefined) {
        const names = [...resources.keys()].map((one) => JSON.stringify(one)).join(', ') || 'none';
        throw fail('not-found', `Job ${uuid} has no output resource "${name}"; there are: ${names}.`);
      }
      const file = await engine.logs.file(principal, job.id, found);
      return sendDownload(request, reply, jobFileDownload(file));
    },
  });

  route(scope, {
    ...common,
    url: '/v4/jobs/:uuid/log',
    params: jobParams,
    doc: {
      id: 'knimeGetJobLog',
      tag: 'Jobs',
      summary: 'Read the log of a job',
      responses: {
        200: {
          description: 'Its lines, oldest first.',
          content: {
            'text/plain': {
              schema: z.string(),
              example: '2021-04-06T08:20:00.412Z : INFO : /do/0/load : loaded 42 rows\n',
            },
          },
        },
      },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const job = await findJob(face, principal, request.params.uuid);
      return reply
        .header('content-type', 'text/plain;charset=UTF-8')
        .send(Readable.from(logText(face, principal, job), { objectMode: false }));
    },
  });

  route(scope, {
    ...common,
    url: '/v4/jobs/:uuid/report',
    params: jobParams,
    query: z.object({
      format: z.string().max(20).optional().meta({ description: 'PDF, HTML, DOCX …', example: 'PDF' }),
      timeout: timeoutField('How long it may take.'),
    }),
    doc: {
      id: 'knimeGetReport',
      tag: 'Jobs',
      summary: 'Read the report of a job',
      description: 'No workflow makes one here: it is always 400.',
      responses: {},
      errors: ['not-found'],
    },
    handler: async (request) => {
      const job = await findJob(face, caller(request), request.params.uuid);
      throw fail('invalid-input', `The workflow ${job.workflow} makes no report.`);
    },
  });
}

/** Read batch by batch: a log of a hundred megabytes passes through without ever being whole in memory. */
async function* logText({ engine }: Face, principal: Principal, { id }: Job): AsyncGenerator<string> {
  let after: number | undefined;
  for (;;) {
    const query = { limit: BATCH, ...(after === undefined ? {} : { after }) };
    const { lines } = await engine.logs.log(principal, id, query);
    if (lines.length > 0) {
      const texts = lines.map(
        ({ at, level, step, text }) => `${toIso(at)} : ${level.toUpperCase()} : ${step ?? '-'} : ${text}\n`,
      );
      yield texts.join('');
    }
    if (lines.length < BATCH) return;
    after = lines.at(-1)!.seq;
  }
}
