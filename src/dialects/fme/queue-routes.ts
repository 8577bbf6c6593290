import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import type { QueueView } from '../../engine/queues.ts';
import { caller } from '../../http/access.ts';
import { route } from '../../http/routes.ts';
import { fail, isMillraceError } from '../../model/errors.ts';
import type { Principal } from '../../model/principal.ts';
import { DEFAULT_QUEUE, DEFAULT_QUEUE_PRIORITY, type Queue } from '../../model/queue.ts';
import { whole } from './fields.ts';
import { messages } from './messages.ts';
import { envelopeOf, exampleOf, listed, pagingQuery, windowOf } from './paging.ts';
import { queueWire, readQueue } from './queue-names.ts';
import { asRefusal, FmeRefusal } from './refusals.ts';

const FmeQueue = z
  .object({
    name: z.string(),
    description: z.string(),
    priority: z.int().meta({ description: 'From 1 to 10; jobs of a higher one go first.' }),
    isDefault: z.boolean(),
    queuedJobCount: z.int(),
    runningJobCount: z.int(),
  })
  .meta({ id: 'FmeQueue' });
const change = {
  description: z.string().max(1000).optional().meta({ description: 'What it is for.', example: 'At night' }),
  priority: whole({ min: 1, max: 10 }, { description: 'From 1 to 10; jobs of a higher one go first.', example: 5 }),
};
const FmeQueueChange = z.object(change).meta({ id: 'FmeQueueChange' });
const FmeNewQueue = z
  .object({
    name: z
      .string()
      .regex(/^[\w.-]{1,100}$/, 'must be letters, digits, . _ - (at most 100)')
      .meta({ description: 'Its name.', example: 'Nightly' }),
    ...change,
  })
  .meta({ id: 'FmeNewQueue' });
const params = z.object({
  queue: z.string().min(1).max(1024).meta({ description: 'Name of the queue.', example: 'Nightly' }),
});
const example = {
  name: 'Nightly',
  description: 'At night',
  priority: 5,
  isDefault: false,
  queuedJobCount: 0,
  runningJobCount: 0,
};

const wire = ({ name, description = '', priority = DEFAULT_QUEUE_PRIORITY, ready, delayed, running }: QueueView) => ({
  name: queueWire(name),
  description,
  priority,
  isDefault: name === DEFAULT_QUEUE,
  queuedJobCount: ready + delayed,
  runningJobCount: running,
});

const tag = 'Queues';
const read = { scope: 'jobs:read' } as const;
const manage = { scope: 'admin', roles: ['admin', 'operator'] } as const;

/** Queues (reference section 6.4). What only the native API sets, limit and pause, stays as it is. */
export function addQueues(scope: FastifyInstance, { engine, basePath }: DialectContext): void {
  const find = async (principal: Principal, name: string): Promise<QueueView> => {
    const queue = (await engine.queues.list(principal)).find((one) => one.name === readQueue(name));
    if (queue === undefined) throw fail('not-found', messages.noQueue(name));
    return queue;
  };
  const changed = (
    old: Pick<QueueView, 'name' | 'paused' | 'concurrency' | 'description' | 'priority'>,
    {
      description = old.description,
      priority = old.priority,
    }: { description?: string | undefined; priority?: number | undefined },
  ): Queue => ({
    name: old.name,
    paused: old.paused,
    ...(old.concurrency === undefined ? {} : { concurrency: old.concurrency }),
    ...(description === undefined || description === '' ? {} : { description }),
    ...(priority === undefined ? {} : { priority }),
  });

  route(scope, {
    method: 'GET',
    url: '/queues',
    access: read,
    query: z.object(pagingQuery),
    doc: {
      id: 'fmeListQueues',
      tag,
      summary: 'List queues',
      responses: {
        200: { description: 'One page.', schema: envelopeOf(FmeQueue, 'FmeQueues'), example: exampleOf(example) },
      },
    },
    handler: async (request, reply) => {
      const queues = await engine.queues.list(caller(request));
      return reply.send(listed(queues.map(wire), windowOf(request.query)));
    },
  });

  route(scope, {
    method: 'POST',
    url: '/queues',
    access: manage,
    body: FmeNewQueue,
    doc: {
      id: 'fmeCreateQueue',
      tag,
      summary: 'Make a queue',
      requestBody: {
        content: { 'application/json': { schema: FmeNewQueue, example: { name: 'Nightly', priority: 5 } } },
      },
      responses: {
        201: {
          description: 'It is there.',
          schema: FmeQueue,
          headers: { Location: { description: 'Its address.', example: '/fmeapiv4/queues/Nightly' } },
          example,
        },
      },
      errors: ['exists'],
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const { name, ...settings } = request.body;
      const queue = changed({ name: readQueue(name), paused: false }, settings);
      const made = await engine.queues.make(principal, queue).catch((error) => {
        if (isMillraceError(error) && error.code === 'exists') throw fail('exists', messages.queueTaken(name));
        throw error;
      });
      return reply
        .code(201)
        .header('location', `${basePath}/fmeapiv4/queues/${encodeURIComponent(name)}`)
        .send(wire(made));
    },
  });

  route(scope, {
    method: 'GET',
    url: '/queues/:queue',
    access: read,
    params,
    doc: {
      id: 'fmeGetQueue',
      tag,
      summary: 'Read a queue',
      responses: { 200: { description: 'The queue.', schema: FmeQueue, example } },
      errors: ['not-found'],
    },
    handler: async (request, reply) => reply.send(wire(await find(caller(request), request.params.queue))),
  });

  route(scope, {
    method: 'PUT',
    url: '/queues/:queue',
    access: manage,
    params,
    body: FmeQueueChange,
    doc: {
      id: 'fmeUpdateQueue',
      tag,
      summary: 'Change a queue',
      requestBody: { content: { 'application/json': { schema: FmeQueueChange, example: { priority: 9 } } } },
      responses: { 204: { description: 'It is changed.' } },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      await engine.queues.save(principal, changed(await find(principal, request.params.queue), request.body));
      return reply.code(204).send();
    },
  });

  route(scope, {
    method: 'DELETE',
    url: '/queues/:queue',
    access: manage,
    params,
    doc: {
      id: 'fmeDeleteQueue',
      tag,
      summary: 'Delete a queue',
      responses: {
        204: { description: 'It is gone.' },
        422: {
          description: 'It is the default one, or has unfinished jobs.',
          schema: FmeRefusal,
        },
      },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const { name } = await find(principal, request.params.queue);
      try {
        if (name === DEFAULT_QUEUE) throw fail('conflict', messages.defaultQueue);
        await engine.queues.remove(principal, name);
      } catch (error) {
        throw asRefusal(error);
      }
      return reply.code(204).send();
    },
  });
}
