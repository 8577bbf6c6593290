import type { Schedules } from '../engine/schedules.ts';
import type { Service } from '../lifecycle.ts';
import type { Log } from '../model/log.ts';
import type { Schedule } from '../model/schedule.ts';
import type { Settled, Store } from '../store.ts';

/** No timer sleeps longer, so that a change of the wall clock is noticed. In milliseconds. */
const LONGEST_SLEEP = 5_000;
/** What the server's own trouble kept from being fired is tried again so much later, in milliseconds. */
const AGAIN_MS = 1_000;
/** Schedules read at a time. */
const SLICE = 100;

/** Fires schedules when they are due, exact to the timer, and counts how their jobs end. */
export function createScheduler(parts: {
  store: Pick<Store, 'dueSchedules' | 'nextSchedule' | 'watch'>;
  schedules: Pick<Schedules, 'fire' | 'settle' | 'watch'>;
  clock: () => number;
  log: Log;
}): Service {
  const { store, schedules, clock, log } = parts;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let looking = false;
  let again = false;
  /** True: a job may have been started by hand. */
  let recount = false;
  /** Jobs of schedules that have not ended. */
  let open = new Set<number>();
  const unwatch: (() => void)[] = [];

  const settle = async (): Promise<void> => {
    const done = await schedules.settle();
    open = new Set(done.open);
    for (const one of done.settled) tellEnd(one);
  };

  const tellEnd = ({ schedule, job, state, failures, disabled }: Settled): void => {
    if (state === 'failed') log.warn({ schedule, job, failures }, 'a job of a schedule failed');
    if (disabled) tellDisabled(schedule, failures);
  };

  const tellDisabled = (schedule: string, failures: number): void =>
    log.warn({ schedule, failures }, 'the schedule is disabled after so many failures in a row (maxScheduleFailures)');

  const fire = async (schedule: Schedule): Promise<void> => {
    const { id, workflow, nextAt } = schedule;
    const about = { schedule: id, workflow, dueAt: new Date(nextAt ?? 0).toISOString() };
    const { reason, ...fired } = await schedules.fire(schedule);
    if (fired.outcome === 'fired') {
      open.add(fired.job);
      log.debug({ ...about, job: fired.job }, 'the schedule has started a job');
    } else if (fired.outcome === 'skipped') {
      log.info(about, 'the schedule is skipped this time: its last job has not ended');
    } else if (fired.outcome === 'failed') {
      log.warn({ ...about, failures: fired.failures, reason }, 'the schedule cannot start a job');
      if (fired.disabled) tellDisabled(id, fired.failures);
    }
  };

  /** Fires what is due; true when there may be more. What fails by the server's own trouble does not keep up the others. */
  const fireDue = async (): Promise<boolean> => {
    const due = await store.dueSchedules(clock(), SLICE);
    let trouble: unknown;
    for (const schedule of due) {
      if (stopped) return false;
      await fire(schedule).catch((error) => {
        trouble ??= error;
      });
    }
    if (trouble !== undefined) throw trouble;
    return due.length > 0;
  };

  const look = async (): Promise<void> => {
    if (stopped) return;
    if (looking) {
      again = true;
      return;
    }
    looking = true;
    clearTimeout(timer);
    try {
      do {
        again = false;
        if (open.size > 0 || recount) {
          recount = false;
          await settle();
        }
        if (await fireDue()) again = true;
      } while (again && !stopped);
      const next = await store.nextSchedule();
      if (stopped) return;
      if (again) sleep(0);
      else if (next !== undefined) sleep(Math.min(Math.max(0, next - clock()), LONGEST_SLEEP));
    } catch (error) {
      if (stopped) return;
      recount = true;
      log.warn({ err: error }, 'due schedules could not be started; trying again');
      sleep(AGAIN_MS);
    } finally {
      looking = false;
    }
  };

  const sleep = (ms: number): void => {
    timer = setTimeout(look, ms);
  };

  return {
    name: 'scheduler',
    async start() {
      unwatch.push(
        schedules.watch(() => {
          recount = true;
          void look();
        }),
        store.watch((changes) => {
          if (open.size === 0) return;
          if (changes.some((change) => change.kind === 'job' && change.final && open.has(change.job))) void look();
        }),
      );
      await settle();
      void look();
    },
    stop() {
      stopped = true;
      for (const end of unwatch) end();
      clearTimeout(timer);
    },
  };
}
