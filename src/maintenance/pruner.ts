import type { SharedFiles } from '../files/shared-files.ts';
import type { Service } from '../lifecycle.ts';
import type { Log } from '../model/log.ts';
import type { SharedArea } from '../model/principal.ts';
import { parseRepositoryPath } from '../repository/safe-path.ts';
import type { Blobs, Store } from '../store.ts';

export interface PrunerSettings {
  /** Finished jobs are kept this long, in milliseconds; undefined: for ever. */
  retentionMs?: number;
  /** A job that is loaded may wait this long for its start, in milliseconds; undefined: for ever. */
  loadedMs?: number;
  /** Idempotency keys are kept this long, in milliseconds. */
  keysMs: number;
  /** Events are kept this long, in milliseconds; undefined: for ever. */
  eventsMs?: number;
  /** Tokens are kept this long after they ran out, in milliseconds. */
  tokensMs: number;
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
const DAY_MS = 86_400_000;

const uploadsFolder = parseRepositoryPath('uploads' satisfies SharedArea);

/**
 * Deletes what nobody needs any more: old finished jobs, old idempotency keys, old events, tokens that ran out, files that
 * nothing refers to, old uploads. Cancels loaded jobs that nobody started.
 */
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

  /** Calls `prune` until it finds less than a whole batch; answers the sum of what it counted. */
  const all = async (prune: () => Promise<{ deleted: number; more: boolean }>): Promise<number> => {
    for (let sum = 0; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
      const { deleted, more } = await prune();
      sum += deleted;
      if (stopped || !more) return sum;
    }
  };
  const batch = async (deleted: Promise<number>) => ({ deleted: await deleted, more: (await deleted) === BATCH });

  const neverStarted = () => {
    const { loadedMs } = settings;
    if (loadedMs === undefined) return {};
    const reason = `It was loaded, and not started within ${loadedMs / DAY_MS} days.`;
    return { loaded: { before: clock() - loadedMs, reason, at: clock() } };
  };

  const round = async (): Promise<void> => {
    const now = clock();
    const before = settings.retentionMs === undefined ? 0 : now - settings.retentionMs;
    const keysBefore = now - settings.keysMs;
    let cancelled = 0;
    const jobs = await all(async () => {
      const discard = { before: clock() - DISCARD_MS, at: clock() };
      const done = await store.pruneJobs({ before, keysBefore, discard, max: BATCH, ...neverStarted() });
      cancelled += done.cancelled;
      return { deleted: done.jobs, more: [done.jobs, done.keys, done.cancelled].includes(BATCH) };
    });
    const { eventsMs } = settings;
    const events =
      eventsMs === undefined ? 0 : await all(() => batch(store.pruneEvents({ before: now - eventsMs, max: BATCH })));
    const tokens = await all(() => batch(store.pruneTokens({ before: now - settings.tokensMs, max: BATCH })));
    const files = await blobs.sweep(clock() - YOUNG_MS, (hashes) => store.unreferenced(hashes));
    const uploads = await sharedFiles.sweep(uploadsFolder, clock() - settings.uploadsMs);
    if (cancelled > 0) log.info({ jobs: cancelled }, 'loaded jobs that nobody started were cancelled');
    if (jobs + events + tokens + files + uploads > 0) {
      log.info({ jobs, events, tokens, files, uploads }, 'what is old and no longer used was deleted');
    }
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
