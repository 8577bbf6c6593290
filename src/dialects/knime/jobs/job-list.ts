import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { caller } from '../../../http/access.ts';
import type { Job } from '../../../model/job.ts';
import { linksOf } from '../links.ts';
import { control, namespaces, sendMason } from '../mason.ts';
import type { Face } from './face.ts';
import { isLeaving, uuidOf } from './find-job.ts';
import { isOutdated } from './job-answer.ts';
import { headWire } from './job-wire.ts';

/** Jobs read at a time: a list has no pages there, and here it is never whole in memory. */
const BATCH = 500;

/** Answers with all jobs that the caller may see, newest first. */
export async function sendJobs(
  request: FastifyRequest,
  reply: FastifyReply,
  face: Face,
  filter: { workflow?: string; owner?: string },
  self: string,
): Promise<FastifyReply> {
  const { engine } = face;
  const principal = caller(request);
  const links = linksOf(request, face);
  // Workflows are looked up once for a list, not once for each of their jobs.
  const outdated = new Map<string, Promise<boolean>>();
  const outdatedOf = (job: Job): Promise<boolean> => {
    const key = `${job.version} ${job.workflow}`;
    const known = outdated.get(key) ?? isOutdated(face, principal, job);
    outdated.set(key, known);
    return known;
  };
  const itemWire = async (job: Job) => {
    const uuid = uuidOf(face, job);
    return {
      ...headWire(job, uuid, face.stateNames),
      isSwapped: face.swapped.has(uuid),
      isOutdated: await outdatedOf(job),
      '@controls': { self: control(links.job(uuid)) },
    };
  };
  const page = (cursor: string | undefined) =>
    engine.jobs.list(principal, {
      ...filter,
      latest: true,
      order: 'newest',
      limit: BATCH,
      ...(cursor === undefined ? {} : { cursor }),
    });
  // The first page decides whether there is an answer at all.
  const first = await page(undefined);
  async function* body() {
    yield '{"jobs":[';
    let comma = '';
    for (let at = first; ; at = await page(at.next)) {
      const items = await Promise.all(at.items.filter((job) => !isLeaving(job)).map(itemWire));
      if (items.length > 0) {
        yield comma + items.map((item) => JSON.stringify(item)).join(',');
        comma = ',';
      }
      if (at.next === undefined) break;
    }
    yield `],${JSON.stringify({ '@namespaces': namespaces, '@controls': { self: control(self) } }).slice(1)}`;
  }
  return sendMason(request, reply, Readable.from(body(), { objectMode: false }));
}
