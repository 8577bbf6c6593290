import type { Store } from '../../store.ts';
import type { Base, Sync } from './base.ts';
import type { Discards } from './discards.ts';
import type { Ids } from './ids.ts';
import type { Keys } from './keys.ts';
import type { Moves } from './moves.ts';
import type { RunSums } from './workflow-runs.ts';

export function upkeepWrites(
  base: Base,
  {
    ids,
    keys,
    sums,
    discards,
    moves,
  }: { ids: Ids; keys: Keys; sums: RunSums; discards: Discards; moves: Pick<Moves, 'cancel'> },
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
  const queues = base.read<{ name: string }>('SELECT name FROM queues');
  // Ids rise with time: so the index of each queue gives the oldest first, whatever else is loaded.
  const oldestLoaded = base.read<{ id: number; created_at: number }>(
    `SELECT id, created_at FROM jobs INDEXED BY jobs_loaded WHERE state = 'loaded' AND queue = ? ORDER BY id LIMIT ?`,
  );
  const neverStarted = (before: number, max: number): number[] => {
    const found: number[] = [];
    for (const { name } of queues.all())
      for (const row of oldestLoaded.all(name, max - found.length)) if (row.created_at < before) found.push(row.id);
    return found;
  };

  return {
    pruneJobs({ before, keysBefore, discard, loaded, max }) {
      ids.keep();
      // What goes is counted first; usually that was done long ago.
      while (sums.moveTo(before)) {}
      const discarded = discard ? discards.due(discard.before, discard.at, max) : 0;
      const jobs = discarded + (discarded < max ? prune.run(before, max - discarded) : 0);
      const rest = max - jobs;
      const old = loaded ? neverStarted(loaded.before, max) : [];
      for (const id of old) moves.cancel(id, loaded!.reason, loaded!.at);
      return {
        jobs: jobs + (rest > 0 ? pruneHistory.run(before, rest) : 0),
        keys: keys.prune(keysBefore, max),
        cancelled: old.length,
      };
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
