import type { Service } from '../lifecycle.ts';
import type { Log } from '../model/log.ts';
import type { Store } from '../store.ts';

/** No timer sleeps longer, so that a change of the wall clock is noticed. In milliseconds. */
const LONGEST_SLEEP = 5_000;

/** Lets time pass for what waits in the store: timers answer, delayed jobs become due, limits end. Exact to the timer. */
export function createTimekeeper(parts: { store: Store; clock: () => number; log: Log }): Service {
  const { store, clock, log } = parts;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let asking = false;
  let again = false;
  let unwatch = () => {};

  const look = async (): Promise<void> => {
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    try {
      do {
        again = false;
        const due = await store.nextDue();
        if (stopped) return;
        const rest = (due ?? Number.POSITIVE_INFINITY) - clock();
        if (rest <= 0) {
          await store.passTime(clock());
          again = true;
        } else {
          clearTimeout(timer);
          timer = setTimeout(look, Math.min(rest, LONGEST_SLEEP));
        }
      } while (again && !stopped);
    } catch (error) {
      log.warn({ err: error }, 'due timers could not be answered; trying again');
      timer = setTimeout(look, 500);
    } finally {
      asking = false;
    }
  };

  return {
    name: 'timekeeper',
    start() {
      unwatch = store.watch((changes) => {
        if (changes.some((change) => change.kind === 'job' && change.dueAt !== undefined)) void look();
      });
      void look();
    },
    stop() {
      stopped = true;
      unwatch();
      clearTimeout(timer);
    },
  };
}
