import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../../model/errors.ts';
import type { Blobs, Store } from '../../store.ts';
import { createBlobs } from '../blobs.ts';
import { createStore } from './client.ts';
import { lockFolder } from './lock.ts';
import type { SqliteOptions } from './options.ts';

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
