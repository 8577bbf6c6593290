import type { Job, NewJob } from '../model/job.ts';
import type { JournalEntry } from '../model/run.ts';
import type { Inserted, InsertOptions } from '../store.ts';

/** What a caller of `insertJob` cannot know by itself of a job that was just made. */
export interface Made {
  id: number;
  /** Present when it was claimed at once: the steps it took over. */
  journal?: JournalEntry[];
}

/** The whole answer to an insert that made a job, so that a store need not send back what came with the question. */
export function insertedOf(job: NewJob, options: InsertOptions, { id, journal }: Made, uuid: string): Inserted {
  const { start, files, ...rest } = job;
  const by = options.promote ?? options.claim;
  if (journal === undefined || by === undefined) {
    const state = start ? 'queued' : 'loaded';
    return { job: { ...rest, id, uuid, state, attempt: 0, interruptions: 0, token: 0 }, replayed: false };
  }
  const { startedAt, at } = options.promote ?? { startedAt: job.createdAt, at: job.createdAt };
  const running: Job = {
    ...rest,
    id,
    uuid,
    state: 'running',
    attempt: 1,
    interruptions: 0,
    token: 1,
    startedAt,
    lease: { owner: by.owner, expiresAt: at + by.leaseMs },
    server: by.owner,
  };
  const came = files.filter(({ direction }) => direction === 'in');
  return {
    job: running,
    replayed: false,
    claim: {
      job: running,
      fence: { job: id, token: 1 },
      journal,
      waits: [],
      files: came.map((file) => ({ ...file, createdAt: job.createdAt })),
    },
  };
}
