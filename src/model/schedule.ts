import type { JobLimits, Publication, RetryPolicy } from './job.ts';
import type { JsonObject } from './json.ts';
import type { Payload } from './payload.ts';

export const repeatUnits = ['seconds', 'minutes', 'hours', 'days'] as const;
export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export const months = [
  ...(['january', 'february', 'march', 'april', 'may', 'june'] as const),
  ...(['july', 'august', 'september', 'october', 'november', 'december'] as const),
] as const;
/** As a day of the month: the last one, whichever it is. */
export const LAST_DAY = 32;

/** Label of a job that a schedule has started: the schedule's id. */
export const SCHEDULE_LABEL = 'schedule';

/** When a schedule is due. */
export interface Timing {
  /** IANA name, or an offset such as `+02:00`: where days begin, and whose clock the filter reads. */
  zone: string;
  /** The first time, in milliseconds since 1970. */
  startAt: number;
  /**
   * With neither this nor `cron`: once. Seconds, minutes and hours are counted; a number of days later is the same time
   * on the wall clock.
   */
  every?: { count: number; unit: (typeof repeatUnits)[number] };
  /** Instead of `every` and `filter`: an expression that `readCron` knows, on the clock of the zone, from `startAt` on. */
  cron?: string;
  filter?: ScheduleFilter;
  /** Nothing is due later, in milliseconds since 1970; absent: it goes on. */
  endAt?: number;
}

/** Times that are left, of those the repetition gives; an absent member lets all pass. */
export interface ScheduleFilter {
  /** Seconds since midnight on the wall clock, both within: 25200 to 25259 is the minute from 07:00. */
  times?: { from: number; to: number }[];
  daysOfWeek?: (typeof weekdays)[number][];
  months?: (typeof months)[number][];
  /** 1 to 31, and `LAST_DAY`. */
  daysOfMonth?: number[];
}

/** What its owner says of a schedule. */
export interface SchedulePlan {
  /** For people. */
  name?: string;
  /** Group of schedules it is shown in. */
  category?: string;
  /** For people; also of its jobs. */
  description?: string;
  /** Repository path. */
  workflow: string;
  enabled: boolean;
  timing: Timing;
  /** True: no job while the one before has not ended. */
  skipIfRunning: boolean;
  /** Of its jobs. */
  retry?: RetryPolicy;
  queue?: string;
  /** Beside those of the workflow. */
  limits?: JobLimits;
  publish?: Publication;
  /** Which of its jobs are discarded once they have ended. */
  discard: { onSuccess: boolean; onFailure: boolean };
  /** The API it came through, and its jobs are said to come through. */
  dialect: string;
  /** What a client wrote beside it; kept, without meaning to the engine. */
  notes?: JsonObject;
}

/** Submits jobs by the clock. Times are milliseconds since 1970. */
export interface Schedule extends SchedulePlan {
  /** UUID. */
  id: string;
  /** In whose name its jobs run. */
  owner: string;
  /** With its secrets sealed. */
  input: Payload;
  createdAt: number;
  updatedAt: number;
  /** When it is due next; absent: never again. A disabled one keeps it. */
  nextAt?: number;
  /** Failures in a row. */
  failures: number;
  lastRunAt?: number;
  /** Id of its last job, which may be gone. */
  lastJob?: number;
}
