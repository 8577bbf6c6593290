import type { Store } from '../../store.ts';
import { auditReads, auditWrites } from './audit.ts';
import type { Base, Sync } from './base.ts';
import { claimWrites } from './claims.ts';
import { createDiscards, discardWrites } from './discards.ts';
import { endedWrites } from './ended.ts';
import { createEvents, eventReads, eventWrites } from './events.ts';
import { explainReads } from './explain.ts';
import { createFiles, fileReads, fileWrites } from './files.ts';
import { groupReads, groupWrites } from './groups.ts';
import { createIds } from './ids.ts';
import { jobReads, jobWrites } from './jobs.ts';
import { createJournal, journalReads } from './journal.ts';
import { createKeys } from './keys.ts';
import { listReads } from './lists.ts';
import { loadedWrites } from './loaded.ts';
import { createLogs, logCounts, logReads, logWrites } from './logs.ts';
import { createMoves } from './moves.ts';
import { noteReads, noteWrites } from './notes.ts';
import { pageReads } from './pages.ts';
import { permissionReads, permissionWrites } from './permissions.ts';
import { createQueues, queueCounts, queueReads, queueWrites } from './queues.ts';
import { createRuns, runReads, runWrites } from './runs.ts';
import { scheduleReads, scheduleWrites } from './schedules.ts';
import { seriesReads } from './series.ts';
import { tokenReads, tokenWrites } from './tokens.ts';
import { upkeepReads, upkeepWrites } from './upkeep.ts';
import { userReads, userWrites } from './users.ts';
import { versionReads, versionWrites } from './versions.ts';
import { createPromote, waitReads, waitWrites } from './waits.ts';
import { createRunSums, runCounts, sumWrites } from './workflow-runs.ts';

/** What the verbs need to know beside the database. */
export interface VerbOptions {
  maxLogBytes: number;
  /** See `createIdCell`. */
  idCell: SharedArrayBuffer;
}

/** Everything that writes; runs on the one thread that holds the one writing connection. */
export function createWrites(base: Base, options: VerbOptions) {
  const ids = createIds(base, options.idCell);
  const keys = createKeys(base);
  const files = createFiles(base);
  const journal = createJournal(base);
  const logs = createLogs(base, options.maxLogBytes);
  const queues = createQueues(base);
  const sums = createRunSums(base);
  const moves = createMoves(base, journal, sums, createEvents(base));
  const runs = createRuns(base, moves);
  const promote = createPromote(base);
  const discards = createDiscards(base, ids);
  const jobs = jobWrites(base, { ids, keys, files, journal, moves, queues });
  return {
    ...jobs,
    ...endedWrites(base, { files, logs, sums }),
    ...loadedWrites(base, { keys, files }),
    ...discardWrites(base, discards),
    ...claimWrites(base, { queues, journal, runs, promote }),
    ...runWrites(base, { runs, moves, journal, files, logs }),
    ...waitWrites(base, { moves, promote }),
    ...logWrites(base, logs),
    ...fileWrites(base, files),
    ...versionWrites(base),
    ...noteWrites(base),
    ...sumWrites(sums),
    ...scheduleWrites(base, { insertJob: jobs.insertJob, discards }),
    ...eventWrites(base),
    ...queueWrites(base),
    ...userWrites(base),
    ...tokenWrites(base),
    ...groupWrites(base),
    ...permissionWrites(base),
    ...auditWrites(base),
    ...upkeepWrites(base, { ids, keys, sums, discards, moves }),
  } satisfies Omit<Partial<Sync<Store>>, 'insertJob' | 'insertEnded' | 'recordExecution'> &
    Pick<ReturnType<typeof jobWrites>, 'insertJob'> &
    ReturnType<typeof endedWrites>;
}

/** Look-ups by key and small tables: a few microseconds each, so the caller's thread does them itself. */
export const createLookups = (base: Base) =>
  ({
    ...jobReads(base),
    ...seriesReads(base),
    ...scheduleReads(base),
    ...waitReads(base),
    ...versionReads(base),
    ...logCounts(base),
    ...queueReads(base),
    ...userReads(base),
    ...tokenReads(base),
    ...groupReads(base),
    ...permissionReads(base),
  }) satisfies Partial<Sync<Store>>;

/** Reads that may take long; they run on a thread of their own and never hold up a write. */
export const createReads = (base: Base) =>
  ({
    ...listReads(base),
    ...pageReads(base),
    ...journalReads(base),
    ...runReads(base),
    ...logReads(base),
    ...fileReads(base),
    ...explainReads(base, createQueues(base)),
    ...queueCounts(base),
    ...auditReads(base),
    ...eventReads(base),
    ...noteReads(base),
    ...runCounts(base),
    ...upkeepReads(base),
  }) satisfies Partial<Sync<Store>>;

export type WriteVerb = keyof ReturnType<typeof createWrites>;
export type LookupVerb = keyof ReturnType<typeof createLookups>;
export type ReadVerb = keyof ReturnType<typeof createReads>;
