import type { Service } from '../lifecycle.ts';
import type { Log } from '../model/log.ts';
import type { Store } from '../store.ts';

/** Between two rounds, in milliseconds: the ends of so long are counted anew by every list of workflows. */
const EVERY_MS = 3_000;
/** What ended this recently, in milliseconds, waits for the next round: ends may come out of order. */
const YOUNG_MS = 1_000;
/** Pause between two slices, in milliseconds, in which others write. */
const PAUSE_MS = 20;

/** Takes runs that ended into the counts of their workflows, off the way of those that end. */
export function createRunSummer(parts: { store: Pick<Store, 'sumRuns'>; clock: () => number; log: Log }): Service {
  const { store, clock, log } = parts;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const next = (ms: number): void => {
    timer = setTimeout(async () => {
      let more = false;
      try {
        more = await store.sumRuns(clock() - YOUNG_MS);
      } catch (error) {
        log.warn({ err: error }, 'runs could not be counted; trying again');
      }
      if (!stopped) next(more ? PAUSE_MS : EVERY_MS);
    }, ms).unref();
  };

  return {
    name: 'run summer',
    start: () => next(EVERY_MS),
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
