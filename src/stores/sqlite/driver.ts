import Database from 'better-sqlite3';

export type Connection = Database.Database;

// Built against the headers of Node 24.19 and later, the driver (version 12) aborts the whole process when one of its
// objects is garbage-collected. So none ever is: databases and statements are held for good. There are as many as the
// program has places that make them, which is why the rest of the store prepares once, uses `all` instead of `iterate`,
// and why pragmas are prepared here, once for each text.
const held = new Set<unknown>();

/** Opens a database file, or a database in memory from the bytes of one. */
export function openDatabase(file: string | Buffer, options: Database.Options = {}): Connection {
  const db = new Database(file, options);
  held.add(db);
  const prepare = db.prepare.bind(db) as (sql: string) => Database.Statement<unknown[], unknown>;
  const pragmas = new Map<string, Database.Statement<unknown[], unknown>>();
  const keep = (sql: string) => {
    const statement = prepare(sql);
    held.add(statement);
    return statement;
  };
  const pragma = (text: string, { simple = false }: Database.PragmaOptions = {}): unknown => {
    let statement = pragmas.get(text);
    if (!statement) {
      statement = keep(`PRAGMA ${text}`);
      pragmas.set(text, statement);
    }
    if (!statement.reader) return statement.run();
    return simple ? statement.pluck(true).get() : statement.pluck(false).all();
  };
  return Object.assign(db, { prepare: keep, pragma });
}
