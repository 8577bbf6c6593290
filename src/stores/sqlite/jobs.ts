import { fail } from '../../model/errors.ts';
import { isFinal, type NewJob } from '../../model/job.ts';
import type { Inserted, InsertOptions, JobRef, Store } from '../../store.ts';
import type { Made } from '../inserted.ts';
import type { Base, Sync } from './base.ts';
import type { FileWriter } from './files.ts';
import type { Ids } from './ids.ts';
import type { JournalWriter } from './journal.ts';
import type { Keys } from './keys.ts';
import type { Moves } from './moves.ts';
import { begin, createInsert, deadline, newRow } from './new-row.ts';
import { isUsual, type PackedExecution } from './packed.ts';
import type { QueueReader } from './queues.ts';
import { dueOf, entryOf, type JobRow, type JournalRow, jobOf } from './rows.ts';
import type { RunSums } from './workflow-runs.ts';

/** What the verbs of jobs are built from. */
export interface JobParts {
  ids: Ids;
  keys: Keys;
  files: FileWriter;
  journal: JournalWriter;
  moves: Moves;
  queues: QueueReader;
  sums: RunSums;
}

/** `insertJob` answers no more of a new job than its caller cannot know: see `insertedOf`. */
interface JobWrites extends Sync<Pick<Store, 'reserveJobIds' | 'startJob' | 'discardJob' | 'cancelJob'>> {
  recordExecution(...execution: PackedExecution): void;
  insertJob(job: NewJob, options?: InsertOptions): Inserted | Made;
}

/** Finds the row behind an id or UUID. */
export type FindRow = (ref: JobRef) => JobRow | undefined;

export function createFindRow(base: Base): FindRow {
  const find = base.read<JobRow>('SELECT * FROM jobs WHERE id = ?');
  return (ref) => {
    const id = typeof ref === 'number' ? ref : base.uuids.idOf(ref);
    return id === undefined || !Number.isSafeInteger(id) ? undefined : find.get(id);
  };
}

export function jobReads(base: Base): Sync<Pick<Store, 'findJob'>> {
  const find = createFindRow(base);
  return {
    findJob(ref) {
      const row = find(ref);
      return row && jobOf(row, base.uuids);
    },
  };
}

export function jobWrites(base: Base, { ids, keys, files, journal, moves, queues, sums }: JobParts): JobWrites {
  const insert = createInsert(base);
  const findRow = createFindRow(base);
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
  const stepsOf = base.read<JournalRow>('SELECT * FROM journal WHERE job = ? ORDER BY id');
  const start = base.write(
    `UPDATE jobs SET state = 'queued', run_at = CASE WHEN run_at > :at THEN run_at ELSE :at END, delayed = :delayed,
       expires_at = :expires WHERE id = :id`,
  );
  // A caller whose answer was lost on the way says it again.
  const remember = base.write('INSERT OR IGNORE INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const remove = base.write('DELETE FROM jobs WHERE id = ?');

  const get = (ref: JobRef): JobRow => {
    const row = findRow(ref);
    if (!row) throw fail('not-found', `There is no job ${ref}.`);
    return row;
  };

  /** Whether a job may begin at once: a place in its queue, and nobody in front of it. */
  const mayBegin = (job: NewJob): boolean =>
    job.start &&
    (job.runAt === undefined || job.runAt <= job.createdAt) &&
    queues.room(job.queue) > 0 &&
    !before.get(job.queue, job.priority) &&
    !dueBefore.get(job.createdAt, job.queue, job.priority);

  const earlier = (job: NewJob, { idempotency }: InsertOptions): Inserted | undefined => {
    const known = idempotency && keys.find(idempotency);
    if (!known) return undefined;
    if (known.fingerprint !== idempotency.fingerprint) {
      throw fail('idempotency-conflict', `The key ${idempotency.key} came with another request before.`);
    }
    const row = findRow(known.job);
    if (row) return { job: jobOf(row, base.uuids), replayed: true };
    throw fail('conflict', `The job ${known.job} that this idempotency key made for ${job.workflow} was discarded.`);
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

    recordExecution(id, state, createdAt, startedAt, endedAt, ...about) {
      remember.run(id, state, 1, createdAt, startedAt, endedAt, endedAt, ...about);
      sums.ended(id, endedAt);
      base.announce({ kind: 'job', job: id, state, final: true, at: endedAt });
    },

    reserveJobIds(count) {
      const first = ids.next();
      for (let taken = 1; taken < count; taken++) ids.next();
      return first;
    },

    startJob(ref, at) {
      const row = get(ref);
      if (row.state !== 'loaded') {
        throw fail('conflict', `Job ${row.id} is ${row.state}; only a loaded job can be started.`);
      }
      const runAt = Math.max(row.run_at ?? at, at);
      const expires = deadline({ ...row, run_at: runAt });
      start.run({ id: row.id, at, delayed: runAt > at ? 1 : 0, expires });
      const due = dueOf(runAt > at ? runAt : null, expires);
      base.announce({ kind: 'job', job: row.id, state: 'queued', final: false, at, ...due });
      return jobOf(get(row.id), base.uuids);
    },

    discardJob(ref, at) {
      const row = get(ref);
      if (!isFinal(row.state)) {
        throw fail('conflict', `Job ${row.id} is ${row.state}; cancel it first, only a final job can be discarded.`);
      }
      const code = row.error === null ? null : ((JSON.parse(row.error) as { code?: string }).code ?? null);
      const times = [row.attempt, row.created_at, row.started_at, row.finished_at, at];
      ids.keep();
      remember.run(row.id, row.state, ...times, row.workflow, row.version, row.owner, row.queue, row.dialect, code);
      remove.run(row.id);
    },

    cancelJob(ref, { reason, at }) {
      const row = get(ref);
      if (isFinal(row.state)) throw fail('conflict', `Job ${row.id} is ${row.state} already.`);
      const running = moves.cancel(row.id, reason, at);
      const job = jobOf(get(row.id), base.uuids);
      return { job, outcome: job.state === 'cancelled' ? 'cancelled' : 'requested', running };
    },
  };
}
