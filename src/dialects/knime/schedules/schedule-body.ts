import * as z from 'zod';
import { parseWith } from '../../../http/validation.ts';
import { fail } from '../../../model/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../model/json.ts';
import {
  LAST_DAY,
  months,
  type Schedule,
  type ScheduleFilter,
  type SchedulePlan,
  type Timing,
  weekdays,
} from '../../../model/schedule.ts';
import { readTimeOfDay } from '../../../model/time-of-day.ts';
import { choices } from '../choices.ts';
import { HIDDEN } from '../parameters/credential.ts';
import { plainNumbers } from '../parameters/exact-json.ts';
import { readZonedTime } from './zoned-time.ts';

/** Words in capital letters, as Java's enums are. */
const upper = <T extends string>(words: readonly T[]) =>
  z.enum(words.map((word) => word.toUpperCase()) as [Uppercase<T>, ...Uppercase<T>[]]);

/** Of its Java enum; other clients make schedules with further ones. */
const delayUnits = ['minutes', 'hours', 'days'] as const;

/** Java clients send members without a value as null. */
const orNull = <T extends z.ZodType>(schema: T) => schema.nullish();
const flag = orNull(z.boolean());

const timeOfDay = z
  .string()
  .refine((text) => readTimeOfDay(text) !== undefined, { error: 'a time of day such as 07:00:59' });
const window = z
  .looseObject({ start: timeOfDay, end: timeOfDay })
  .refine(({ start, end }) => (readTimeOfDay(start) ?? 0) <= (readTimeOfDay(end) ?? 0), {
    error: 'a window within one day: "start" not after "end" (two windows reach over midnight)',
  });

const Filter = z.looseObject({
  times: orNull(z.array(window).min(1).max(100)),
  daysOfWeek: orNull(z.array(upper(weekdays)).min(1).max(7)),
  months: orNull(z.array(upper(months)).min(1).max(12)),
  days: orNull(z.array(z.int().min(1).max(LAST_DAY)).min(1).max(LAST_DAY)),
});

const When = z
  .looseObject({
    startTime: z.string().refine((text) => readZonedTime(text) !== undefined, {
      error: 'a time such as 2021-03-29T00:40+02:00[Europe/Berlin]; offset and zone may be missing',
    }),
    disabled: flag,
    skipIfPreviousJobStillRunning: flag,
    delay: orNull(z.int().min(0).max(1_000_000)),
    delayType: orNull(upper(delayUnits)),
    filter: orNull(Filter),
  })
  .refine(({ delay, delayType }) => !delay || delayType, { path: ['delayType'], error: 'MINUTES, HOURS or DAYS' });

/** A schedule as clients send it (reference section 14.2); what they read and do not know is passed over. */
export const ScheduleBody = z
  .looseObject({
    workflowPath: orNull(z.string().min(1).max(4096)),
    targetName: orNull(z.string().max(255)),
    reset: flag,
    discard: flag,
    discardAfterSuccessfulExec: flag,
    discardAfterFailedExec: flag,
    executionRetries: orNull(z.int().min(0).max(1000)),
    schedule: When,
    inputParameters: orNull(z.record(z.string(), z.any())),
    configuration: orNull(z.record(z.string(), z.any())),
    notifications: orNull(z.record(z.string(), z.any())),
    actions: orNull(z.array(z.any()).max(100)),
  })
  .meta({ id: 'KnimeScheduleBody', description: 'A schedule; the document as it was read is accepted.' });

type Body = z.output<typeof ScheduleBody>;

/** What a client keeps in a schedule without meaning here. */
export interface Notes {
  reset: boolean;
  configuration: JsonObject;
  notifications: JsonObject;
  actions: Json[];
}

/**
 * Reads a body. The workflow is the one its address names, or that of the body, or that of the schedule as it was. Throws
 * `invalid-input` naming the member.
 */
export function readSchedule(
  sent: unknown,
  { path, before }: { path?: string | undefined; before?: Schedule },
): { plan: SchedulePlan; values: JsonObject } {
  const body = parseWith(ScheduleBody, sent ?? {});
  const workflow = path ?? body.workflowPath ?? before?.workflow;
  if (workflow === undefined) {
    throw fail('invalid-input', {
      detail: '"workflowPath" is missing; accepted is the absolute path of a workflow.',
      errors: [{ pointer: '/workflowPath', message: 'Accepted is the absolute path of a workflow.' }],
    });
  }
  return { plan: planOf(body, workflow, before), values: (body.inputParameters ?? {}) as JsonObject };
}

function planOf(body: Body, workflow: string, before?: Schedule): SchedulePlan {
  const { schedule, targetName, executionRetries, discard } = body;
  const notes: Notes = {
    reset: body.reset ?? true,
    configuration: noteOf((body.configuration ?? {}) as JsonObject),
    notifications: noteOf((body.notifications ?? {}) as JsonObject),
    actions: (body.actions ?? []).map((action) => noteOf(action as Json)),
  };
  const plan: SchedulePlan = {
    workflow,
    enabled: schedule.disabled !== true,
    timing: timingOf(schedule, before?.timing),
    skipIfRunning: schedule.skipIfPreviousJobStillRunning ?? false,
    discard: {
      onSuccess: discard || (body.discardAfterSuccessfulExec ?? false),
      onFailure: discard || (body.discardAfterFailedExec ?? false),
    },
    dialect: 'knime',
    notes: notes as unknown as JsonObject,
  };
  if (targetName) plan.name = targetName;
  // What the other APIs say of a schedule and this one cannot stays.
  if (executionRetries) plan.retry = { ...(before?.retry ?? choices.retry), count: executionRetries };
  if (before?.queue !== undefined) plan.queue = before.queue;
  if (before?.limits !== undefined) plan.limits = before.limits;
  if (before?.publish !== undefined) plan.publish = before.publish;
  if (before?.category !== undefined) plan.category = before.category;
  if (before?.description !== undefined) plan.description = before.description;
  return plan;
}

/** An end, a cron expression and a repetition in seconds stay, the last two until there is another repetition. */
function timingOf({ startTime, delay, delayType, filter }: Body['schedule'], before?: Timing): Timing {
  const { at, zone } = readZonedTime(startTime)!;
  const timing: Timing = { zone, startAt: at };
  if (before?.endAt !== undefined) timing.endAt = before.endAt;
  if (!delay && before?.cron !== undefined) {
    if (filter) throw filterBesideCron();
    timing.cron = before.cron;
  }
  if (!delay && before?.every?.unit === 'seconds') timing.every = before.every;
  if (delay && delayType) timing.every = { count: delay, unit: lower<(typeof delayUnits)[number]>(delayType) };
  if (filter) timing.filter = filterOf(filter);
  return timing;
}

const filterBesideCron = () =>
  fail('invalid-input', {
    detail:
      '"schedule.filter" cannot be given: the schedule has a cron expression; accepted is a "delay" in its place.',
    errors: [{ pointer: '/schedule/filter', message: 'Not accepted beside a cron expression.' }],
  });

function filterOf({ times, daysOfWeek, months: inMonths, days }: z.output<typeof Filter>): ScheduleFilter {
  const filter: ScheduleFilter = {};
  if (times) filter.times = times.map(({ start, end }) => ({ from: readTimeOfDay(start)!, to: readTimeOfDay(end)! }));
  if (daysOfWeek) filter.daysOfWeek = daysOfWeek.map((day) => lower<(typeof weekdays)[number]>(day));
  if (inMonths) filter.months = inMonths.map((month) => lower<(typeof months)[number]>(month));
  if (days) filter.daysOfMonth = days;
  return filter;
}

const lower = <T extends string>(word: Uppercase<T>): T => word.toLowerCase() as T;

/** What is kept and shown as it came. */
const noteOf = <T extends Json>(value: T): T => withoutPasswords(plainNumbers(value) as T);

/** Nothing here needs them, so they are not kept. */
function withoutPasswords<T extends Json>(value: T): T;
function withoutPasswords(value: Json): Json {
  if (Array.isArray(value)) return value.map((item) => withoutPasswords(item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      /password/i.test(name) && item !== null ? HIDDEN : withoutPasswords(item),
    ]),
  );
}
