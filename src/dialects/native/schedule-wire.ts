import type { z } from 'zod';
import { toIso, toMs } from '../../http/query.ts';
import type { Json } from '../../model/json.ts';
import type { Schedule, ScheduleFilter, SchedulePlan, Timing } from '../../model/schedule.ts';
import { readTimeOfDay, timeOfDay } from '../../model/time-of-day.ts';
import { limitsWire, readLimits, readPublication, readRetry, retryWire } from './job-wire.ts';
import type { ScheduleSettings } from './schedule-schemas.ts';

/** What stands for a secret. */
export const HIDDEN = '********';

type Settings = z.output<typeof ScheduleSettings>;

/** A schedule as this API shows it, `input` with its secrets hidden. */
export function scheduleWire(schedule: Schedule, input: Json, base: string) {
  const { id, timing, retry, nextAt, lastRunAt, lastJob } = schedule;
  return {
    id,
    name: schedule.name,
    category: schedule.category,
    description: schedule.description,
    workflow: schedule.workflow,
    input,
    enabled: schedule.enabled,
    startAt: toIso(timing.startAt),
    endAt: timing.endAt === undefined ? undefined : toIso(timing.endAt),
    timeZone: timing.zone,
    every: timing.every,
    cron: timing.cron,
    filter: timing.filter && filterWire(timing.filter),
    skipIfRunning: schedule.skipIfRunning,
    queue: schedule.queue,
    retry: retry && retryWire(retry),
    limits: schedule.limits && limitsWire(schedule.limits),
    publish: schedule.publish,
    discard: schedule.discard,
    owner: schedule.owner,
    failures: schedule.failures,
    nextAt: nextAt === undefined ? undefined : toIso(nextAt),
    lastRunAt: lastRunAt === undefined ? undefined : toIso(lastRunAt),
    lastJob,
    createdAt: toIso(schedule.createdAt),
    updatedAt: toIso(schedule.updatedAt),
    links: { self: `${base}/schedules/${id}`, jobs: `${base}/jobs?label=${encodeURIComponent(`schedule=${id}`)}` },
  };
}

const filterWire = ({ times, daysOfWeek, months, daysOfMonth }: ScheduleFilter) => ({
  times: times?.map(({ from, to }) => ({ from: timeOfDay(from), to: timeOfDay(to) })),
  daysOfWeek,
  months,
  daysOfMonth,
});

/** What the engine keeps, from a validated body. `now`: the start where it names none. */
export function readPlan(body: Settings, now: number): SchedulePlan {
  const { name, category, description, workflow, enabled = true, skipIfRunning = false } = body;
  const { queue, retry, limits, publish, discard } = body;
  return {
    ...(name === undefined ? {} : { name }),
    ...(category === undefined ? {} : { category }),
    ...(description === undefined ? {} : { description }),
    workflow,
    enabled,
    timing: readTiming(body, now),
    skipIfRunning,
    ...(retry === undefined ? {} : { retry: readRetry(retry) }),
    ...(queue === undefined ? {} : { queue }),
    ...(limits === undefined ? {} : { limits: readLimits(limits) }),
    ...(publish === undefined ? {} : { publish: readPublication(publish) }),
    discard: { onSuccess: discard?.onSuccess ?? false, onFailure: discard?.onFailure ?? false },
    dialect: 'native',
  };
}

function readTiming({ startAt, endAt, timeZone = 'UTC', every, cron, filter }: Settings, now: number): Timing {
  return {
    zone: timeZone,
    startAt: startAt === undefined ? now : toMs(startAt),
    ...(endAt === undefined ? {} : { endAt: toMs(endAt) }),
    ...(cron === undefined ? {} : { cron }),
    ...(every === undefined ? {} : { every }),
    ...(filter === undefined ? {} : { filter: readFilter(filter) }),
  };
}

const readFilter = ({ times, daysOfWeek, months, daysOfMonth }: NonNullable<Settings['filter']>): ScheduleFilter => ({
  ...(times === undefined
    ? {}
    : { times: times.map(({ from, to }) => ({ from: readTimeOfDay(from) ?? 0, to: readTimeOfDay(to) ?? 0 })) }),
  ...(daysOfWeek === undefined ? {} : { daysOfWeek }),
  ...(months === undefined ? {} : { months }),
  ...(daysOfMonth === undefined ? {} : { daysOfMonth }),
});
