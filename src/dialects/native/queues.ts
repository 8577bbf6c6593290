import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import type { QueueView } from '../../engine/queues.ts';
import { caller } from '../../http/access.ts';
import { route } from '../../http/routes.ts';

const Queue = z
  .object({
    name: z.string(),
    concurrency: z
      .int()
      .optional()
      .meta({ description: 'Jobs of it that run at once; absent: as many as there are slots.' }),
    paused: z.boolean(),
    description: z.string().optional(),
    priority: z.int().optional().meta({ description: 'Absent: 5, as all are.' }),
    ready: z.int().meta({ description: 'Queued and due.' }),
    delayed: z.int().meta({ description: 'Queued for later.' }),
    running: z.int(),
    waiting: z.int(),
  })
  .meta({ id: 'Queue', description: 'A named line of jobs with a limit.' });

const QueueSettings = z
  .strictObject({
    concurrency: z.int().min(1).max(100_000).optional().meta({ description: 'Absent: as many as there are slots.' }),
    paused: z.boolean().optional().meta({ description: 'True: nothing of it is begun.' }),
    description: z.string().max(1000).optional(),
    priority: z
      .int()
      .min(1)
      .max(10)
      .optional()
      .meta({ description: 'Due jobs of a queue with a higher one are begun before all others. Absent: 5.' }),
  })
  .meta({ id: 'QueueSettings' });

const params = z.object({
  name: z
    .string()
    .regex(/^[\w.-]{1,100}$/)
    .meta({ description: 'Name of the queue.', example: 'default', accepted: 'letters, digits, . _ - (at most 100)' }),
});

const example = { name: 'default', concurrency: 4, paused: false, ready: 0, delayed: 0, running: 0, waiting: 0 };

const wire = ({ name, concurrency, paused, description, priority, ready, delayed, running, waiting }: QueueView) => ({
  name,
  ...(concurrency === undefined ? {} : { concurrency }),
  paused,
  ...(description === undefined ? {} : { description }),
  ...(priority === undefined ? {} : { priority }),
  ready,
  delayed,
  running,
  waiting,
});

/** Named lines of jobs. */
export function addQueues(scope: FastifyInstance, { engine }: DialectContext): void {
  const read = { scope: 'jobs:read' } as const;
  const change = { scope: 'admin', roles: ['admin', 'operator'] } as const;
  const tag = 'Queues';
  route(scope, {
    method: 'GET',
    url: '/queues',
    access: read,
    doc: {
      id: 'listQueues',
      tag,
      summary: 'List queues',
      responses: { 200: { description: 'All queues with their counts.', schema: z.array(Queue), example: [example] } },
    },
    handler: async (request, reply) => reply.send((await engine.queues.list(caller(request))).map(wire)),
  });
  route(scope, {
    method: 'GET',
    url: '/queues/:name',
    access: read,
    params,
    doc: {
      id: 'getQueue',
      tag,
      summary: 'Read a queue',
      responses: { 200: { description: 'The queue with its counts.', schema: Queue, example } },
      errors: ['not-found'],
    },
    handler: async (request, reply) => reply.send(wire(await engine.queues.get(caller(request), request.params.name))),
  });
  route(scope, {
    method: 'PUT',
    url: '/queues/:name',
    access: change,
    params,
    body: QueueSettings,
    doc: {
      id: 'putQueue',
      tag,
      summary: 'Make or change a queue',
      description: 'Replaces all settings; what is left out goes back to its default.',
      requestBody: {
        content: { 'application/json': { schema: QueueSettings, example: { concurrency: 2, paused: false } } },
      },
      responses: { 200: { description: 'The queue as it is now.', schema: Queue, example } },
      errors: ['conflict'],
      flow: { order: 60, path: { name: 'night' } },
    },
    handler: async (request, reply) => {
      const { concurrency, paused = false, description, priority } = request.body;
      const queue = await engine.queues.save(caller(request), {
        name: request.params.name,
        paused,
        ...(concurrency === undefined ? {} : { concurrency }),
        ...(description === undefined ? {} : { description }),
        ...(priority === undefined ? {} : { priority }),
      });
      return reply.send(wire(queue));
    },
  });
  route(scope, {
    method: 'DELETE',
    url: '/queues/:name',
    access: change,
    params,
    doc: {
      id: 'deleteQueue',
      tag,
      summary: 'Delete a queue',
      description: 'Only when it has no unfinished jobs; the default queue stays.',
      responses: { 204: { description: 'It is gone.' } },
      errors: ['not-found', 'conflict'],
      flow: { order: 90, path: { name: 'night' } },
    },
    handler: async (request, reply) => {
      await engine.queues.remove(caller(request), request.params.name);
      return reply.code(204).send();
    },
  });
}
