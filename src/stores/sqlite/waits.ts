import { type Problem, problem } from '../../model/errors.ts';
import type { Store } from '../../store.ts';
import type { Base, Sync } from './base.ts';
import type { End, Moves } from './moves.ts';
import { type JobRow, type WaitRow, waitOf } from './rows.ts';

/** How many rows of a kind one call moves, so that no commit grows long after a downtime; the next call goes on. */
const SLICE = 500;

/** Makes due delayed jobs ready; both claims and the passing of time do it. */
export function createPromote(base: Base): (at: number) => number {
  const promote = base.write<{ id: number }>(
    `UPDATE jobs SET delayed = 0 WHERE id IN (
       SELECT id FROM jobs INDEXED BY jobs_delayed WHERE state = 'queued' AND delayed = 1 AND run_at <= ?
       ORDER BY run_at LIMIT ${SLICE})
     RETURNING id`,
  );
  const due = base.read(
    `SELECT 1 FROM jobs INDEXED BY jobs_delayed WHERE state = 'queued' AND delayed = 1 AND run_at <= ? LIMIT 1`,
  );
  return (at) => {
    if (!due.get(at)) return 0;
    const jobs = promote.all(at);
    for (const { id } of jobs) base.announce({ kind: 'job', job: id, state: 'queued', final: false, at });
    return jobs.length;
  };
}

export function waitWrites(
  base: Base,
  { moves, promote }: { moves: Moves; promote: (at: number) => number },
): Sync<Pick<Store, 'wakeJob' | 'passTime'>> {
  const find = base.read<WaitRow>('SELECT * FROM waits WHERE job = ? AND key = ?');
  const due = base.read<WaitRow>(
    `SELECT * FROM waits INDEXED BY waits_due WHERE wake_at IS NOT NULL AND wake_at <= ? ORDER BY wake_at LIMIT ${SLICE}`,
  );
  const expired = base.read<JobRow>(
    `SELECT * FROM jobs INDEXED BY jobs_expiring
     WHERE expires_at IS NOT NULL AND state IN ('loaded', 'queued', 'waiting') AND expires_at <= ?
     ORDER BY expires_at LIMIT ${SLICE}`,
  );
  return {
    wakeJob({ job, key, output, error, at }) {
      const wait = find.get(job, key);
      if (!wait) return false;
      moves.answer(wait, { ...(output ? { output } : {}), ...(error ? { error } : {}) }, at);
      return true;
    },

    passTime(at) {
      const timers = due.all(at);
      // A timer answers null; a signal that did not come in time has an entry without output.
      for (const wait of timers) moves.answer(wait, wait.kind === 'timer' ? { output: { json: 'null' } } : {}, at);
      const promoted = promote(at);
      const over = expired.all(at);
      for (const row of over) moves.end(row.id, endOf(row, overdue(row, at)), at);
      return { woken: timers.length, promoted, expired: over.map((row) => row.id) };
    },
  };
}

export function waitReads(base: Base): Sync<Pick<Store, 'listWaits' | 'nextDue'>> {
  const list = base.read<WaitRow>('SELECT * FROM waits WHERE job = ? ORDER BY created_at, key');
  const next = base.read<{ at: number | null }>(
    `SELECT min(at) AS at FROM (
       SELECT min(run_at) AS at FROM jobs INDEXED BY jobs_delayed WHERE state = 'queued' AND delayed = 1
       UNION ALL SELECT min(wake_at) FROM waits INDEXED BY waits_due WHERE wake_at IS NOT NULL
       UNION ALL SELECT min(expires_at) FROM jobs INDEXED BY jobs_expiring
         WHERE expires_at IS NOT NULL AND state IN ('loaded', 'queued', 'waiting'))`,
  );
  return {
    listWaits: (job) => list.all(job).map(waitOf),
    nextDue: () => next.get()?.at ?? undefined,
  };
}

const endOf = ({ on_limit }: JobRow, error: Problem): End =>
  on_limit === 'cancel' ? { state: 'cancelled', reason: error.detail ?? error.title } : { state: 'failed', error };

function overdue(row: JobRow, at: number): Problem {
  const totalEnds = row.total_ms === null ? Number.POSITIVE_INFINITY : row.created_at + row.total_ms;
  if (totalEnds <= at) {
    const detail = `The job was not final ${seconds(row.total_ms)} after it was created.`;
    return problem('total-time-exceeded', detail);
  }
  if (row.started_at !== null) {
    const detail = `The job was not final ${seconds(row.since_start_ms)} after its first run began.`;
    return problem('run-time-exceeded', detail);
  }
  return problem('queue-time-exceeded', `No run of the job had begun ${seconds(row.queue_ms)} after it was due.`);
}

const seconds = (ms: number | null): string => `${(ms ?? 0) / 1000} s`;
