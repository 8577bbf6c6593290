import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fail, type MillraceError } from '../../model/errors.ts';
import type { Blobs, Store } from '../../store.ts';
import { createBlobs } from '../blobs.ts';
import { createStore } from './client.ts';
import { lockFolder } from './lock.ts';

export interface SqliteOptions {
  /** Characters of log kept for one job; default 16 MiB. */
  maxLogBytes?: number;
  /** The database is not made larger than this many pages of 4 KiB. */
  maxPages?: number;
  /** `full` reads the whole file at start and refuses a damaged one; by default only files up to 64 MiB are read. */
  check?: 'quick' | 'full' | 'none';
  /** False: without threads of its own, for a machine with one core; a slow disk then stops everything. Default true. */
  threads?: boolean;
  /** Called when the process must start anew; nothing is written any more. */
  onFatal?(error: MillraceError): void;
  /** Called with what a watcher threw. */
  onWatcherError?(error: unknown): void;
  /** Called with the name of the copy that was made before the schema was changed. */
  onMigrated?(copy: string): void;
}

/**
 * Opens a data folder, making it when it is not there: `millrace.db`, `blobs/`, and a lock that keeps every other server
 * out. Throws `startup` with what is in the way and what to do.
 */
export async function openSqlite(folder: string, options: SqliteOptions = {}): Promise<{ store: Store; blobs: Blobs }> {
  const file = join(folder, 'millrace.db');
  prepare(folder, file);
  const lock = lockFolder(folder);
  try {
    const store = await createStore(file, options);
    const blobs = await createBlobs(join(folder, 'blobs'));
    return {
      blobs,
      store: {
        ...store,
        async close() {
          await store.close();
          lock.release();
        },
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function prepare(folder: string, file: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // For the owner alone; SQLite gives the files beside it the same mode.
    for (const name of [file, join(folder, 'server.lock')]) closeSync(openSync(name, 'a', 0o600));
  } catch (cause) {
    const { code } = cause as { code?: string };
    throw fail('startup', {
      detail: `The data folder ${folder} cannot be written (${code})${asUser()}. Give that user the folder, or choose another (MILLRACE_DATA).`,
      cause,
    });
  }
}

const asUser = (): string => (process.getuid ? ` by user id ${process.getuid()}` : '');
