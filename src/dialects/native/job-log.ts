import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { negotiate } from '../../http/pages.ts';
import { queryFlag, queryInteger } from '../../http/query.ts';
import { route } from '../../http/routes.ts';
import { fail } from '../../model/errors.ts';
import type { Principal } from '../../model/principal.ts';
import { followJob } from './follow-job.ts';
import { jobParams } from './job-schemas.ts';
import { LogLine } from './record-schemas.ts';
import { lineText, lineWire } from './record-wire.ts';
import { type JobRef, jobRef } from './refs.ts';

/** Lines read at a time: a log of a hundred megabytes passes through without ever being whole in memory. */
const BATCH = 1000;
const TEXT = 'text/plain';
const NDJSON = 'application/x-ndjson';
const SSE = 'text/event-stream';
const types = [TEXT, NDJSON, SSE];

const logQuery = z.strictObject({
  tail: queryInteger({ min: 1, max: 100_000, description: 'Only the last so many lines.', example: 100 }),
  step: z.string().min(1).max(1000).optional().meta({ description: 'Only lines of this step.', example: '/do/0/load' }),
  after: queryInteger({ min: 0, max: 999_999_999_999, description: 'Only lines with a larger `seq`.', example: 0 }),
  follow: queryFlag('True: stay and send new lines as server-sent events until the job ends.'),
});
type Filter = { tail?: number | undefined; step?: string | undefined; after?: number | undefined };

const exampleLine = {
  seq: 1,
  at: '2026-11-22T09:30:00.000Z',
  level: 'info',
  step: '/do/0/load',
  text: 'loaded 42 rows',
};

/** The log of a job: as text, as NDJSON, or live. */
export function addJobLog(scope: FastifyInstance, context: DialectContext): void {
  route(scope, {
    method: 'GET',
    url: '/jobs/:id/log',
    access: { scope: 'jobs:read' },
    head: false,
    params: jobParams,
    query: logQuery,
    doc: {
      id: 'getJobLog',
      tag: 'Jobs',
      summary: 'Read or follow the log of a job',
      description:
        '`Accept: text/plain` (default), `application/x-ndjson`, or `text/event-stream`, which is what `follow=true` ' +
        'answers too. A stream sends each line as an event `line` with its `seq` as id; a client that comes back with ' +
        '`Last-Event-ID` misses nothing and gets nothing twice. It ends with an event `end` that carries the state.',
      headers: {
        Accept: { description: 'The form of the log.', example: TEXT },
        'Last-Event-ID': { description: 'Go on behind this line.', example: '41' },
      },
      responses: {
        200: {
          description: 'The lines, oldest first.',
          content: {
            [TEXT]: { schema: z.string(), example: '2026-11-22T09:30:00.000Z INFO  [/do/0/load] loaded 42 rows\n' },
            [NDJSON]: { schema: LogLine, example: exampleLine },
            [SSE]: { schema: z.string(), example: `id: 1\nevent: line\ndata: ${JSON.stringify(exampleLine)}\n\n` },
          },
        },
      },
      errors: ['not-found', 'not-acceptable'],
      flow: { order: 13, path: { id: '{{jobId}}' }, query: { tail: '100' } },
    },
    handler: async (request, reply) => {
      const { follow, ...filter } = request.query;
      const ref = jobRef(request.params.id);
      const type = follow === true ? SSE : negotiate(request.headers.accept, types);
      if (type === undefined) throw fail('not-acceptable', `A log comes as ${types.join(', ')}.`);
      if (type === SSE) return followLog(request, reply, context, ref, filter);
      const shape =
        type === TEXT ? lineText : (line: Parameters<typeof lineWire>[0]) => `${JSON.stringify(lineWire(line))}\n`;
      const lines = readLines(context, caller(request), ref, filter);
      // The first batch decides whether the job is there, so that a refusal is still an answer of its own.
      const first = await lines.next();
      async function* body() {
        if (!first.done) yield first.value.map(shape).join('');
        for await (const batch of lines) yield batch.map(shape).join('');
      }
      return reply
        .type(type === TEXT ? `${TEXT}; charset=utf-8` : NDJSON)
        .send(Readable.from(body(), { objectMode: false }));
    },
  });
}

type Lines = Awaited<ReturnType<DialectContext['engine']['logs']['log']>>['lines'];

/** Batches of lines, oldest first. */
async function* readLines(
  { engine }: DialectContext,
  principal: Principal,
  ref: JobRef,
  { tail, step, after }: Filter,
): AsyncGenerator<Lines> {
  const only = step === undefined ? {} : { step };
  let from = after;
  if (tail !== undefined) {
    const { lines } = await engine.logs.log(principal, ref, {
      ...only,
      tail,
      limit: tail,
      ...(from === undefined ? {} : { after: from }),
    });
    yield lines;
    return;
  }
  for (;;) {
    const { lines } = await engine.logs.log(principal, ref, {
      ...only,
      ...(from === undefined ? {} : { after: from }),
      limit: BATCH,
    });
    yield lines;
    from = lines.at(-1)?.seq;
    if (lines.length < BATCH) return;
  }
}

/** Sends what is there, then what comes, until the job is final and everything of it was sent. */
function followLog(
  request: FastifyRequest,
  reply: FastifyReply,
  context: DialectContext,
  ref: JobRef,
  filter: Filter,
): Promise<FastifyReply> {
  const principal = caller(request);
  return followJob(request, reply, context, ref, {
    begin(stream) {
      const resumed = stream.lastEventId !== undefined && /^\d{1,15}$/.test(stream.lastEventId);
      let after = resumed ? Number(stream.lastEventId) : filter.after;
      let tail = resumed ? undefined : filter.tail;
      return async () => {
        for await (const lines of readLines(context, principal, ref, { ...filter, tail, after })) {
          for (const line of lines) {
            await stream.send({ event: 'line', id: line.seq, data: JSON.stringify(lineWire(line)) });
            after = line.seq;
          }
        }
        tail = undefined;
      };
    },
  });
}
