import { isMillraceError } from '../model/errors.ts';
import type { NewJob } from '../model/job.ts';
import { nextTime } from '../model/next-time.ts';
import type { Principal } from '../model/principal.ts';
import type { Schedule } from '../model/schedule.ts';
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

/** Label of a job: the id of the schedule it is of. */
const LABEL = 'schedule';

export function createFirings(parts: FiringParts): Firings {
  const { store, payloads, jobs, sealer, settings, clock } = parts;
  const maxFailures = settings.maxScheduleFailures;

  const jobOf = async (schedule: Schedule): Promise<NewJob> => {
    const { workflow, owner, retry, queue, dialect, id } = schedule;
    const input = sealer.open(await payloads.read(schedule.input)).value;
    return jobs.prepare(await parts.principalOf(owner), {
      workflow,
      input,
      dialect,
      labels: { [LABEL]: id },
      origin: { via: LABEL },
      ...(retry === undefined ? {} : { retry }),
      ...(queue === undefined ? {} : { queue }),
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
    settle: () => store.settleSchedules({ at: clock(), maxFailures }),
  };
}
