import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fail } from '../../model/errors.ts';
import type { Connection } from './connection.ts';

/** One step of the schema: `001-initial.sql`. */
export interface Migration {
  number: number;
  name: string;
  sql: string;
}

/** The migrations of this build, in order. They are never changed once released; a checksum notices. */
export function readMigrations(folder: string = fileURLToPath(new URL('./migrations/', import.meta.url))): Migration[] {
  return readdirSync(folder)
    .filter((name) => /^\d{3}-.*\.sql$/.test(name))
    .sort()
    .map((name) => ({ number: Number(name.slice(0, 3)), name, sql: readFileSync(join(folder, name), 'utf8') }));
}

/**
 * Brings a database to the schema of this build, one transaction a step, forward only. Before a database with data is
 * changed, a copy of it is made beside it. Throws `startup` for a schema newer than this build, naming the copy to go
 * back to, and for a migration that was changed after it ran. Answers the copy made, if one was.
 */
export function migrate(
  db: Connection,
  file: string,
  migrations: readonly Migration[] = readMigrations(),
): { copy?: string } {
  const latest = migrations.at(-1)?.number ?? 0;
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version > latest) throw newer(file, version, latest);
  if (version > 0) checkApplied(db, migrations, version);

  const due = migrations.filter((migration) => migration.number > version);
  if (due.length === 0) return {};
  const copy = version === 0 ? undefined : copyBefore(db, file, version);
  for (const migration of due) apply(db, migration);
  return copy === undefined ? {} : { copy };
}

/** Name of the copy that is made before a database leaves a schema version. */
export const copyName = (file: string, version: number): string => `${file}.schema-${String(version).padStart(3, '0')}`;

function copyBefore(db: Connection, file: string, version: number): string {
  const copy = `${copyName(file, version)}.${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}`;
  closeSync(openSync(copy, 'wx', 0o600));
  db.prepare('VACUUM INTO ?').run(copy);
  return copy;
}

function apply(db: Connection, migration: Migration): void {
  db.transaction(() => {
    db.exec(migration.sql);
    db.exec(`CREATE TABLE IF NOT EXISTS migrations (
      number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT`);
    db.prepare('INSERT INTO migrations VALUES (?, ?, ?, ?)').run(
      migration.number,
      migration.name,
      checksum(migration.sql),
      Date.now(),
    );
    db.prepare(`INSERT OR IGNORE INTO meta VALUES ('uuid_secret', ?)`).run(randomBytes(32));
    db.pragma(`user_version = ${migration.number}`);
  }).immediate();
}

function checkApplied(db: Connection, migrations: readonly Migration[], version: number): void {
  const applied = db.prepare<[], { number: number; checksum: string }>('SELECT number, checksum FROM migrations').all();
  const kept = new Map(applied.map((row) => [row.number, row.checksum]));
  for (const migration of migrations) {
    if (migration.number > version || kept.get(migration.number) === checksum(migration.sql)) continue;
    throw fail(
      'startup',
      `The migration ${migration.name} is not the one this database was made with. Install the released version again.`,
    );
  }
}

function newer(file: string, version: number, latest: number): Error {
  const prefix = basename(copyName(file, latest));
  const copies = readdirSync(dirname(file)).filter((name) => name.startsWith(prefix));
  const copy = copies.length > 0 ? join(dirname(file), copies.sort().at(-1)!) : '<backup>';
  return fail(
    'startup',
    `The database ${file} has schema ${version}, this build knows schemas up to ${latest}. Start the newer build, or go ` +
      `back to the copy made before the upgrade: rm -f '${file}-wal' '${file}-shm' && cp '${copy}' '${file}'`,
  );
}

const checksum = (sql: string): string => createHash('sha256').update(sql).digest('hex');
