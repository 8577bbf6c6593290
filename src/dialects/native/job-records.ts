import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { jobFileDownload, sendDownload } from '../../http/downloads.ts';
import { route } from '../../http/routes.ts';
import { jobParams } from './job-schemas.ts';
import { JobFile, Run, Step, Why } from './record-schemas.ts';
import { fileWire, runWire, stepWire, whyWire } from './record-wire.ts';
import { jobRef } from './refs.ts';

const at = '2026-11-22T09:30:00.000Z';
const exampleFile = {
  name: 'out.csv',
  direction: 'out',
  contentType: 'text/csv',
  bytes: 1024,
  etag: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  createdAt: at,
  href: '/jobs/1/files/out.csv',
};

/** What a job left and why it is where it is: steps, runs, files. */
export function addJobRecords(scope: FastifyInstance, { engine, basePath }: DialectContext): void {
  const read = { method: 'GET', access: { scope: 'jobs:read' }, params: jobParams } as const;
  const doc = { tag: 'Jobs', errors: ['not-found'] as const };

  route(scope, {
    ...read,
    url: '/jobs/:id/steps',
    doc: {
      ...doc,
      id: 'listJobSteps',
      summary: 'Steps of a job',
      description: 'Steps with an effect, in the order they were begun; a finished one is never done again.',
      responses: {
        200: {
          description: 'The journal.',
          schema: z.array(Step),
          example: [
            {
              key: '/do/0/load',
              name: 'load',
              type: 'call:http',
              state: 'completed',
              attempt: 1,
              startedAt: at,
              endedAt: at,
              output: 42,
            },
          ],
        },
      },
      flow: { order: 15, path: { id: '{{jobId}}' } },
    },
    handler: async (request, reply) =>
      reply.send((await engine.logs.steps(caller(request), jobRef(request.params.id))).map(stepWire)),
  });

  route(scope, {
    ...read,
    url: '/jobs/:id/runs',
    doc: {
      ...doc,
      id: 'listJobRuns',
      summary: 'Runs of a job',
      description: 'Every ended attempt, those that were cut off too.',
      responses: {
        200: {
          description: 'Oldest first.',
          schema: z.array(Run),
          example: [{ attempt: 1, token: 1, owner: 'host:4711:1', startedAt: at, endedAt: at, outcome: 'completed' }],
        },
      },
      flow: { order: 16, path: { id: '{{jobId}}' } },
    },
    handler: async (request, reply) =>
      reply.send((await engine.logs.runs(caller(request), jobRef(request.params.id))).map(runWire)),
  });

  route(scope, {
    ...read,
    url: '/jobs/:id/why',
    doc: {
      ...doc,
      id: 'explainJob',
      summary: 'What a job waits for',
      responses: {
        200: {
          description: 'Place in the queue, limit, open waits and an estimate.',
          schema: Why,
          example: {
            id: 1,
            state: 'queued',
            text: 'Third in queue default, which runs 2 jobs at a time.',
            queue: { name: 'default', paused: false, concurrency: 2, running: 2, ahead: 2 },
            waits: [],
            estimateSeconds: 4.5,
          },
        },
      },
      flow: { order: 17, path: { id: '{{jobId}}' } },
    },
    handler: async (request, reply) =>
      reply.send(whyWire(await engine.jobs.explain(caller(request), jobRef(request.params.id)))),
  });

  route(scope, {
    ...read,
    url: '/jobs/:id/files',
    doc: {
      ...doc,
      id: 'listJobFiles',
      summary: 'Files of a job',
      responses: {
        200: { description: 'What came in and what steps left.', schema: z.array(JobFile), example: [exampleFile] },
      },
      flow: { order: 18, path: { id: '{{jobId}}' } },
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const ref = jobRef(request.params.id);
      const { id } = await engine.jobs.get(principal, ref);
      return reply.send((await engine.logs.files(principal, ref)).map((file) => fileWire(file, id, basePath)));
    },
  });

  route(scope, {
    ...read,
    url: '/jobs/:id/files/*',
    params: jobParams.extend({ '*': z.string().min(1) }),
    doc: {
      ...doc,
      id: 'getJobFile',
      summary: 'Download a file of a job',
      path: '/jobs/{id}/files/{name}',
      pathParameters: { name: { description: 'Name of the file; slashes may be encoded or not.', example: 'out.csv' } },
      headers: {
        Range: { description: 'One byte range.', example: 'bytes=0-99' },
        'If-None-Match': { description: 'ETag of what you have.', example: `"${exampleFile.etag}"` },
      },
      responses: {
        200: {
          description: 'The whole file, as an attachment.',
          content: { 'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) } },
          headers: { ETag: { description: 'Hash of the content.', example: `"${exampleFile.etag}"` } },
        },
        206: {
          description: 'The range.',
          content: { 'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) } },
          headers: { 'Content-Range': { description: 'Which part it is.', example: 'bytes 0-99/1024' } },
        },
        304: { description: 'You have it already.' },
      },
      errors: ['not-found', 'range-not-satisfiable'],
      flow: { order: 19, path: { id: '{{jobId}}', name: '{{fileName}}' }, needs: ['fileName'] },
    },
    handler: async (request, reply) => {
      const { id, '*': name } = request.params;
      const file = await engine.logs.file(caller(request), jobRef(id), name);
      return sendDownload(request, reply, jobFileDownload(file));
    },
  });
}
