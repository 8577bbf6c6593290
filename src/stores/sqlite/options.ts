import type { MillraceError } from '../../model/errors.ts';

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
