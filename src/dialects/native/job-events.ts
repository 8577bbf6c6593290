import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { route } from '../../http/routes.ts';
import type { JournalEntry } from '../../model/run.ts';
import { followJob } from './follow-job.ts';
import { jobParams } from './job-schemas.ts';
import { jobWire } from './job-wire.ts';
import { stepWire } from './record-wire.ts';
import { jobRef } from './refs.ts';

const changedAt = (entry: JournalEntry): number => entry.endedAt ?? entry.startedAt;

/** What happens to a job, live. */
export function addJobEvents(scope: FastifyInstance, context: DialectContext): void {
  const { engine, basePath } = context;
  route(scope, {
    method: 'GET',
    url: '/jobs/:id/events',
    access: { scope: 'jobs:read' },
    head: false,
    params: jobParams,
    doc: {
      id: 'followJob',
      tag: 'Jobs',
      summary: 'Follow a job',
      description:
        'Server-sent events: `job` with the whole job at once and at each change of its state, `step` for each step that ' +
        'begins or ends, `end` after the final state. With `Last-Event-ID` the steps since then are told again; a step is ' +
        'known by its `key`, so telling one twice does no harm.',
      headers: { 'Last-Event-ID': { description: 'Go on behind this event.', example: '1795340000000' } },
      responses: {
        200: {
          description: 'A stream that ends with the job.',
          content: {
            'text/event-stream': {
              schema: z.string(),
              example: 'event: job\ndata: {"id":1,"state":"running"}\n\nevent: end\ndata: {"state":"completed"}\n\n',
            },
          },
        },
      },
      errors: ['not-found'],
      flow: { order: 14, path: { id: '{{jobId}}' } },
    },
    handler: (request, reply) => {
      const principal = caller(request);
      const ref = jobRef(request.params.id);
      return followJob(request, reply, context, ref, {
        ignores: (change) => change.kind === 'log',
        begin(stream) {
          const since = Number(stream.lastEventId ?? 0) || 0;
          const told = new Map<string, string>();
          let state = '';
          return async (job) => {
            for (const entry of await engine.logs.steps(principal, ref)) {
              const mark = `${entry.state} ${entry.attempt}`;
              if (changedAt(entry) < since || told.get(entry.key) === mark) continue;
              told.set(entry.key, mark);
              await stream.send({ event: 'step', id: changedAt(entry), data: JSON.stringify(stepWire(entry)) });
            }
            const now = `${job.state} ${job.attempt} ${job.cancelRequestedAt ?? ''} ${job.runAt ?? ''}`;
            if (now !== state) await stream.send({ event: 'job', data: JSON.stringify(jobWire(job, basePath)) });
            state = now;
          };
        },
      });
    },
  });
}
