import { fail } from '../../model/errors.ts';
import type { JobRef } from '../../store.ts';
import type { Base } from './base.ts';
import type { JobRow } from './rows.ts';

/** The row behind an id or UUID. */
export interface FindRow {
  /** The id, whether or not there is such a job; undefined for what is none. */
  idOf(ref: JobRef): number | undefined;
  find(ref: JobRef): JobRow | undefined;
  /** Throws `not-found`. */
  get(ref: JobRef): JobRow;
}

export function createFindRow(base: Base): FindRow {
  const byId = base.read<JobRow>('SELECT * FROM jobs WHERE id = ?');
  const idOf: FindRow['idOf'] = (ref) => {
    const id = typeof ref === 'number' ? ref : base.uuids.idOf(ref);
    return Number.isSafeInteger(id) ? id : undefined;
  };
  const find: FindRow['find'] = (ref) => {
    const id = idOf(ref);
    return id === undefined ? undefined : byId.get(id);
  };
  return {
    idOf,
    find,
    get(ref) {
      const row = find(ref);
      if (!row) throw fail('not-found', `There is no job ${ref}.`);
      return row;
    },
  };
}
