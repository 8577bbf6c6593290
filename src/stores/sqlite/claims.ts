import type { Claim } from '../../model/run.ts';
import type { Store } from '../../store.ts';
import { settle } from '../outcome.ts';
import type { Base, Sync } from './base.ts';
import type { JournalWriter } from './journal.ts';
import type { QueueReader } from './queues.ts';
import { entryOf, type FileRow, fileOf, type JobRow, type JournalRow, jobOf, type WaitRow, waitOf } from './rows.ts';
import type { RunWriter } from './runs.ts';

type Claims = Pick<Store, 'claimJobs' | 'renewLeases' | 'rescueJobs'>;

export function claimWrites(
  base: Base,
  {
    queues,
    journal,
    runs,
    promote,
  }: { queues: QueueReader; journal: JournalWriter; runs: RunWriter; promote: (at: number) => number },
): Sync<Claims> {
  const nextQueue = base.read<{ queue: string }>(
    `SELECT queue FROM jobs INDEXED BY jobs_ready WHERE state = 'queued' AND delayed = 0 AND queue > ?
     ORDER BY queue LIMIT 1`,
  );
  const ready = base.read<{ id: number; priority: number }>(
    `SELECT id, priority FROM jobs INDEXED BY jobs_ready WHERE state = 'queued' AND delayed = 0 AND queue = ?
     ORDER BY priority DESC, id LIMIT ?`,
  );
  const claim = base.write<JobRow>(
    `UPDATE jobs SET state = 'running', token = token + 1, attempt = attempt + (resume = 0), resume = 0, claimed_at = :at,
       started_at = coalesce(started_at, :at), lease_owner = :owner, lease_expires_at = :expires
     WHERE id = :id AND state = 'queued' RETURNING *`,
  );
  const renew = base.write<{ cancel_requested_at: number | null }>(
    `UPDATE jobs SET lease_expires_at = ? WHERE id = ? AND token = ? AND state = 'running' AND lease_owner = ?
     RETURNING cancel_requested_at`,
  );
  const running = base.read<JobRow>(
    `SELECT * FROM jobs INDEXED BY jobs_running WHERE state = 'running'
       AND CASE WHEN :orphans THEN lease_owner <> :owner ELSE lease_expires_at <= :at END ORDER BY id`,
  );
  const steps = base.read<JournalRow>('SELECT * FROM journal WHERE job = ? ORDER BY id');
  const waits = base.read<WaitRow>('SELECT * FROM waits WHERE job = ? ORDER BY created_at, key');
  const came = base.read<FileRow>(`SELECT * FROM files WHERE job = ? AND direction = 'in' ORDER BY name`);

  const take = (id: number, by: { owner: string; leaseMs: number; at: number }): Claim | undefined => {
    const row = claim.get({ id, at: by.at, owner: by.owner, expires: by.at + by.leaseMs });
    if (!row) return undefined;
    const later = row.token > 1 || row.retry_of !== null;
    // A new attempt begins from the start; until it does, the steps of the failed one can be looked at.
    if (row.attempt > 1 && isNewAttempt(row)) journal.clear(id);
    base.announce({ kind: 'job', job: id, state: 'running', final: false, at: by.at });
    return {
      job: jobOf(row, base.uuids),
      fence: { job: id, token: row.token },
      journal: later ? steps.all(id).map(entryOf) : [],
      waits: later ? waits.all(id).map(waitOf) : [],
      files: came.all(id).map(fileOf),
    };
  };
  const attemptOf = base.read<{ attempt: number }>(
    'SELECT attempt FROM runs WHERE job = ? ORDER BY token DESC LIMIT 1',
  );
  const isNewAttempt = (row: JobRow): boolean => (attemptOf.get(row.id)?.attempt ?? 0) < row.attempt;

  return {
    claimJobs(by) {
      promote(by.at);
      // Each queue offers its first ones; the best of all are taken. A full or paused queue costs one look, whatever
      // stands in it.
      const offered: { id: number; priority: number; rank: number }[] = [];
      for (let queue = nextQueue.get('')?.queue; queue !== undefined; queue = nextQueue.get(queue)?.queue) {
        const { room, rank } = queues.offer(queue);
        if (room === 0) continue;
        for (const { id, priority } of ready.all(queue, Math.min(by.max, room))) offered.push({ id, priority, rank });
      }
      offered.sort((a, b) => b.rank - a.rank || b.priority - a.priority || a.id - b.id);
      return offered.slice(0, by.max).flatMap(({ id }) => take(id, by) ?? []);
    },

    renewLeases({ owner, leaseMs, fences, at }) {
      const lost: number[] = [];
      const cancel: number[] = [];
      for (const { job, token } of fences) {
        const row = renew.get(at + leaseMs, job, token, owner);
        if (!row) lost.push(job);
        else if (row.cancel_requested_at !== null) cancel.push(job);
      }
      return { lost, cancel };
    },

    rescueJobs({ owner, orphans, at, maxInterruptions }) {
      return running.all({ orphans: orphans ? 1 : 0, owner, at }).map((row) => {
        const reason = orphans ? 'the server that ran it has ended' : 'the server that ran it gave no sign of life';
        const settled = settle(
          {
            onInterrupted: row.on_interrupted,
            interruptions: row.interruptions,
            ...(row.cancel_requested_at === null ? {} : { cancelReason: row.cancel_reason ?? '' }),
          },
          { outcome: { kind: 'interrupted', reason, blame: true }, maxInterruptions },
        );
        return { job: row.id, state: runs.finish(row, 'interrupted', settled, at) };
      });
    },
  };
}
