import type { Change } from '../../model/change.ts';
import { fail } from '../../model/errors.ts';
import { createJobUuids, type JobUuids } from '../../model/job-uuid.ts';
import type { Connection } from './connection.ts';

/** A statement that changes nothing. */
export interface Reading<Row> {
  get(...values: unknown[]): Row | undefined;
  all(...values: unknown[]): Row[];
}

/** A statement that writes; each call counts. */
export interface Writing<Row = unknown> {
  /** How many rows it changed. */
  run(...values: unknown[]): number;
  /** The first row of RETURNING. */
  get(...values: unknown[]): Row | undefined;
  all(...values: unknown[]): Row[];
}

/** What the verbs of one connection share. */
export interface Base {
  db: Connection;
  uuids: JobUuids;
  read<Row>(sql: string): Reading<Row>;
  write<Row = unknown>(sql: string): Writing<Row>;
  /** How many write statements ran so far: tells whether a verb that threw has left something to undo. */
  writes(): number;
  /** To be told to watchers when the transaction is committed. */
  announce(change: Change): void;
  /** What was announced since the last call. */
  takeChanges(): Change[];
}

/** Verbs as the store has them, without their promises: each runs inside a transaction that is begun already. */
export type Sync<Verbs> = {
  [Name in keyof Verbs]: Verbs[Name] extends (...args: infer Args) => Promise<infer Result>
    ? (...args: Args) => Result
    : never;
};

/** `migrate` must have run on the file. */
export function createBase(db: Connection): Base {
  const secret = db.prepare<[], Buffer>(`SELECT value FROM meta WHERE key = 'uuid_secret'`).pluck().get();
  let changes: Change[] = [];
  let writes = 0;
  return {
    db,
    uuids: createJobUuids(secret ?? new Uint8Array(32)),
    read: (sql) => reading(db, sql),
    write(sql) {
      const statement = db.prepare<unknown[]>(sql);
      // Only what ends in RETURNING has rows.
      const rows = statement.reader ? reading<never>(db, sql) : undefined;
      const returning = (): Reading<never> => {
        writes++;
        if (!rows) throw fail('invariant', 'A statement without RETURNING has no rows.');
        return rows;
      };
      return {
        run(...values) {
          writes++;
          return statement.run(...values).changes;
        },
        get: (...values) => returning().get(...values),
        all: (...values) => returning().all(...values),
      };
    },
    writes: () => writes,
    announce: (change) => void changes.push(change),
    takeChanges() {
      const taken = changes;
      changes = [];
      return taken;
    },
  };
}

/**
 * A reading statement. Rows of many columns are taken as arrays and named here, which costs half of what the driver
 * takes to make the objects.
 */
function reading<Row>(db: Connection, sql: string): Reading<Row> {
  const statement = db.prepare<unknown[], unknown[]>(sql);
  const names = statement.columns().map((column) => column.name);
  if (names.length < 20) return statement as unknown as Reading<Row>;
  statement.raw(true);
  const named = (values: unknown[]): Row => {
    const row: Record<string, unknown> = {};
    for (let at = 0; at < names.length; at++) row[names[at]!] = values[at];
    return row as Row;
  };
  return {
    get(...values) {
      const found = statement.get(...values);
      return found && named(found);
    },
    all: (...values) => statement.all(...values).map(named),
  };
}
