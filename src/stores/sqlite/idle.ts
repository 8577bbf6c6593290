import { CHECKPOINT_PAGES, type Connection } from './connection.ts';

/** Work on the file while nobody asks for anything, in slices of a few milliseconds. */
export interface Idle {
  /** Calls have come: leave the database alone. */
  busy(): void;
  /**
   * All calls are answered, for a moment at least: a write-ahead log that has grown long is folded into the database now
   * instead of in a commit, where all whose writes are part of it would wait for it, too.
   */
  answered(): void;
}

/** Commits between two looks at the size of the log: SQLite compiles the question anew each time, 10 us. */
const LOOK_EVERY = 16;
const REST_MS = 1_000;
const SLICE_MS = 50;
/** Pages that stay free for the next rows instead of going back to the disk: 8 MiB. */
const KEEP_FREE = 2_000;
const SLICE_PAGES = 250;
const OPTIMIZE_EVERY_MS = 3_600_000;

export function createIdle(db: Connection): Idle {
  let timer: NodeJS.Timeout | undefined;
  let busyAt = 0;
  let folded = true;
  let commits = 0;
  let optimizedAt = performance.now();
  // Looks only.
  const logSize = db.prepare<[], { log: number; checkpointed: number }>('PRAGMA wal_checkpoint(NOOP)');

  const later = (ms: number): void => {
    timer = setTimeout(work, ms).unref();
  };

  function work(): void {
    timer = undefined;
    const rested = performance.now() - busyAt;
    if (rested < REST_MS) {
      later(REST_MS - rested);
      return;
    }
    try {
      if (!folded) {
        // Now, when nobody waits for it, instead of in somebody's commit.
        db.pragma('wal_checkpoint(PASSIVE)');
        folded = true;
      }
      if ((db.pragma('freelist_count', { simple: true }) as number) > KEEP_FREE) {
        db.pragma(`incremental_vacuum(${SLICE_PAGES})`);
        folded = false;
        later(SLICE_MS);
      } else if (performance.now() - optimizedAt > OPTIMIZE_EVERY_MS) {
        db.pragma('analysis_limit = 400');
        db.pragma('optimize');
        optimizedAt = performance.now();
      }
    } catch {
      // A full or failing disk: the next write reports it.
    }
  }

  return {
    busy() {
      busyAt = performance.now();
      folded = false;
      if (!timer) later(REST_MS);
    },
    answered() {
      if (++commits % LOOK_EVERY !== 0) return;
      try {
        const { log, checkpointed } = logSize.get()!;
        if (log - checkpointed >= CHECKPOINT_PAGES) db.pragma('wal_checkpoint(PASSIVE)');
      } catch {
        // As above.
      }
    },
  };
}
