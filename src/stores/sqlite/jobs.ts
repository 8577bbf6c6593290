import { fail } from '../../model/errors.ts';
import { isFinal, type NewJob } from '../../model/job.ts';
import type { Inserted, InsertOptions, Store } from '../../store.ts';
import type { Made } from '../inserted.ts';
import type { Base, Sync } from './base.ts';
import type { FileWriter } from './files.ts';
import { createFindRow } from './find-row.ts';
import type { Ids } from './ids.ts';
import type { JournalWriter } from './journal.ts';
import type { Keys } from './keys.ts';
import type { Moves } from './moves.ts';
import { begin, createInsert, newRow } from './new-row.ts';
import { isUsual } from './packed.ts';
import type { QueueReader } from './queues.ts';
import { dueOf, entryOf, type JournalRow, jobOf } from './rows.ts';
import { createSeries } from './series.ts';

/** What the verbs of jobs are built from. */
export interface JobParts {
  ids: Ids;
  keys: Keys;
  files: FileWriter;
  journal: JournalWriter;
  moves: Moves;
  queues: QueueReader;
}

/** `insertJob` answers no more of a new job than its caller cannot know: see `insertedOf`. */
export interface JobWrites extends Sync<Pick<Store, 'cancelJob'>> {
  insertJob(job: NewJob, options?: InsertOptions): Inserted | Made;
}

export function jobReads(base: Base): Sync<Pick<Store, 'findJob'>> {
  const { find } = createFindRow(base);
  return {
    findJob(ref) {
      const row = find(ref);
      return row && jobOf(row, base.uuids);
    },
  };
}

export function jobWrites(base: Base, { ids, keys, files, journal, moves, queues }: JobParts): JobWrites {
  const insert = createInsert(base);
  const { find: findRow, get } = createFindRow(base);
  const series = createSeries(base);
  const before = base.read(
    `SELECT 1 FROM jobs INDEXED BY jobs_ready WHERE state = 'queued' AND delayed = 0 AND queue = ? AND priority >= ? LIMIT 1`,
  );
  const dueBefore = base.read(
    `SELECT 1 FROM jobs INDEXED BY jobs_delayed
     WHERE state = 'queued' AND delayed = 1 AND run_at <= ? AND queue = ? AND priority >= ? LIMIT 1`,
  );
  const findChild = base.read<{ id: number }>(
    'SELECT id FROM jobs WHERE parent_job = ? AND parent_step = ? AND parent_attempt = ?',
  );
  const toDiscard = base.write('UPDATE jobs SET discard = 1 WHERE id = ?');
  const stepsOf = base.read<JournalRow>('SELECT * FROM journal WHERE job = ? ORDER BY id');

  /** Whether a job may begin at once: a place in its queue, and nobody in front of it. */
  const mayBegin = (job: NewJob): boolean =>
    job.start &&
    (job.runAt === undefined || job.runAt <= job.createdAt) &&
    queues.room(job.queue) > 0 &&
    !before.get(job.queue, job.priority) &&
    !dueBefore.get(job.createdAt, job.queue, job.priority);

  const earlier = (job: NewJob, { idempotency }: InsertOptions): Inserted | undefined => {
    const known = idempotency && keys.job(idempotency);
    if (known === undefined) return undefined;
    const row = findRow(known);
    if (row) return { job: jobOf(row, base.uuids), replayed: true };
    throw fail('conflict', `The job ${known} that this idempotency key made for ${job.workflow} was discarded.`);
  };

  /** A job of a series goes on where the last one ended: there are never two of them under way. */
  const mayFollow = (id: number): void => {
    const last = series.last(id);
    if (last && !isFinal(last.state)) {
      throw fail('conflict', `Job ${last.id} is ${last.state}; it can be run again once it has ended.`);
    }
  };

  /** The attempt of the parent that a child belongs to; a later attempt has children of its own. */
  const parentAttempt = (parent: { job: number; step: string }): number => {
    const row = findRow(parent.job);
    if (!row || isFinal(row.state) || row.cancel_requested_at !== null) {
      throw fail(
        'conflict',
        `Job ${parent.job} starts no more jobs: it ${row ? 'has ended or is about to' : 'is gone'}.`,
      );
    }
    return row.attempt;
  };

  return {
    insertJob(job, options = {}) {
      const known = earlier(job, options);
      if (known) return known;
      const promoted = options.promote && findRow(options.promote.id);
      if (promoted) return { job: jobOf(promoted, base.uuids), replayed: true };
      const attempt = job.parent && parentAttempt(job.parent);
      const child = job.parent && findChild.get(job.parent.job, job.parent.step, attempt);
      if (child) return { job: jobOf(get(child.id), base.uuids), replayed: true };
      if (job.series !== undefined) mayFollow(job.series);

      const row = newRow(options.promote?.id ?? ids.next(), job, attempt ?? null);
      const claim = options.promote ?? (options.claim && mayBegin(job) ? options.claim : undefined);
      if (options.promote) begin(row, options.promote, options.promote.startedAt, options.promote.at);
      else if (claim) begin(row, claim, job.createdAt, job.createdAt);
      insert(row, isUsual(job));
      files.put(row.id, job.files, job.createdAt);
      if (options.keepSteps && job.retryOf !== undefined) journal.copy(job.retryOf, row.id);
      if (options.idempotency) keys.put(options.idempotency, row.id, job.createdAt);
      const due = dueOf(row.delayed === 1 ? row.run_at : null, row.expires_at);
      base.announce({
        kind: 'job',
        job: row.id,
        state: row.state,
        final: false,
        at: job.createdAt,
        ...due,
      });
      if (!claim) return { id: row.id };
      return { id: row.id, journal: options.keepSteps ? stepsOf.all(row.id).map(entryOf) : [] };
    },

    cancelJob(ref, { reason, at, discard }) {
      const row = get(ref);
      if (isFinal(row.state)) throw fail('conflict', `Job ${row.id} is ${row.state} already.`);
      if (discard) toDiscard.run(row.id);
      const running = moves.cancel(row.id, reason, at);
      const job = jobOf(get(row.id), base.uuids);
      return { job, outcome: job.state === 'cancelled' ? 'cancelled' : 'requested', running };
    },
  };
}
