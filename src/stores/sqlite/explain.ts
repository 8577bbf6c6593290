import type { Store } from '../../store.ts';
import type { Base, Sync } from './base.ts';
import { createFindRow } from './find-row.ts';
import type { QueueReader } from './queues.ts';
import { jobOf, type WaitRow, waitOf } from './rows.ts';

export function explainReads(base: Base, queues: QueueReader): Sync<Pick<Store, 'explainJob'>> {
  const { find } = createFindRow(base);
  const ahead = base.read<{ n: number }>(
    `SELECT (SELECT count(*) FROM jobs INDEXED BY jobs_ready
             WHERE state = 'queued' AND delayed = 0 AND queue = :queue AND priority > :priority)
          + (SELECT count(*) FROM jobs INDEXED BY jobs_ready
             WHERE state = 'queued' AND delayed = 0 AND queue = :queue AND priority = :priority AND id < :id) AS n`,
  );
  const running = base.read<{ n: number }>(
    `SELECT count(*) AS n FROM jobs INDEXED BY jobs_running WHERE state = 'running' AND queue = ?`,
  );
  const waits = base.read<WaitRow>('SELECT * FROM waits WHERE job = ? ORDER BY created_at, key');
  // The last 100 jobs of the workflow are looked at, the last 20 that completed are counted.
  const mean = base.read<{ ms: number | null }>(
    `SELECT avg(ms) AS ms FROM (
       SELECT finished_at - started_at AS ms FROM (
         SELECT state, started_at, finished_at, id FROM jobs INDEXED BY jobs_by_workflow
         WHERE workflow = ? ORDER BY id DESC LIMIT 100)
       WHERE state = 'completed' ORDER BY id DESC LIMIT 20)`,
  );
  return {
    explainJob(ref, at) {
      const row = find(ref);
      if (!row) return undefined;
      const due = row.state === 'queued' && (row.delayed === 0 || (row.run_at ?? 0) <= at);
      const meanRunMs = mean.get(row.workflow)?.ms ?? undefined;
      return {
        job: jobOf(row, base.uuids),
        queue: queues.get(row.queue),
        ...(due ? { ahead: ahead.get({ queue: row.queue, priority: row.priority, id: row.id })?.n ?? 0 } : {}),
        running: running.get(row.queue)?.n ?? 0,
        waits: waits.all(row.id).map(waitOf),
        ...(meanRunMs === undefined ? {} : { meanRunMs }),
      };
    },
  };
}
