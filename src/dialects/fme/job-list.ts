import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { route } from '../../http/routes.ts';
import type { Principal } from '../../model/principal.ts';
import { SCHEDULE_LABEL } from '../../model/schedule.ts';
import { fieldError } from './bean-validation.ts';
import { choices } from './choices.ts';
import { serverOf } from './engines.ts';
import { severalOf, single } from './fields.ts';
import { exampleJob, FmeJob } from './job-schemas.ts';
import { statesFor, statusFilters } from './job-status.ts';
import { jobWire } from './job-wire.ts';
import { folderOf, pathOf } from './names.ts';
import { envelope, envelopeOf, exampleOf, pagingQuery, windowOf } from './paging.ts';
import { readQueue } from './queue-names.ts';
import type { JobPageQuery } from './refs.ts';
import { resultUrl } from './result-url.ts';
import { userWithId } from './user-ids.ts';

const sortColumns = {
  workspace: 'workflow',
  timeFinished: 'finished',
  timeStarted: 'started',
  status: 'state',
} as const;
const sorts = Object.keys(sortColumns).flatMap((name) => [name, `${name}_asc`, `${name}_desc`]) as [
  string,
  ...string[],
];
const sourceTypes = Object.keys(choices.sourceTypes) as [string, ...string[]];

const query = z.object({
  status: severalOf(statusFilters, 'One or more; without any, the final ones. `complete`: any final one.', 'success'),
  repository: single('Name of a repository.', 'Tutorials'),
  workspace: single('Name of a workspace of the repository.', '10seconds.fmw'),
  runtimeUserID: single('UUID of the user who runs it.', exampleJob.runtimeUserID),
  engineName: single('Engine that ran it last.', exampleJob.engineName),
  queue: single('Name of the queue.', 'Default'),
  sourceType: severalOf(sourceTypes, 'What started it.', 'fmeflow'),
  sourceID: single('Id of the schedule that started it; with `sourceType`.', 'c2d8a4be-07a1-4b9a-9a3e-51d2f6f0a7e3'),
  sort: z
    .preprocess((value) => (Array.isArray(value) ? value[0] : value) || undefined, z.enum(sorts).optional())
    .meta({
      description: 'Default: newest end first; of jobs that have not ended, newest first.',
      example: 'timeFinished_desc',
    }),
  ...pagingQuery,
});
type Query = z.output<typeof query>;

/** Jobs of now and of before. */
export function addJobList(scope: FastifyInstance, context: DialectContext): void {
  const { engine } = context;
  route(scope, {
    method: 'GET',
    url: '/jobs',
    access: { scope: 'jobs:read' },
    query,
    doc: {
      id: 'fmeListJobs',
      tag: 'Jobs',
      summary: 'List jobs',
      description:
        'Your own; all for who may see them. Final jobs in the order of their end are reached however many there are; ' +
        'every other order and filter looks at the newest 10 000 candidates, and `totalCount` counts among them.',
      responses: {
        200: { description: 'One page.', schema: envelopeOf(FmeJob, 'FmeJobs'), example: exampleOf(exampleJob) },
      },
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const window = windowOf(request.query, { whole: false });
      const filters = await filtersOf(context, principal, request.query);
      if (filters === undefined) return reply.send(envelope([], 0, window));
      const { items, total } = await engine.jobs.page(principal, {
        ...filters,
        sort: sortOf(request.query),
        ...window,
      });
      const logs = await engine.logs.counts(items);
      return reply.send(
        envelope(
          items.map((job) => jobWire(job, logs.get(job.id), resultUrl(request, context, job))),
          total,
          window,
        ),
      );
    },
  });
}

type Filters = Omit<JobPageQuery, 'sort' | 'limit' | 'offset'>;

/** Undefined where nothing can match. */
export async function filtersOf(
  context: DialectContext,
  principal: Principal,
  asked: Query,
): Promise<Filters | undefined> {
  const { status, repository, workspace, runtimeUserID, engineName, queue, sourceType, sourceID } = asked;
  if (workspace !== undefined && repository === undefined) throw fieldError('workspace', 'needs a repository', 'query');
  if (sourceID !== undefined && sourceType === undefined) throw fieldError('sourceID', 'needs a sourceType', 'query');
  const source = sourceFilter(sourceType, sourceID);
  if (source === undefined) return undefined;
  const place = repository === undefined ? {} : placeOf(repository, workspace);
  const owner = runtimeUserID === undefined ? undefined : await userWithId(context, principal, runtimeUserID);
  if (place === undefined || (runtimeUserID !== undefined && owner === undefined)) return undefined;
  return {
    ...statesFor(status),
    ...source,
    ...place,
    ...(owner === undefined ? {} : { owner }),
    ...(engineName === undefined ? {} : { server: serverOf(engineName) }),
    ...(queue === undefined ? {} : { queue: readQueue(queue) }),
  };
}

/** By what started them: schedules, whose jobs carry their id, or anything else. Undefined where nothing can match. */
function sourceFilter(
  types: readonly string[] | undefined,
  id: string | undefined,
): Pick<Filters, 'label' | 'withoutLabel'> | undefined {
  if (types === undefined) return {};
  const known = types.filter((type) => choices.sourceTypes[type]);
  const byClock = known.includes('schedules');
  if (byClock && id !== undefined) return { label: { name: SCHEDULE_LABEL, value: id } };
  if (known.length === 0 || id !== undefined) return undefined;
  if (known.length > 1) return {};
  return byClock ? { label: { name: SCHEDULE_LABEL } } : { withoutLabel: SCHEDULE_LABEL };
}

/** Jobs of one workspace, or of all that lie in the folder of a repository itself. */
function placeOf(repository: string, workspace: string | undefined): Pick<Filters, 'workflow' | 'shallow'> | undefined {
  if (workspace !== undefined) {
    const path = pathOf({ repository, workspace });
    return path === undefined ? undefined : { workflow: path };
  }
  const folder = folderOf(repository);
  return folder === undefined ? undefined : { workflow: folder === '/' ? '/' : `${folder}/`, shallow: true };
}

function sortOf({ sort, status }: Query): JobPageQuery['sort'] {
  if (sort === undefined) {
    const active = status?.every((one) => one === 'queued' || one === 'running');
    return { by: active ? 'created' : 'finished', order: 'descending' };
  }
  const [name = '', ending] = sort.split('_');
  return {
    by: sortColumns[name as keyof typeof sortColumns],
    order: ending === 'desc' ? 'descending' : 'ascending',
  };
}
