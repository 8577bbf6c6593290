import type { NewJob } from '../model/job.ts';
import { madeJob } from '../model/made-job.ts';
import type { JournalEntry } from '../model/run.ts';
import type { Inserted, InsertOptions } from '../store.ts';

/** What a caller of `insertJob` cannot know by itself of a job that was just made. */
export interface Made {
  id: number;
  /** Present when it was claimed at once: the steps it took over. */
  journal?: JournalEntry[];
}

/** The whole answer to an insert that made a job, so that a store need not send back what came with the question. */
export function insertedOf(from: NewJob, options: InsertOptions, { id, journal }: Made, uuid: string): Inserted {
  const job = madeJob(from, id, uuid);
  const by = options.promote ?? options.claim;
  if (journal === undefined || by === undefined) return { job, replayed: false };
  const { startedAt, at } = options.promote ?? { startedAt: from.createdAt, at: from.createdAt };
  job.state = 'running';
  job.attempt = 1;
  job.token = 1;
  job.startedAt = startedAt;
  job.lease = { owner: by.owner, expiresAt: at + by.leaseMs };
  job.server = by.owner;
  const came = from.files.filter(({ direction }) => direction === 'in');
  const files = came.map((file) => ({ ...file, createdAt: from.createdAt }));
  return { job, replayed: false, claim: { job, fence: { job: id, token: 1 }, journal, waits: [], files } };
}
