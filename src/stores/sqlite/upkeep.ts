import type { Store } from '../../store.ts';
import type { Base, Sync } from './base.ts';
import type { Discards } from './discards.ts';
import type { Ids } from './ids.ts';
import type { Keys } from './keys.ts';
import type { RunSums } from './workflow-runs.ts';

export function upkeepWrites(
  base: Base,
  { ids, keys, sums, discards }: { ids: Ids; keys: Keys; sums: RunSums; discards: Discards },
): Sync<Pick<Store, 'pruneJobs' | 'check'>> {
  const prune = base.write(
    `DELETE FROM jobs WHERE id IN (
       SELECT id FROM jobs INDEXED BY jobs_finished WHERE finished_at IS NOT NULL AND finished_at < ?
       ORDER BY finished_at LIMIT ?)`,
  );
  const pruneHistory = base.write(
    `DELETE FROM history WHERE id IN (
       SELECT id FROM history INDEXED BY history_finished WHERE finished_at < ? ORDER BY finished_at LIMIT ?)`,
  );
  const probe = base.write(`INSERT INTO meta VALUES ('probe', ?) ON CONFLICT DO UPDATE SET value = excluded.value`);
  return {
    pruneJobs({ before, keysBefore, discard, max }) {
      ids.keep();
      // What goes is counted first; usually that was done long ago.
      while (sums.moveTo(before)) {}
      const discarded = discard ? discards.due(discard.before, discard.at, max) : 0;
      const jobs = discarded + (discarded < max ? prune.run(before, max - discarded) : 0);
      const rest = max - jobs;
      return { jobs: jobs + (rest > 0 ? pruneHistory.run(before, rest) : 0), keys: keys.prune(keysBefore, max) };
    },
    check: () => void probe.run(Date.now()),
  };
}

export function upkeepReads(base: Base): Sync<Pick<Store, 'unreferenced'>> {
  const referenced = base.read(
    `SELECT 1 WHERE EXISTS (SELECT 1 FROM files WHERE blob = :blob)
       OR EXISTS (SELECT 1 FROM journal WHERE output_blob = :blob)
       OR EXISTS (SELECT 1 FROM jobs WHERE input_blob = :blob)
       OR EXISTS (SELECT 1 FROM jobs WHERE output_blob = :blob)
       OR EXISTS (SELECT 1 FROM schedules WHERE input_blob = :blob)`,
  );
  return { unreferenced: (blobs) => blobs.filter((blob) => !referenced.get({ blob })) };
}
