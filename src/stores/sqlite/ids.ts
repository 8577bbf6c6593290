import type { Base } from './base.ts';

/** Counts up the integer ids of jobs; none is given out twice, also after the newest jobs were deleted. */
export interface Ids {
  next(): number;
  /** Notes the highest id given out, in the transaction that deletes jobs. */
  keep(): void;
}

/** Where the highest id is counted, for every thread of the process that gives out ids. */
export const createIdCell = (): SharedArrayBuffer => new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);

/** Ids for threads that do not write; not before the writing one has its connection. */
export function sharedIds(cell: SharedArrayBuffer): Pick<Ids, 'next'> {
  const last = new BigInt64Array(cell);
  return { next: () => Number(Atomics.add(last, 0, 1n)) + 1 };
}

// Counted in memory: AUTOINCREMENT would add a row write to every insert.
export function createIds(base: Base, cell: SharedArrayBuffer): Ids {
  const highest = base.read<{ id: number }>(
    `SELECT max(coalesce((SELECT max(id) FROM jobs), 0), coalesce((SELECT max(id) FROM history), 0),
                coalesce((SELECT value FROM meta WHERE key = 'highest_job'), 0)) AS id`,
  );
  const keep = base.write(
    `INSERT INTO meta VALUES ('highest_job', ?) ON CONFLICT DO UPDATE SET value = excluded.value`,
  );
  const last = new BigInt64Array(cell);
  // A thread that takes over from a lost one finds ids in the cell that are given out and not yet stored.
  const stored = BigInt(highest.get()?.id ?? 0);
  if (stored > Atomics.load(last, 0)) Atomics.store(last, 0, stored);
  return {
    next: sharedIds(cell).next,
    keep: () => void keep.run(Number(Atomics.load(last, 0))),
  };
}
