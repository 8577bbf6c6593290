import type { SharedFiles } from '../files/shared-files.ts';
import type { Service } from '../lifecycle.ts';
import type { Log } from '../model/log.ts';
import type { SharedArea } from '../model/principal.ts';
import { parseRepositoryPath } from '../repository/safe-path.ts';
import type { Blobs, Store } from '../store.ts';

export interface PrunerSettings {
  /** Finished jobs are kept this long, in milliseconds; undefined: for ever. */
  retentionMs?: number;
  /** Idempotency keys are kept this long, in milliseconds. */
  keysMs: number;
  /** Uploads are kept this long after they came in, in milliseconds. */
  uploadsMs: number;
  /** Between two rounds, in milliseconds. */
  everyMs: number;
}

/** Rows per transaction: the writer must never be held for long. */
const BATCH = 500;
/** Whoever waits for a job that is to be discarded does it at once; one that ended so long ago has nobody, in milliseconds. */
const DISCARD_MS = 10_000;
/** Files younger than this may belong to a request under way, in milliseconds. */
const YOUNG_MS = 3_600_000;

const uploadsFolder = parseRepositoryPath('uploads' satisfies SharedArea);

/** Deletes what nobody needs any more: old finished jobs, old idempotency keys, files that nothing refers to, old uploads. */
export function createPruner(parts: {
  store: Store;
  blobs: Blobs;
  sharedFiles: Pick<SharedFiles, 'sweep'>;
  settings: PrunerSettings;
  clock: () => number;
  log: Log;
}): Service {
  const { store, blobs, sharedFiles, settings, clock, log } = parts;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const round = async (): Promise<void> => {
    const before = settings.retentionMs === undefined ? 0 : clock() - settings.retentionMs;
    const keysBefore = clock() - settings.keysMs;
    let jobs = 0;
    for (;;) {
      const done = await store.pruneJobs({
        before,
        keysBefore,
        discard: { before: clock() - DISCARD_MS, at: clock() },
        max: BATCH,
      });
      jobs += done.jobs;
      if (stopped || (done.jobs < BATCH && done.keys < BATCH)) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const files = await blobs.sweep(clock() - YOUNG_MS, (hashes) => store.unreferenced(hashes));
    const uploads = await sharedFiles.sweep(uploadsFolder, clock() - settings.uploadsMs);
    if (jobs + files + uploads > 0) log.info({ jobs, files, uploads }, 'old jobs, uploads and unused files deleted');
  };

  const next = (ms: number) => {
    timer = setTimeout(async () => {
      await round().catch((error) => log.warn({ err: error }, 'pruning failed; trying again later'));
      if (!stopped) next(settings.everyMs);
    }, ms).unref();
  };

  return {
    name: 'pruner',
    start: () => next(Math.min(settings.everyMs, 60_000)),
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
