import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { route } from '../../../http/routes.ts';
import { single } from '../fields.ts';
import { filtersOf } from '../job-list.ts';
import type { StatusFilter } from '../job-status.ts';
import { envelope, envelopeOf, exampleOf, pagingQuery, windowOf } from '../paging.ts';
import { exampleV3Job, FmeV3Job } from './job-schemas.ts';
import { v3JobsWire } from './job-wire.ts';
import { V3_JOBS_TAG } from './submit.ts';

const lists: Record<string, StatusFilter[]> = {
  active: ['queued', 'running'],
  completed: ['complete'],
  running: ['running'],
  queued: ['queued'],
};

const query = z.object({
  repository: single('Name of a repository.', 'Tutorials'),
  workspace: single('Name of a workspace of the repository.', '10seconds.fmw'),
  userName: single('User who runs it.', 'admin'),
  sourceType: single('What started it.', 'fmeflow'),
  sourceID: single('Id of what started it.', '1'),
  ...pagingQuery,
});

/** Jobs by what becomes of them (reference section 9.2): newest end first, of those that have not ended newest first. */
export function addV3JobList(scope: FastifyInstance, context: DialectContext): void {
  const { engine } = context;
  for (const [name, status] of Object.entries(lists)) {
    route(scope, {
      method: 'GET',
      url: `/transformations/jobs/${name}`,
      access: { scope: 'jobs:read' },
      query,
      doc: {
        id: `fmeV3List${name[0]!.toUpperCase()}${name.slice(1)}Jobs`,
        tag: V3_JOBS_TAG,
        summary: `V3: list jobs that are ${name}`,
        description: 'Your own; all for who may see them.',
        responses: {
          200: {
            description: 'One page.',
            schema: envelopeOf(FmeV3Job, 'FmeV3Jobs'),
            example: exampleOf(exampleV3Job),
          },
        },
      },
      handler: async (request, reply) => {
        const principal = caller(request);
        const window = windowOf(request.query, { whole: false });
        const { repository, workspace, userName, sourceType, sourceID } = request.query;
        const source = sourceType === undefined ? {} : { sourceType: [sourceType], sourceID };
        const filters = await filtersOf(context, principal, { status, repository, workspace, ...source });
        if (filters === undefined) return reply.send(envelope([], 0, window));
        const { items, total } = await engine.jobs.page(principal, {
          ...filters,
          ...(userName === undefined ? {} : { owner: userName }),
          sort: { by: name === 'completed' ? 'finished' : 'created', order: 'descending' },
          ...window,
        });
        return reply.send(envelope(await v3JobsWire(request, context, items), total, window));
      },
    });
  }
}
