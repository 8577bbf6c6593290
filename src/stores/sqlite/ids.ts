import type { Base } from './base.ts';

/** Counts up the integer ids of jobs; none is given out twice, also after the newest jobs were deleted. */
export interface Ids {
  next(): number;
  /** Notes the highest id given out, in the transaction that deletes jobs. */
  keep(): void;
}

// Counted in memory: AUTOINCREMENT would add a row write to every insert.
export function createIds(base: Base): Ids {
  const highest = base.read<{ id: number }>(
    `SELECT max(coalesce((SELECT max(id) FROM jobs), 0), coalesce((SELECT max(id) FROM history), 0),
                coalesce((SELECT value FROM meta WHERE key = 'highest_job'), 0)) AS id`,
  );
  const keep = base.write(
    `INSERT INTO meta VALUES ('highest_job', ?) ON CONFLICT DO UPDATE SET value = excluded.value`,
  );
  let last = highest.get()?.id ?? 0;
  return {
    next: () => ++last,
    keep: () => void keep.run(last),
  };
}
