import { isMillraceError } from '../model/errors.ts';
import type { NewJob } from '../model/job.ts';
import { nextTime } from '../model/next-time.ts';
import type { Principal } from '../model/principal.ts';
import { SCHEDULE_LABEL as LABEL, type Schedule } from '../model/schedule.ts';
import type { Sealer } from '../model/sealed.ts';
import type { Fired, Firing, Settled, Store } from '../store.ts';
import type { Jobs } from './jobs.ts';
import type { Payloads } from './payloads.ts';

export interface ScheduleSettings {
  /** Failures in a row that disable a schedule; -1: none do. */
  maxScheduleFailures: number;
}

/** What the clock does with schedules. */
export interface Firings {
  /**
   * Submits the job of a due schedule, checked as it is at that moment: rights of its owner, workflow, input. What does
   * not fit is a failure of the schedule, told as `reason`. Throws what is the server's own trouble (`draining`,
   * `disk-full`, `overloaded`, `store-unavailable`); then it is still due. Times that were missed count as one.
   */
  fire(schedule: Schedule): Promise<Fired & { reason?: string }>;
  /**
   * Submits its job now, whatever is due and whether an earlier one has ended, and answers the job's id; undefined where
   * the schedule was changed since it was read. Throws what a submit throws, which is no failure of the schedule.
   */
  fireNow(schedule: Schedule): Promise<number | undefined>;
  /** Counts the ends of their jobs since the last call. */
  settle(): Promise<{ settled: Settled[]; open: number[] }>;
}

export interface FiringParts {
  store: Pick<Store, 'fireSchedule' | 'settleSchedules'>;
  payloads: Payloads;
  jobs: Pick<Jobs, 'prepare'>;
  sealer: Pick<Sealer, 'open'>;
  /** The rights a schedule's owner has now. */
  principalOf(user: string): Promise<Principal>;
  settings: ScheduleSettings;
  clock: () => number;
}

/** Of the server, not of the schedule: they pass. */
const passing: ReadonlySet<string> = new Set(['draining', 'disk-full', 'overloaded', 'store-unavailable']);

export function createFirings(parts: FiringParts): Firings {
  const { store, payloads, jobs, sealer, settings, clock } = parts;
  const maxFailures = settings.maxScheduleFailures;

  const jobOf = async (schedule: Schedule): Promise<NewJob> => {
    const { workflow, owner, retry, queue, limits, publish, dialect, id, description } = schedule;
    const input = sealer.open(await payloads.read(schedule.input)).value;
    return jobs.prepare(await parts.principalOf(owner), {
      workflow,
      input,
      dialect,
      labels: { [LABEL]: id },
      origin: { via: LABEL, ...(description === undefined ? {} : { description }) },
      ...(retry === undefined ? {} : { retry }),
      ...(queue === undefined ? {} : { queue }),
      ...(limits === undefined ? {} : { limits }),
      ...(publish === undefined ? {} : { publish }),
    });
  };

  return {
    async fire(schedule) {
      const { id, updatedAt, skipIfRunning, timing } = schedule;
      const at = clock();
      const dueAt = schedule.nextAt ?? at;
      const nextAt = nextTime(timing, Math.max(at, dueAt));
      const firing: Firing = { id, dueAt, updatedAt, skipIfRunning, maxFailures, at };
      if (nextAt !== undefined) firing.nextAt = nextAt;
      let reason: string | undefined;
      try {
        firing.job = await jobOf(schedule);
      } catch (error) {
        if (isMillraceError(error) && passing.has(error.code)) throw error;
        reason = error instanceof Error ? error.message : String(error);
      }
      const fired = await store.fireSchedule(firing);
      return reason === undefined ? fired : { ...fired, reason };
    },
    async fireNow(schedule) {
      const { id, updatedAt } = schedule;
      const job = await jobOf(schedule);
      const fired = await store.fireSchedule({ id, updatedAt, skipIfRunning: false, maxFailures, at: clock(), job });
      return fired.outcome === 'fired' ? fired.job : undefined;
    },
    settle: () => store.settleSchedules({ at: clock(), maxFailures }),
  };
}
