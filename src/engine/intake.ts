import { statfs } from 'node:fs/promises';
import type { Service } from '../lifecycle.ts';
import { fail } from '../model/errors.ts';
import type { Log } from '../model/log.ts';
import type { Store } from '../store.ts';

export interface IntakeSettings {
  dataFolder: string;
  /** Free bytes below which nothing is accepted. */
  minFreeBytes: number;
  /** Queued jobs above which nothing is accepted. */
  maxQueued: number;
}

/** Says no while the disk is nearly full, too much is queued, or the server stops: before anything is written. */
export interface Intake extends Service {
  /** Throws `disk-full`, `overloaded` or `draining`. */
  check(): void;
  /** Throws `disk-full` alone: for files of jobs that are there already, and what comes in bit by bit. */
  checkRoom(): void;
  /** The same bytes, as long as there is room for them: throws `disk-full` on the way. */
  whileThereIsRoom(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  reasons(): string[];
}

const EVERY_MS = 2_000;

export function createIntake(parts: {
  store: Store;
  settings: IntakeSettings;
  draining: () => boolean;
  clock: () => number;
  log: Log;
}): Intake {
  const { store, settings, draining, clock, log } = parts;
  let timer: NodeJS.Timeout | undefined;
  let freeBytes = Number.POSITIVE_INFINITY;
  let queued = 0;
  let storeTrouble: string | undefined;
  /** Counting is for when jobs come or begin; an idle server does not count. */
  let changed = false;
  let unwatch = () => {};
  let stopped = false;

  const look = async (): Promise<void> => {
    try {
      const { bavail, bsize } = await statfs(settings.dataFolder);
      freeBytes = bavail * bsize;
      if (changed) {
        changed = false;
        queued = (await store.countQueues(clock())).reduce((sum, { ready, delayed }) => sum + ready + delayed, 0);
      }
      await store.check();
      if (storeTrouble) log.info({}, 'the store writes again; jobs are accepted');
      storeTrouble = undefined;
    } catch (error) {
      const trouble = error instanceof Error ? error.message : String(error);
      if (!storeTrouble) log.error({ err: error }, 'the store cannot write; no jobs are accepted');
      storeTrouble = trouble;
    }
    if (!stopped) timer = setTimeout(look, EVERY_MS).unref();
  };

  const mebibytes = (bytes: number): number => Math.floor(bytes / 2 ** 20);

  const checkRoom = (): void => {
    if (freeBytes >= settings.minFreeBytes) return;
    throw fail('disk-full', {
      detail: `Not accepted: the data folder has ${mebibytes(freeBytes)} MiB left and needs ${mebibytes(settings.minFreeBytes)}. Free space, or lower the setting minFreeMiB (MILLRACE_MIN_FREE_MIB).`,
      headers: { 'retry-after': '30' },
    });
  };

  return {
    name: 'intake',
    async start() {
      unwatch = store.watch((changes) => {
        changed ||= changes.some((change) => change.kind === 'job' && !change.final);
      });
      await look();
    },
    stop() {
      unwatch();
      stopped = true;
      clearTimeout(timer);
    },
    check() {
      if (draining())
        throw fail('draining', {
          detail: 'The server is stopping and takes no new jobs.',
          headers: { 'retry-after': '5' },
        });
      checkRoom();
      if (queued >= settings.maxQueued) {
        throw fail('overloaded', {
          detail: `Not accepted: ${queued} jobs are queued, and the setting maxQueued (MILLRACE_MAX_QUEUED) allows ${settings.maxQueued}.`,
          headers: { 'retry-after': '10' },
        });
      }
    },
    checkRoom,
    async *whileThereIsRoom(source) {
      for await (const chunk of source) {
        checkRoom();
        yield chunk;
      }
    },
    reasons() {
      const reasons: string[] = [];
      if (draining()) reasons.push('The server is stopping.');
      if (freeBytes < settings.minFreeBytes) reasons.push(`The data folder has ${mebibytes(freeBytes)} MiB left.`);
      if (storeTrouble) reasons.push(storeTrouble);
      return reasons;
    },
  };
}
