import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fail } from '../model/errors.ts';
import type { Blobs, Store } from '../store.ts';
import { openSqlite } from './sqlite/index.ts';
import type { SqliteOptions } from './sqlite/options.ts';

export type StoreOptions = SqliteOptions;

/** Opens the store a place names: a data folder, as a path or a `file:` URL, is SQLite. */
export async function openStore(place: string, options: StoreOptions = {}): Promise<{ store: Store; blobs: Blobs }> {
  if (place.startsWith('file:')) return openSqlite(fileURLToPath(place), options);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(place)?.[1];
  if (scheme === undefined) return openSqlite(resolve(place), options);
  throw fail('startup', `There is no store for ${scheme}: URLs; name a data folder (MILLRACE_DATA).`);
}
