import { fail } from '../../model/errors.ts';
import { isFinal } from '../../model/job.ts';
import type { Store } from '../../store.ts';
import type { Base, Sync } from './base.ts';
import { createFindRow } from './find-row.ts';
import { createHistory } from './history.ts';
import type { Ids } from './ids.ts';
import type { JobRow } from './rows.ts';
import { createSeries } from './series.ts';

export interface Discards {
  /** Takes a final job out of every list; what is left of it is in the history. */
  discard(row: JobRow, at: number): void;
  /** Discards those that are to be discarded and finished before a time, oldest first. */
  due(before: number, at: number, max: number): number;
}

export function createDiscards(base: Base, ids: Ids): Discards {
  const remember = createHistory(base);
  const remove = base.write('DELETE FROM jobs WHERE id = ?');
  const due = base.read<JobRow>(
    `SELECT * FROM jobs INDEXED BY jobs_to_discard WHERE discard = 1 AND finished_at IS NOT NULL AND finished_at < ?
     ORDER BY finished_at LIMIT ?`,
  );
  const discard = (row: JobRow, at: number): void => {
    const code = row.error === null ? null : ((JSON.parse(row.error) as { code?: string }).code ?? null);
    const times = [row.created_at, row.started_at, row.finished_at, at] as const;
    const whose = [row.workflow, row.version, row.owner, row.queue, row.dialect] as const;
    ids.keep();
    remember(row.id, row.state, row.attempt, ...times, ...whose, code);
    remove.run(row.id);
  };
  return {
    discard,
    due(before, at, max) {
      const rows = due.all(before, max);
      for (const row of rows) discard(row, at);
      return rows.length;
    },
  };
}

/** Still running, and discarded at its end. */
const isLeaving = ({ state, discard, cancel_requested_at }: JobRow): boolean =>
  state === 'running' && discard === 1 && cancel_requested_at !== null;

export function discardWrites(base: Base, discards: Discards): Sync<Pick<Store, 'discardJob'>> {
  const { get } = createFindRow(base);
  const series = createSeries(base);

  /** All jobs of the series a job belongs to; the first one may be gone. */
  const wholeSeries = (ref: number | string): JobRow[] => {
    const id = series.of(ref);
    const rows = id === undefined ? [] : series.all(id);
    return rows.length > 0 ? rows : [get(ref)];
  };

  return {
    discardJob(ref, at, options) {
      const rows = options?.series ? wholeSeries(ref).filter((row) => !isLeaving(row)) : [get(ref)];
      for (const row of rows) {
        if (isFinal(row.state)) continue;
        throw fail('conflict', `Job ${row.id} is ${row.state}; cancel it first, only a final job can be discarded.`);
      }
      for (const row of rows) discards.discard(row, at);
    },
  };
}
