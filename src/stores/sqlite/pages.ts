import { fail } from '../../model/errors.ts';
import { isFinal, type JobState, jobStates } from '../../model/job.ts';
import { type JobFilters, type JobPageQuery, MOST_SORTED, type Store } from '../../store.ts';
import type { Base, Reading, Sync } from './base.ts';
import { jobFilter } from './job-filter.ts';
import { createSmallSets } from './lists.ts';
import { type JobRow, jobOf } from './rows.ts';

/** Lists by number: sorted, from any place on, counted. A cursor is better wherever the client can be given one. */
export function pageReads(base: Base): Sync<Pick<Store, 'pageJobs'>> {
  const prepared = new Map<string, Reading<unknown>>();
  const statement = <Row>(sql: string): Reading<Row> => {
    const known = prepared.get(sql) ?? base.read<unknown>(sql);
    // The texts are built from a fixed set of conditions: a few hundred at most.
    prepared.set(sql, known);
    return known as Reading<Row>;
  };
  const smallSets = createSmallSets(base);
  const rows = base.read<JobRow>('SELECT * FROM jobs WHERE id IN (SELECT value FROM json_each(?))');
  const all = base.read<{ n: number }>('SELECT count(*) AS n FROM jobs');
  // Each of these indexes holds exactly the jobs it counts; together they are what is not `completed`.
  const others = base.read<{ n: number; badly: number }>(
    `SELECT (SELECT count(*) FROM jobs INDEXED BY jobs_ready WHERE state = 'queued' AND delayed = 0)
          + (SELECT count(*) FROM jobs INDEXED BY jobs_delayed WHERE state = 'queued' AND delayed = 1)
          + (SELECT count(*) FROM jobs INDEXED BY jobs_running WHERE state = 'running')
          + (SELECT count(*) FROM jobs INDEXED BY jobs_waiting WHERE state = 'waiting')
          + (SELECT count(*) FROM jobs INDEXED BY jobs_loaded WHERE state = 'loaded') AS n,
            (SELECT count(*) FROM jobs INDEXED BY jobs_ended_badly WHERE state IN ('failed', 'cancelled')) AS badly`,
  );

  return {
    pageJobs(query) {
      if (!(query.limit >= 0 && query.limit <= 1000)) throw fail('invariant', `A page of ${query.limit} jobs.`);
      const { ids, total } = inOrderOfEnd(query) ?? sorted(query);
      const found = new Map(rows.all(JSON.stringify(ids)).map((row) => [row.id, row]));
      return { items: ids.map((id) => jobOf(found.get(id)!, base.uuids)), total };
    },
  };

  /** All final jobs, or all completed ones, by their end: an index has them in that order, however many there are. */
  function inOrderOfEnd(query: JobPageQuery): { ids: number[]; total: number } | undefined {
    const { states = [], sort, limit, offset, begun: _begun, ...narrower } = query;
    const wanted = new Set(states);
    const { by, order } = sort;
    const final = [...wanted].every(isFinal) && wanted.has('completed');
    const whole = wanted.size === finalStates.length;
    if (by !== 'finished' || !final || !(whole || wanted.size === 1) || hasAny(narrower)) return undefined;
    const direction = order === 'ascending' ? 'ASC' : 'DESC';
    const found = statement<{ id: number }>(
      `SELECT id FROM jobs INDEXED BY jobs_finished WHERE finished_at IS NOT NULL${whole ? '' : " AND state = 'completed'"}
       ORDER BY finished_at ${direction}, id ${direction} LIMIT ? OFFSET ?`,
    ).all(limit, offset);
    const { n = 0, badly = 0 } = others.get() ?? {};
    const total = (all.get()?.n ?? 0) - n - (whole ? 0 : badly);
    return { ids: found.map(({ id }) => id), total };
  }

  /** The newest candidates of the best index, sorted: so many that a page is still quick, whatever the filter. */
  function sorted(query: JobPageQuery): { ids: number[]; total: number } {
    const { sort, limit, offset } = query;
    const { where, values } = jobFilter(query);
    const set = smallSets(query);
    const matching = `FROM jobs NOT INDEXED WHERE id IN (${set ? 'SELECT value FROM json_each(:ids)' : candidates(query)})${where}`;
    const bound = { ...values, ...(set ? { ids: JSON.stringify(set) } : {}) };
    const direction = sort.order === 'ascending' ? 'ASC' : 'DESC';
    // Counted on the way: looking at the candidates is what costs, and this does it once.
    const found = statement<{ id: number; total: number }>(
      `SELECT id, count(*) OVER () AS total ${matching}
       ORDER BY ${columns[sort.by]} ${direction}, id ${direction} LIMIT :limit OFFSET :offset`,
    ).all({ ...bound, limit, offset });
    // A page behind the end has no row to tell the count.
    const total = found[0]?.total ?? statement<{ n: number }>(`SELECT count(*) AS n ${matching}`).get(bound)?.n ?? 0;
    return { ids: found.map(({ id }) => id), total };
  }
}

/** The newest ids that can match, through the index that leaves out the most. */
function candidates(query: JobFilters): string {
  const newest = (from: string) => `SELECT id FROM jobs ${from} ORDER BY id DESC LIMIT ${MOST_SORTED}`;
  const { index, key } = jobFilter(query);
  const badly =
    query.states?.length === 2 && query.states.every((state) => state === 'failed' || state === 'cancelled');
  if (badly && key === '') {
    const of = (state: string) =>
      `SELECT * FROM (${newest(`INDEXED BY jobs_ended_badly WHERE state IN ('failed', 'cancelled') AND state = '${state}'`)})`;
    return `${of('failed')} UNION ALL ${of('cancelled')}`;
  }
  return newest(`${index}${key === '' ? '' : ` WHERE ${key}`}`);
}

const finalStates: readonly JobState[] = jobStates.filter(isFinal);

const columns: Record<JobPageQuery['sort']['by'], string> = {
  created: 'id',
  started: 'started_at',
  finished: 'finished_at',
  workflow: 'workflow',
  state: 'state',
};

const hasAny = (narrower: object): boolean => Object.values(narrower).some((value) => value !== undefined);
