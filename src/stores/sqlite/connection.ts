import { fail } from '../../model/errors.ts';
import { type Connection, openDatabase } from './driver.ts';

export type { Connection } from './driver.ts';

/**
 * Pages of the WAL after which it is folded into the database: 4 MiB, where the file then settles. Whoever writes
 * meanwhile waits for it, 4 ms and more; with 4000 pages 15 ms, which showed in the 99th percentile.
 */
export const CHECKPOINT_PAGES = 1000;
/** So many times that, and a commit does it before it is answered: there was no moment at which nobody waited. */
const PATIENCE = 4;

/**
 * Pages come from the system's memory at little cost; but each commit in which a page of an index was split looks through
 * the whole cache (SQLite moves such pages by way of a number beyond the end of the file, and then cuts all of them off):
 * 28 us for 32 MiB, a tenth of a commit.
 */
const WRITER_CACHE_MIB = 8;

/** Opens the connection that writes. There is exactly one. */
export function openWriter(file: string): Connection {
  const db = openDatabase(file);
  try {
    // Takes effect only before the first table of a new file.
    db.pragma('auto_vacuum = INCREMENTAL');
    expect(db, 'journal_mode', 'WAL', 'wal');
    // better-sqlite3 is compiled so that WAL means NORMAL, which loses acknowledged rows when the power goes.
    expect(db, 'synchronous', 'FULL', 2);
    expect(db, 'foreign_keys', 'ON', 1);
    expect(db, 'temp_store', 'MEMORY', 2);
    db.pragma(`wal_autocheckpoint = ${PATIENCE * CHECKPOINT_PAGES}`);
    // A WAL that grew under a long read is cut back to this; otherwise it keeps its size, and a commit overwrites
    // instead of growing the file, which costs half.
    db.pragma(`journal_size_limit = ${PATIENCE * CHECKPOINT_PAGES * 4096}`);
    tune(db, WRITER_CACHE_MIB);
    assertVersion(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Opens a connection that only reads: it sees what was committed before each statement, and never stops the writer. */
export function openReader(file: string, cacheMiB: number): Connection {
  const db = openDatabase(file, { readonly: true, fileMustExist: true });
  db.pragma('temp_store = MEMORY');
  tune(db, cacheMiB);
  return db;
}

// No mmap_size: a disk error under a mapped page is a SIGBUS that ends the process, read() gives an error instead.
function tune(db: Connection, cacheMiB: number): void {
  db.pragma('busy_timeout = 5000');
  db.pragma(`cache_size = ${-cacheMiB * 1024}`);
}

function expect(db: Connection, pragma: string, wanted: string, found: string | number): void {
  db.pragma(`${pragma} = ${wanted}`);
  const value = db.pragma(pragma, { simple: true });
  if (value !== found) {
    throw fail('startup', `SQLite refuses ${pragma} = ${wanted} (it says ${value}): the data folder cannot hold it.`);
  }
}

// 3.7.0 to 3.51.2 could lose commits when a checkpoint met a WAL reset (sqlite.org/wal.html#walresetbug).
function assertVersion(db: Connection): void {
  const version = db.prepare<[], string>('SELECT sqlite_version()').pluck().get() ?? '';
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (major * 1e6 + minor * 1e3 + patch < 3_051_003) {
    throw fail(
      'startup',
      `SQLite ${version} is too old, 3.51.3 is needed: run npm ci to install what the lockfile names.`,
    );
  }
}
