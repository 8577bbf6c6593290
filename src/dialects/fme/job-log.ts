import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { toIso } from '../../http/query.ts';
import { route } from '../../http/routes.ts';
import type { Job } from '../../model/job.ts';
import type { Principal } from '../../model/principal.ts';
import type { LogLine } from '../../model/run.ts';
import { findJob } from './find-job.ts';
import { FmeLogLine, jobParams } from './job-schemas.ts';
import { envelope, envelopeOf, exampleOf, pagingQuery, type Window, windowOf } from './paging.ts';

/** Lines read at a time: a long log passes through without ever being whole in memory. */
const BATCH = 1000;
const TEXT = 'text/plain';
const BYTES = 'application/octet-stream';

const words = { debug: 'INFORM', info: 'INFORM', warn: 'WARN', error: 'ERROR' } as const;
export const exampleLine = {
  number: 1,
  time: '2026-01-15T09:30:00.480Z',
  status: 'INFORM',
  message: 'loaded 42 rows',
  line: '2026-01-15 09:30:00|   0.0|  0.0|INFORM|loaded 42 rows',
};

/** The log of a job as the original writes it. */
export function addJobLog(scope: FastifyInstance, context: DialectContext): void {
  const common = { method: 'GET', access: { scope: 'jobs:read' }, params: jobParams } as const;

  route(scope, {
    ...common,
    url: '/jobs/:id/log',
    doc: {
      id: 'fmeGetJobLog',
      tag: 'Jobs',
      summary: 'Read the log of a job',
      description: 'As text, also while it runs.',
      headers: { Accept: { description: 'Both are the same text.', example: TEXT } },
      responses: {
        200: {
          description: 'The log.',
          content: {
            [TEXT]: { schema: z.string(), example: `${exampleLine.line}\n` },
            [BYTES]: { schema: z.string().meta({ format: 'binary' }) },
          },
        },
      },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const { id } = await findJob(context, caller(request), request.params.id);
      return sendLogText(request, reply, context, id);
    },
  });

  route(scope, {
    ...common,
    url: '/jobs/:id/log/parsed',
    query: z.object(pagingQuery),
    doc: {
      id: 'fmeGetParsedJobLog',
      tag: 'Jobs',
      summary: 'Read the log of a job line by line',
      responses: {
        200: {
          description: 'One page.',
          schema: envelopeOf(FmeLogLine, 'FmeLogLines'),
          example: exampleOf(exampleLine),
        },
      },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const job = await findJob(context, principal, request.params.id);
      return reply.send(await parsedLog(context, principal, job, windowOf(request.query, { whole: false })));
    },
  });
}

/** Answers with the whole log as text, under the media type that is asked for. */
export function sendLogText(
  request: FastifyRequest,
  reply: FastifyReply,
  context: DialectContext,
  job: number,
): FastifyReply {
  const principal = caller(request);
  async function* text() {
    const write = createWriter();
    for await (const batch of batches(context, principal, job)) yield batch.map((line) => `${write(line)}\n`).join('');
  }
  const bytes = request.headers.accept?.includes(BYTES) === true && !request.headers.accept.includes(TEXT);
  return reply.type(bytes ? BYTES : `${TEXT}; charset=utf-8`).send(Readable.from(text(), { objectMode: false }));
}

/** A part of the log, line by line. */
export async function parsedLog({ engine }: DialectContext, principal: Principal, job: Job, window: Window) {
  const write = createWriter();
  const { lines } =
    window.limit === 0
      ? { lines: [] }
      : await engine.logs.log(principal, job.id, { after: window.offset, limit: window.limit });
  const total = (await engine.logs.counts([job])).get(job.id)?.lines ?? 0;
  const items = lines.map((line) => ({
    number: line.seq,
    time: toIso(line.at),
    status: words[line.level],
    message: clean(line.text),
    line: write(line),
  }));
  return envelope(items, total, window);
}

async function* batches({ engine }: DialectContext, principal: Principal, job: number) {
  for (let after = 0; ; ) {
    const { lines } = await engine.logs.log(principal, job, { after, limit: BATCH });
    if (lines.length === 0) return;
    yield lines;
    after = lines.at(-1)!.seq;
  }
}

/** Control characters but the tab are taken out: a log must not steer a terminal. */
const clean = (text: string): string => text.replace(/[\x00-\x08\x0a-\x1f\x7f]/g, ' ');

/** Writes lines in their columns: time, seconds since the first line, seconds since the line before, kind, text. */
function createWriter(): (line: LogLine) => string {
  let first: number | undefined;
  let last = 0;
  return ({ at, level, text }) => {
    first ??= at;
    const since = seconds(at - first);
    const step = seconds(last === 0 ? 0 : at - last);
    last = at;
    const stamp = toIso(at).slice(0, 19).replace('T', ' ');
    return `${stamp}|${since.padStart(6)}|${step.padStart(5)}|${words[level]}|${clean(text)}`;
  };
}

const seconds = (ms: number): string => (Math.max(0, ms) / 1000).toFixed(1);
