import type { Change } from '../../model/change.ts';
import { fail } from '../../model/errors.ts';
import type { JobState } from '../../model/job.ts';
import type { Inserted, Store } from '../../store.ts';
import { insertedOf, type Made } from '../inserted.ts';
import { createBase } from './base.ts';
import { type Channel, copyDatabase, openChannel } from './channel.ts';
import { openReader } from './connection.ts';
import { asMillraceError } from './failures.ts';
import { createIdCell, sharedIds } from './ids.ts';
import type { SqliteOptions } from './options.ts';
import { packEnded, packExecution, packFinish, packJob } from './packed.ts';
import { createLookups, type LookupVerb, type ReadVerb, type WriteVerb } from './verbs.ts';
import type { ThreadOptions } from './wire.ts';

const QUICK_CHECK_BYTES = { none: 0, quick: 64 * 1024 * 1024, full: Number.MAX_SAFE_INTEGER };
/** Intake is refused beyond this many unanswered writes; what finishes a job never is. */
const MAX_PENDING = 20_000;
/** A commit this recent, in milliseconds, proves that writing works. */
const CHECKED_FOR = 1_000;

const writeVerbs = {
  insertJob: true,
  insertEnded: true,
  recordExecution: true,
  startJob: true,
  changeLoadedJob: true,
  discardJob: true,
  cancelJob: true,
  claimJobs: true,
  renewLeases: true,
  rescueJobs: true,
  checkpoint: true,
  finishRun: true,
  wakeJob: true,
  passTime: true,
  appendLog: true,
  addFiles: true,
  saveVersion: true,
  setCurrentVersion: true,
  saveNote: true,
  deleteNote: true,
  saveSchedule: true,
  deleteSchedule: true,
  fireSchedule: true,
  settleSchedules: true,
  moveNote: true,
  saveQueue: true,
  deleteQueue: true,
  saveUser: true,
  deleteUser: true,
  insertToken: true,
  updateToken: true,
  deleteToken: true,
  pruneTokens: true,
  saveGroup: true,
  deleteGroup: true,
  savePermission: true,
  appendAudit: true,
  pruneJobs: true,
  pruneEvents: true,
  sumRuns: true,
  check: true,
} satisfies Record<WriteVerb, true>;

const readVerbs = {
  listJobs: true,
  pageJobs: true,
  listSteps: true,
  listRuns: true,
  readLog: true,
  listFiles: true,
  explainJob: true,
  countQueues: true,
  listAudit: true,
  listEvents: true,
  listNotes: true,
  countRuns: true,
  unreferenced: true,
} satisfies Record<ReadVerb, true>;

type Remote = Pick<Store, WriteVerb | ReadVerb>;

/** The store over its two threads (one writes, one reads) and a read connection of the caller's own thread. */
export async function createStore(file: string, options: SqliteOptions): Promise<Store> {
  const listeners = new Set<(changes: Change[]) => void>();
  const { onFatal = () => {}, threads = true } = options;
  const onChanges = (changes: Change[]): void => {
    for (const listener of listeners) {
      try {
        listener(changes);
      } catch (error) {
        options.onWatcherError?.(error);
      }
    }
  };
  const idCell = createIdCell();
  const ids = sharedIds(idCell);
  const writerOptions: ThreadOptions = {
    role: 'writer',
    file,
    idCell,
    maxLogBytes: options.maxLogBytes ?? 16 * 1024 * 1024,
    quickCheckBytes: QUICK_CHECK_BYTES[options.check ?? 'quick'],
    ...(options.maxPages === undefined ? {} : { maxPages: options.maxPages }),
  };
  const writing = await openChannel(writerOptions, { onChanges, onFatal, threads });
  const writer = writing.channel;
  // A thread costs some 10 MiB: the reading one is started by the first call that needs it.
  let reading: Promise<Channel> | undefined;
  const reader = (): Promise<Channel> => {
    reading ??= openChannel({ role: 'reader', file }, { onFatal, threads }).then(({ channel }) => channel);
    return reading;
  };
  if (writing.started.copy !== undefined) options.onMigrated?.(writing.started.copy);

  let closing = false;
  const local = openReader(file, 8);
  const base = createBase(local);
  const remote: Record<string, unknown> = {};
  for (const verb of Object.keys(writeVerbs)) remote[verb] = (...args: unknown[]) => writer.call(verb, args);
  for (const verb of Object.keys(readVerbs)) {
    remote[verb] = async (...args: unknown[]) => {
      if (closing) throw fail('store-unavailable', 'The store is closed.');
      return (await reader()).call(verb, args);
    };
  }
  const verbs = remote as unknown as Remote;

  /** A write that is refused while too many are unanswered. Without a promise of its own: there is one for every job. */
  const take = (verb: WriteVerb, args: unknown[]): Promise<unknown> => {
    if (writer.pending() < MAX_PENDING) return writer.call(verb, args);
    const detail = 'More is submitted than the disk can keep.';
    return Promise.reject(fail('overloaded', { detail, headers: { 'Retry-After': '1' } }));
  };

  return {
    ...verbs,
    ...asyncVerbs(createLookups(base), () => local.open),
    async insertJob(job, how) {
      const answer = (await take('insertJob', [packJob(job), how])) as Inserted | Made;
      return 'id' in answer ? insertedOf(job, how ?? {}, answer, base.uuids.of(answer.id)) : answer;
    },
    finishRun: (...end) => writer.call('finishRun', packFinish(...end)) as Promise<JobState | undefined>,
    newJobId: ids.next,
    jobUuid: base.uuids.of,
    insertEnded: (...ended) => take('insertEnded', packEnded(...ended)) as Promise<void>,
    recordExecution: (...execution) => take('recordExecution', packExecution(...execution)) as Promise<void>,
    async check() {
      if (performance.now() - writer.answeredAt() > CHECKED_FOR) await verbs.check();
    },
    async backup(target) {
      await copyDatabase(file, target);
    },
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      closing = true;
      await Promise.all([reading?.then((channel) => channel.close()), flushed()]);
      if (local.open) local.close();
      // Last, so that it folds the write-ahead log into the database.
      await writer.close();
    },
  };

  async function flushed(): Promise<void> {
    while (writer.pending() > 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Verbs of this thread's connection behind promises, with errors as the store's callers know them. */
function asyncVerbs(
  verbs: Record<string, (...args: never[]) => unknown>,
  isOpen: () => boolean,
): Pick<Store, LookupVerb> {
  const entries = Object.entries(verbs).map(([name, verb]) => [
    name,
    async (...args: never[]) => {
      if (!isOpen()) throw fail('store-unavailable', 'The store is closed.');
      try {
        return verb(...args);
      } catch (error) {
        throw asMillraceError(error);
      }
    },
  ]);
  return Object.fromEntries(entries) as Pick<Store, LookupVerb>;
}
