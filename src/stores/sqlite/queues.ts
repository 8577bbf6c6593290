import { fail } from '../../model/errors.ts';
import { DEFAULT_QUEUE, DEFAULT_QUEUE_PRIORITY, type Queue, type QueueCounts } from '../../model/queue.ts';
import type { Store } from '../../store.ts';
import type { Base, Sync } from './base.ts';
import { orNull } from './rows.ts';

interface QueueRow {
  name: string;
  concurrency: number | null;
  paused: 0 | 1;
  description: string | null;
  priority: number | null;
}

const queueOf = (row: QueueRow): Queue => ({
  name: row.name,
  paused: row.paused === 1,
  ...(row.concurrency === null ? {} : { concurrency: row.concurrency }),
  ...(row.description === null ? {} : { description: row.description }),
  ...(row.priority === null ? {} : { priority: row.priority }),
});

export interface QueueReader {
  /** A queue without a row of its own has no limit. */
  get(name: string): Queue;
  /** How many more jobs of a queue may run; 0 for a paused one. */
  room(name: string): number;
  /** The same, and its rank: jobs of queues with a higher one go first. */
  offer(name: string): { room: number; rank: number };
}

export function createQueues(base: Base): QueueReader {
  const find = base.read<QueueRow>('SELECT * FROM queues WHERE name = ?');
  const running = base.read<{ n: number }>(
    `SELECT count(*) AS n FROM jobs INDEXED BY jobs_running WHERE state = 'running' AND queue = ?`,
  );
  const get = (name: string): Queue => {
    const row = find.get(name);
    return row ? queueOf(row) : { name, paused: false };
  };
  const roomIn = ({ name, paused, concurrency }: Queue): number => {
    if (paused) return 0;
    // Only a queue with a limit is counted, and the index holds no more than the running ones.
    return concurrency === undefined
      ? Number.POSITIVE_INFINITY
      : Math.max(0, concurrency - (running.get(name)?.n ?? 0));
  };
  return {
    get,
    room: (name) => roomIn(get(name)),
    offer(name) {
      const queue = get(name);
      return { room: roomIn(queue), rank: queue.priority ?? DEFAULT_QUEUE_PRIORITY };
    },
  };
}

export function queueWrites(base: Base): Sync<Pick<Store, 'saveQueue' | 'deleteQueue'>> {
  const save = base.write(
    `INSERT INTO queues (name, concurrency, paused, description, priority) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET concurrency = excluded.concurrency, paused = excluded.paused,
       description = excluded.description, priority = excluded.priority`,
  );
  const remove = base.write('DELETE FROM queues WHERE name = ?');
  const busy = base.read<{ n: number }>(
    `SELECT EXISTS (SELECT 1 FROM jobs WHERE state = 'queued' AND delayed = 0 AND queue = :queue)
         OR EXISTS (SELECT 1 FROM jobs WHERE state = 'queued' AND delayed = 1 AND queue = :queue)
         OR EXISTS (SELECT 1 FROM jobs WHERE state = 'running' AND queue = :queue)
         OR EXISTS (SELECT 1 FROM jobs WHERE state = 'waiting' AND queue = :queue)
         OR EXISTS (SELECT 1 FROM jobs WHERE state = 'loaded' AND queue = :queue) AS n`,
  );
  return {
    saveQueue(queue) {
      const { name, concurrency, paused, description, priority } = queue;
      save.run(name, orNull(concurrency), paused ? 1 : 0, orNull(description), orNull(priority));
    },
    deleteQueue(name) {
      if (name === DEFAULT_QUEUE)
        throw fail('conflict', `The queue ${name} always exists; it can be paused or limited.`);
      if (busy.get({ queue: name })?.n) {
        throw fail('conflict', `The queue ${name} has unfinished jobs; cancel them or let them end first.`);
      }
      if (remove.run(name) === 0) throw fail('not-found', `There is no queue ${name}.`);
    },
  };
}

export function queueReads(base: Base): Sync<Pick<Store, 'listQueues'>> {
  const list = base.read<QueueRow>('SELECT * FROM queues ORDER BY name');
  return { listQueues: () => list.all().map(queueOf) };
}

export function queueCounts(base: Base): Sync<Pick<Store, 'countQueues'>> {
  const counts: [keyof Omit<QueueCounts, 'queue'>, ReturnType<typeof count>][] = [
    ['ready', count(base, `INDEXED BY jobs_ready WHERE state = 'queued' AND delayed = 0`)],
    ['ready', count(base, `INDEXED BY jobs_delayed WHERE state = 'queued' AND delayed = 1 AND run_at <= :at`)],
    ['delayed', count(base, `INDEXED BY jobs_delayed WHERE state = 'queued' AND delayed = 1 AND run_at > :at`)],
    ['running', count(base, `INDEXED BY jobs_running WHERE state = 'running'`)],
    ['waiting', count(base, `INDEXED BY jobs_waiting WHERE state = 'waiting'`)],
  ];
  const names = base.read<{ name: string }>('SELECT name FROM queues ORDER BY name');
  return {
    countQueues(at) {
      const none = (queue: string): QueueCounts => ({ queue, ready: 0, delayed: 0, running: 0, waiting: 0 });
      const found = new Map(names.all().map(({ name }) => [name, none(name)]));
      for (const [state, statement] of counts) {
        for (const { queue, n } of statement.all({ at })) {
          const entry = found.get(queue) ?? none(queue);
          entry[state] += n;
          found.set(queue, entry);
        }
      }
      return [...found.values()];
    },
  };
}

const count = (base: Base, from: string) =>
  base.read<{ queue: string; n: number }>(`SELECT queue, count(*) AS n FROM jobs ${from} GROUP BY queue`);
