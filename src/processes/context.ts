import type { Helpers } from './command.ts';
import type { ProcessLimits, ProcessLog } from './options.ts';
import type { Watch } from './watch.ts';

/** What every kind of run needs of the pool. */
export interface Context {
  /** The real path of this server's own folder, below the work folder. */
  folder: string;
  /** Real paths of the folders JavaScript may read and write besides its own. */
  openFolders: readonly string[];
  helpers: Helpers;
  /** The limits now: the grace time shrinks when the server stops. */
  limits(): ProcessLimits;
  /** Bytes of each stream kept when the request does not say. */
  keepBytes: number;
  watch: Watch;
  /** The server's variables, from which children are given an allow list. */
  environment: Readonly<Record<string, string | undefined>>;
  /** RLIMIT_NPROC for children, see `accountProcesses`. */
  accountProcesses: number | undefined;
  log: ProcessLog;
  /** Removes a folder; if that fails it is logged, and the next start of the server tries again. */
  remove(folder: string): Promise<void>;
  /** A new value for the marker variable. */
  nextMarker(): string;
}
