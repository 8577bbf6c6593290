import { fail } from '../../model/errors.ts';
import type { Job, JobState } from '../../model/job.ts';
import type { Page } from '../../model/page.ts';
import type { JobFilters, JobQuery, Store } from '../../store.ts';
import { cursorOf, readCursor } from '../cursor.ts';
import type { Base, Reading, Sync } from './base.ts';
import { type JobFilter, jobFilter } from './job-filter.ts';
import { type JobRow, jobOf } from './rows.ts';

/** A page is given short after so many milliseconds, so that a filter that matches little never holds up the next list. */
const BUDGET_MS = 15;
/** Jobs of a kind that has an index of its own, in another order: up to so many are fetched and sorted. */
const SMALL_SET = 5000;

export function listReads(base: Base): Sync<Pick<Store, 'listJobs'>> {
  const prepared = new Map<string, Reading<JobRow>>();
  const statement = (sql: string): Reading<JobRow> => {
    const known = prepared.get(sql);
    if (known) return known;
    // The texts are built from a fixed set of conditions: a few hundred at most.
    const made = base.read<JobRow>(sql);
    prepared.set(sql, made);
    return made;
  };
  const bounds = base.read<{ lowest: number | null; highest: number | null }>(
    'SELECT (SELECT min(id) FROM jobs) AS lowest, (SELECT max(id) FROM jobs) AS highest',
  );
  const smallSets = createSmallSets(base);

  return {
    listJobs(query) {
      if (!(query.limit >= 1 && query.limit <= 1000)) throw fail('invariant', `A page of ${query.limit} jobs.`);
      const filter = jobFilter(query);
      const after = readCursor(query.cursor, query.order);
      const { lowest, highest } = bounds.get() ?? {};
      if (lowest == null || highest == null) return { items: [] };
      const range = narrow({ low: lowest, high: highest }, query.order, after);
      const ids = smallSets(query);
      const walk = ids ? bySet(statement, filter, ids) : byWindows(statement, filter);
      return page(walk(range, query), query);
    },
  };

  function page({ rows, stopped }: Found, query: JobQuery): Page<Job> {
    const items = rows.slice(0, query.limit).map((row) => jobOf(row, base.uuids));
    if (rows.length > query.limit) return { items, next: cursorOf(query.order, items.at(-1)!.id) };
    return stopped === undefined ? { items } : { items, next: cursorOf(query.order, stopped) };
  }
}

interface Range {
  low: number;
  high: number;
}

/** Up to one row more than the page holds; `stopped`: the last id looked at, when time ran out before the end. */
interface Found {
  rows: JobRow[];
  stopped?: number;
}

type Walk = (range: Range, query: JobQuery) => Found;

function narrow({ low, high }: Range, order: JobQuery['order'], after: number | undefined): Range {
  if (after === undefined) return { low, high };
  return order === 'newest' ? { low, high: Math.min(high, after - 1) } : { low: Math.max(low, after + 1), high };
}

/** Walks the ids in windows that grow while they are cheap, through the index that fits best. */
function byWindows(statement: (sql: string) => Reading<JobRow>, filter: JobFilter): Walk {
  return (range, { order, limit }) => {
    const direction = order === 'newest' ? 'DESC' : 'ASC';
    const select = statement(
      `SELECT * FROM jobs ${filter.index} WHERE id BETWEEN :low AND :high${filter.where} ORDER BY id ${direction} LIMIT :wanted`,
    );
    const rows: JobRow[] = [];
    const end = performance.now() + BUDGET_MS;
    let { low, high } = range;
    let width = Math.max(256, limit * 2);
    while (low <= high && rows.length <= limit) {
      const started = performance.now();
      if (started > end) return { rows, stopped: order === 'newest' ? high + 1 : low - 1 };
      const window =
        order === 'newest'
          ? { low: Math.max(low, high - width + 1), high }
          : { low, high: Math.min(high, low + width - 1) };
      rows.push(...select.all({ ...filter.values, ...window, wanted: limit + 1 - rows.length }));
      if (order === 'newest') high = window.low - 1;
      else low = window.high + 1;
      const took = performance.now() - started;
      if (took < 2) width *= 4;
      else if (took > 6) width = Math.max(256, width >> 1);
    }
    return { rows };
  };
}

/** Walks ids that are known already. */
function bySet(statement: (sql: string) => Reading<JobRow>, filter: JobFilter, ids: number[]): Walk {
  return ({ low, high }, { order, limit }) => {
    const direction = order === 'newest' ? 'DESC' : 'ASC';
    const select = statement(
      `SELECT * FROM jobs NOT INDEXED WHERE id IN (SELECT value FROM json_each(:ids))${filter.where} ORDER BY id ${direction}`,
    );
    const wanted = ids.filter((id) => id >= low && id <= high).sort((a, b) => (order === 'newest' ? b - a : a - b));
    const rows: JobRow[] = [];
    const end = performance.now() + BUDGET_MS;
    const slice = Math.max(100, limit + 1);
    for (let at = 0; at < wanted.length && rows.length <= limit; at += slice) {
      if (performance.now() > end) return { rows, stopped: wanted[at - 1]! };
      const part = wanted.slice(at, at + slice);
      rows.push(...select.all({ ...filter.values, ids: JSON.stringify(part) }));
    }
    return { rows };
  };
}

/** The ids of every job that can match, when an index in another order gives them and they are few. */
export function createSmallSets(base: Base): (query: JobFilters) => number[] | undefined {
  const ids = (from: string) => base.read<{ id: number }>(`SELECT id FROM jobs ${from} LIMIT ${SMALL_SET + 1}`);
  const byState: Partial<Record<JobState, Reading<{ id: number }>[]>> = {
    loaded: [ids(`INDEXED BY jobs_loaded WHERE state = 'loaded'`)],
    queued: [
      ids(`INDEXED BY jobs_ready WHERE state = 'queued' AND delayed = 0`),
      ids(`INDEXED BY jobs_delayed WHERE state = 'queued' AND delayed = 1`),
    ],
    running: [ids(`INDEXED BY jobs_running WHERE state = 'running'`)],
    waiting: [ids(`INDEXED BY jobs_waiting WHERE state = 'waiting'`)],
  };
  const children = ids('INDEXED BY jobs_children WHERE parent_job IS NOT NULL AND parent_job = ?');

  return ({ parent, states }) => {
    if (parent !== undefined) return few(children.all(parent));
    if (!states || states.length === 0) return undefined;
    const found: number[] = [];
    for (const state of new Set(states)) {
      for (const statement of byState[state] ?? [undefined]) {
        const part = statement && few(statement.all());
        if (!part) return undefined;
        found.push(...part);
      }
    }
    return found;
  };
}

const few = (rows: { id: number }[]): number[] | undefined =>
  rows.length > SMALL_SET ? undefined : rows.map((row) => row.id);
