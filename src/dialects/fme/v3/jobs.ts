import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { negotiate } from '../../../http/pages.ts';
import { route } from '../../../http/routes.ts';
import { fail } from '../../../model/errors.ts';
import { isFinal } from '../../../model/job.ts';
import { choices } from '../choices.ts';
import { findJob } from '../find-job.ts';
import { exampleLine, parsedLog, sendLogText } from '../job-log.ts';
import { submittedParameters } from '../job-request.ts';
import { FmeLogLine, jobParams } from '../job-schemas.ts';
import { messages } from '../messages.ts';
import { envelopeOf, exampleOf, windowOf } from '../paging.ts';
import { resultUrl } from '../result-url.ts';
import {
  exampleV3Job,
  exampleV3Result,
  exampleV3Submitted,
  FmeV3Job,
  FmeV3Result,
  FmeV3Submitted,
} from './job-schemas.ts';
import { v3JobsWire, v3RequestWire, v3ResultWire } from './job-wire.ts';
import { V3_JOBS_TAG } from './submit.ts';

/** One job: its record, its result, its log, what was submitted (reference section 9.2). */
export function addV3Jobs(scope: FastifyInstance, context: DialectContext): void {
  const common = { method: 'GET', access: { scope: 'jobs:read' }, params: jobParams } as const;
  const doc = { tag: V3_JOBS_TAG, errors: ['not-found'] as const };

  route(scope, {
    ...common,
    url: '/transformations/jobs/id/:id',
    doc: {
      ...doc,
      id: 'fmeV3GetJob',
      summary: 'V3: read a job',
      responses: { 200: { description: 'The job.', schema: FmeV3Job, example: exampleV3Job } },
    },
    handler: async (request, reply) => {
      const job = await findJob(context, caller(request), request.params.id);
      return reply.send((await v3JobsWire(request, context, [job]))[0]);
    },
  });

  route(scope, {
    ...common,
    url: '/transformations/jobs/id/:id/result',
    doc: {
      ...doc,
      id: 'fmeV3GetJobResult',
      summary: 'V3: how a job ended',
      description: 'Of a job that has not ended: 404.',
      responses: { 200: { description: 'The end.', schema: FmeV3Result, example: exampleV3Result } },
    },
    handler: async (request, reply) => {
      const job = await findJob(context, caller(request), request.params.id);
      if (!isFinal(job.state)) throw fail('not-found', messages.jobWithoutResult(job.id));
      return reply.send(v3ResultWire(job, resultUrl(request, context, job)));
    },
  });

  route(scope, {
    ...common,
    url: '/transformations/jobs/id/:id/log',
    doc: {
      ...doc,
      id: 'fmeV3GetJobLog',
      summary: 'V3: read the log of a job',
      description: `As text; for \`Accept: application/json\` its lines, at most ${choices.mostItems}.`,
      headers: { Accept: { description: 'The form.', example: 'text/plain' } },
      responses: {
        200: {
          description: 'The log.',
          content: {
            'text/plain': { schema: z.string(), example: `${exampleLine.line}\n` },
            'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) },
            'application/json': { schema: envelopeOf(FmeLogLine, 'FmeLogLines'), example: exampleOf(exampleLine) },
          },
        },
      },
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const job = await findJob(context, principal, request.params.id);
      const { accept } = request.query as { accept?: string };
      const form = negotiate(request.headers.accept, ['text/plain', 'application/octet-stream', 'application/json']);
      if (accept === 'contents' || form !== 'application/json') return sendLogText(request, reply, context, job.id);
      return reply.send(await parsedLog(context, principal, job, windowOf({ limit: -1 }, { whole: false })));
    },
  });

  route(scope, {
    ...common,
    url: '/transformations/jobs/id/:id/request',
    doc: {
      ...doc,
      id: 'fmeV3GetJobRequest',
      summary: 'V3: read what was submitted',
      description: 'With the defaults filled in. Passwords are not shown.',
      responses: { 200: { description: 'The request.', schema: FmeV3Submitted, example: exampleV3Submitted } },
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const job = await findJob(context, principal, request.params.id);
      return reply.send(v3RequestWire(job, await submittedParameters(context, principal, job)));
    },
  });
}
