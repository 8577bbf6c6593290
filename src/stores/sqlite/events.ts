import { fail } from '../../model/errors.ts';
import type { JobEvent } from '../../model/event.ts';
import type { FinalState, Publication } from '../../model/job.ts';
import type { EventQuery, Store } from '../../store.ts';
import { cursorOf, readCursor } from '../cursor.ts';
import type { Base, Reading, Sync } from './base.ts';

/** The part of the row of a job that its events need. */
export interface Publishing {
  publish: string;
  workflow: string;
  owner: string;
}

export interface EventWriter {
  /** Writes one event for each topic that hears of this end. */
  publish(job: number, state: FinalState, row: Publishing, at: number): void;
}

interface EventRow {
  id: number;
  at: number;
  job: number;
  state: FinalState;
  topic: string;
  workflow: string;
  owner: string;
  attributes: string | null;
}

export function createEvents(base: Base): EventWriter {
  const insert = base.write(
    'INSERT INTO events (at, job, state, topic, workflow, owner, attributes) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  return {
    publish(job, state, { publish, workflow, owner }, at) {
      const { attributes, [state]: topics = [] } = JSON.parse(publish) as Publication;
      for (const topic of new Set(topics)) {
        insert.run(at, job, state, topic, workflow, owner, attributes ? JSON.stringify(attributes) : null);
        base.announce({ kind: 'event', job, topic, owner, at });
      }
    },
  };
}

export function eventWrites(base: Base): Sync<Pick<Store, 'pruneEvents'>> {
  // In the order of their ids, which is that of their times unless the clock was set back: without an index of its own.
  const prune = base.write('DELETE FROM events WHERE id IN (SELECT id FROM events ORDER BY id LIMIT ?) AND at < ?');
  return { pruneEvents: ({ before, max }) => prune.run(max, before) };
}

export function eventReads(base: Base): Sync<Pick<Store, 'listEvents'>> {
  const prepared = new Map<string, Reading<EventRow>>();
  /** One of eight statements. Named indexes: left to itself, SQLite would walk all events of an owner for one topic. */
  const statement = ({ topic, owner, order }: EventQuery): Reading<EventRow> => {
    const conditions = ['id > :low AND id < :high'];
    const columns: string[] = [];
    if (owner !== undefined) columns.push('owner');
    if (topic !== undefined) columns.push('topic');
    for (const column of columns) conditions.push(`${column} = :${column}`);
    const index = columns.length === 0 ? '' : `INDEXED BY events_by_${columns.join('_and_')}`;
    const sql = `SELECT * FROM events ${index} WHERE ${conditions.join(' AND ')}
      ORDER BY id ${order === 'newest' ? 'DESC' : 'ASC'} LIMIT :limit`;
    const made = prepared.get(sql) ?? base.read<EventRow>(sql);
    prepared.set(sql, made);
    return made;
  };
  return {
    listEvents(query) {
      const { topic, owner, after = 0, order, limit, cursor } = query;
      if (!(limit >= 1 && limit <= 1000)) throw fail('invariant', `A page of ${limit} events.`);
      const kind = `${order}-event` as const;
      const from = readCursor(cursor, kind);
      const rows = statement(query).all({
        ...(topic === undefined ? {} : { topic }),
        ...(owner === undefined ? {} : { owner }),
        low: order === 'oldest' ? Math.max(after, from ?? 0) : after,
        high: order === 'newest' ? (from ?? Number.MAX_SAFE_INTEGER) : Number.MAX_SAFE_INTEGER,
        limit: limit + 1,
      });
      const items = rows.slice(0, limit).map(eventOf);
      return rows.length > limit ? { items, next: cursorOf(kind, items.at(-1)!.id) } : { items };
    },
  };
}

const eventOf = (row: EventRow): JobEvent => ({
  id: row.id,
  at: row.at,
  topic: row.topic,
  job: row.job,
  state: row.state,
  workflow: row.workflow,
  owner: row.owner,
  attributes: row.attributes === null ? {} : JSON.parse(row.attributes),
});
