import type { JobRef, Store } from '../../store.ts';
import type { Base, Sync } from './base.ts';
import { createFindRow } from './find-row.ts';
import { type JobRow, jobOf } from './rows.ts';

/** Jobs that follow each other under the id of the first. */
export interface Series {
  /** Its last job; undefined when nothing of it is there any more. */
  last(series: number): JobRow | undefined;
  /** The series that a job began or belongs to, whether or not the first one is still there. */
  of(ref: JobRef): number | undefined;
  /** All its jobs. */
  all(series: number): JobRow[];
}

export function createSeries(base: Base): Series {
  const { idOf, find } = createFindRow(base);
  const seriesOf = base.read<{ series: number | null }>('SELECT series FROM jobs WHERE id = ?');
  const last = base.read<JobRow>(
    'SELECT * FROM jobs INDEXED BY jobs_series WHERE series IS NOT NULL AND series = ? ORDER BY id DESC LIMIT 1',
  );
  const followers = base.read<JobRow>(
    'SELECT * FROM jobs INDEXED BY jobs_series WHERE series IS NOT NULL AND series = ?',
  );
  return {
    last: (series) => last.get(series) ?? find(series),
    of(ref) {
      const id = idOf(ref);
      return id === undefined ? undefined : (seriesOf.get(id)?.series ?? id);
    },
    all(series) {
      const first = find(series);
      return [...(first ? [first] : []), ...followers.all(series)];
    },
  };
}

export function seriesReads(base: Base): Sync<Pick<Store, 'findLatestJob'>> {
  const series = createSeries(base);
  return {
    findLatestJob(ref) {
      const id = series.of(ref);
      const row = id === undefined ? undefined : series.last(id);
      return row && jobOf(row, base.uuids);
    },
  };
}
