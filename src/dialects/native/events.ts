import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { DialectContext, EventStream } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { negotiate } from '../../http/pages.ts';
import { queryFlag, queryInteger, toIso } from '../../http/query.ts';
import { route } from '../../http/routes.ts';
import { fail } from '../../model/errors.ts';
import type { JobEvent } from '../../model/event.ts';
import { createBell } from './bell.ts';
import { nextLink } from './paging.ts';

const JSON_TYPE = 'application/json';
const SSE = 'text/event-stream';
/** Events read at a time for a stream. */
const BATCH = 200;

const PublishedEvent = z
  .object({
    id: z.int().meta({ description: 'Later ones have higher ids.' }),
    at: z.string().meta({ description: 'Of the end of the job.', format: 'date-time' }),
    topic: z.string(),
    job: z.int(),
    state: z.enum(['completed', 'failed', 'cancelled']),
    workflow: z.string(),
    owner: z.string().meta({ description: 'Whose job it is.' }),
    attributes: z.record(z.string(), z.string()).meta({ description: 'What came with the job for its events.' }),
    links: z.object({ job: z.string() }),
  })
  .meta({ id: 'PublishedEvent', description: 'The end of a job as it was published to one topic.' });

const EventPage = z
  .object({
    items: z.array(PublishedEvent),
    next: z.string().optional().meta({ description: 'Cursor of the next page; absent on the last.' }),
  })
  .meta({ id: 'EventPage' });

const query = z.strictObject({
  topic: z.string().min(1).max(1024).optional().meta({ description: 'Of this topic only.', example: 'DATA_READY' }),
  after: queryInteger({ min: 0, max: 999_999_999_999_999, description: 'Only those with a higher id.', example: 0 }),
  order: z.enum(['newest', 'oldest']).optional().meta({ description: 'By id.', default: 'newest', example: 'newest' }),
  limit: queryInteger({ min: 1, max: 1000, default: 50, description: 'Events on one page.' }),
  cursor: z.string().min(1).max(500).optional().meta({ description: '`next` of the page before.', example: 'abc' }),
  follow: queryFlag('True: stay and send new ones as server-sent events.'),
});

const example = {
  id: 41,
  at: '2026-11-22T09:30:10.000Z',
  topic: 'DATA_READY',
  job: 1,
  state: 'completed',
  workflow: '/Tutorials/10seconds',
  owner: 'admin',
  attributes: { ticket: 'A-17' },
  links: { job: '/jobs/1' },
};

/** What ends of jobs published to topics, as a list or live. */
export function addEvents(scope: FastifyInstance, context: DialectContext): void {
  const { engine, basePath } = context;
  route(scope, {
    method: 'GET',
    url: '/events',
    access: { scope: 'jobs:read' },
    head: false,
    query,
    doc: {
      id: 'listEvents',
      tag: 'Events',
      summary: 'List or follow events',
      description:
        'A job that names topics (`publish` of a submit) publishes its end to them: one event for each, on disk with the ' +
        'end itself. Everybody sees those of the jobs they may see. They stay when the job is gone, for `eventDays`.\n\n' +
        'As `application/json` a page, newest first unless `order=oldest`; the `Link` header leads to the next. As ' +
        '`text/event-stream`, which is what `follow=true` answers too, a stream that stays: each is sent as `published` ' +
        'with its `id`. It begins with the next event, behind `after`, or behind the `Last-Event-ID` of a client that comes ' +
        'back and so misses nothing; `order`, `limit` and `cursor` are for pages.',
      headers: {
        Accept: { description: 'The form.', example: JSON_TYPE },
        'Last-Event-ID': { description: 'Go on behind this event.', example: '41' },
      },
      responses: {
        200: {
          description: 'One page, or a stream.',
          headers: { Link: { description: 'Next page.', example: '</events?cursor=abc>; rel="next"' } },
          content: {
            [JSON_TYPE]: { schema: EventPage, example: { items: [example] } },
            [SSE]: { schema: z.string(), example: `id: 41\nevent: published\ndata: ${JSON.stringify(example)}\n\n` },
          },
        },
      },
      errors: ['not-acceptable'],
      flow: { order: 40, query: { limit: '10' } },
    },
    handler: async (request, reply) => {
      const { topic, after, order = 'newest', limit = 50, cursor, follow } = request.query;
      const types = [JSON_TYPE, SSE];
      const type = follow === true ? SSE : negotiate(request.headers.accept, types);
      if (type === undefined) throw fail('not-acceptable', `Events come as ${types.join(' or ')}.`);
      if (type === SSE) return followEvents(request, reply, context, { topic, after });
      const page = await engine.events.list(caller(request), {
        ...(topic === undefined ? {} : { topic }),
        ...(after === undefined ? {} : { after }),
        ...(cursor === undefined ? {} : { cursor }),
        order,
        limit,
      });
      if (page.next !== undefined) reply.header('link', nextLink(request, basePath, page.next));
      return reply.send({
        items: page.items.map((event) => eventWire(event, basePath)),
        ...(page.next === undefined ? {} : { next: page.next }),
      });
    },
  });
}

/** Sends what came since a place, then what comes, until the client leaves or the server drains. */
async function followEvents(
  request: FastifyRequest,
  reply: FastifyReply,
  { engine, basePath, openStream }: DialectContext,
  { topic, after }: { topic: string | undefined; after: number | undefined },
): Promise<FastifyReply> {
  const principal = caller(request);
  const of = topic === undefined ? {} : { topic };
  const bell = createBell();
  const unfollow = engine.events.follow(principal, topic, bell.ring);
  let stream: EventStream | undefined;
  try {
    // Before the stream opens: from then on nothing can be refused any more.
    const [newest] = (await engine.events.list(principal, { ...of, order: 'newest', limit: 1 })).items;
    stream = openStream(request, reply);
    const { lastEventId = '' } = stream;
    let last = /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : (after ?? newest?.id ?? 0);
    while (!stream.signal.aborted) {
      const { items, next } = await engine.events.list(principal, {
        ...of,
        after: last,
        order: 'oldest',
        limit: BATCH,
      });
      for (const event of items) {
        await stream.send({ event: 'published', id: event.id, data: JSON.stringify(eventWire(event, basePath)) });
        last = event.id;
      }
      if (next === undefined) await bell.next(stream.signal);
    }
  } finally {
    unfollow();
    stream?.end();
  }
  return reply;
}

const eventWire = ({ id, at, topic, job, state, workflow, owner, attributes }: JobEvent, base: string) => ({
  id,
  at: toIso(at),
  topic,
  job,
  state,
  workflow,
  owner,
  attributes,
  links: { job: `${base}/jobs/${job}` },
});
