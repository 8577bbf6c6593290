import type { DialectContext } from '../../dialect.ts';
import type { InputChange } from '../../engine/schedules.ts';
import { readCron } from '../../model/cron.ts';
import { fail, isMillraceError } from '../../model/errors.ts';
import type { Principal } from '../../model/principal.ts';
import type { Schedule, SchedulePlan } from '../../model/schedule.ts';
import { isZone, localZone, momentOf, offsetAt } from '../../model/zone.ts';
import { fieldError } from './bean-validation.ts';
import { choices } from './choices.ts';
import {
  inTheirWords,
  type JobInput,
  limitsOf,
  publicationOf,
  type RunRequest,
  readJobInput,
  refuseErrors,
} from './job-input.ts';
import { messages } from './messages.ts';
import { readQueue } from './queue-names.ts';
import { scheduleChoices } from './schedule-choices.ts';
import type { TriggerBody } from './schedule-schemas.ts';
import { sameTrigger, type Trigger, timingOf, triggerOf } from './schedule-trigger.ts';

/** A schedule as V4 and V3 ask for it: a run, and when. */
export interface ScheduleRequest extends RunRequest {
  name: string;
  category?: string | undefined;
  enabled?: boolean | undefined;
  trigger: Trigger;
  start?: string | undefined;
  end?: string | undefined;
  timeZone?: string | undefined;
}

/** What members are called that do not fit: V3 has other names. */
export interface FieldNames {
  trigger: string;
  cron: string;
  start: string;
  end: string;
}

/** Makes a schedule. Throws what is wrong as a submit does, and `exists` for a name that is taken. */
export async function makeSchedule(
  context: DialectContext,
  principal: Principal,
  asked: ScheduleRequest,
  names: FieldNames,
): Promise<Schedule> {
  const { schedules } = context.engine;
  const since = context.clock();
  const read = await readJobInput(context, principal, asked);
  refuseErrors(read);
  const plan = planOf(asked, read, names, since);
  return inWords(asked, read, names, () => schedules.create(principal, plan, read.input, { uniqueName: true, since }));
}

/** Makes it another one. Parameters that are not sent stay, and passwords that come back as they were shown. */
export async function changeSchedule(
  context: DialectContext,
  principal: Principal,
  before: Schedule,
  asked: ScheduleRequest,
  names: FieldNames,
): Promise<Schedule> {
  const { schedules } = context.engine;
  const since = context.clock();
  const read = await readJobInput(context, principal, asked);
  const sent = asked.publishedParameters !== undefined;
  if (sent) refuseErrors(read);
  const plan = planOf(asked, read, names, since, before);
  const change: InputChange | undefined = sent ? { whole: read.input, hidden: choices.hiddenValue } : undefined;
  // Our own API may have made several of one name, which must not keep any of them from being changed.
  const uniqueName = plan.name !== before.name || plan.category !== before.category;
  return inWords(asked, read, names, () =>
    schedules.replace(principal, before.id, plan, change, { uniqueName, since }),
  );
}

/** Enables or disables it, and nothing else. `field`: what is called wrong where it would never be due again. */
export async function enableSchedule(
  { engine }: DialectContext,
  principal: Principal,
  { id }: Schedule,
  enabled: boolean,
  field: string,
): Promise<void> {
  try {
    await engine.schedules.enable(principal, id, enabled);
  } catch (error) {
    throw neverDue(error, field) ?? error;
  }
}

/** The trigger of a body of V4; absent: once. */
export function readTrigger(body: TriggerBody | undefined): Trigger {
  if (body === undefined) return { type: 'basic', recurrence: 'once' };
  const { type, recurrence = 'once', interval, unit, cron } = body;
  if (type === 'basic') return { type, recurrence };
  if (type === 'cron') {
    if (cron === undefined || cron.trim() === '') throw fieldError('trigger.cron', messages.blank);
    return { type, cron: cron.trim() };
  }
  if (interval === undefined) throw fieldError('trigger.interval', 'must not be null');
  if (unit === undefined) throw fieldError('trigger.unit', `must be one of ${scheduleChoices.units.join(', ')}`);
  return { type, interval, unit };
}

function planOf(
  asked: ScheduleRequest,
  read: JobInput,
  names: FieldNames,
  now: number,
  before?: Schedule,
): SchedulePlan {
  const { name, category = '', description = '', enabled = true, queue = '', trigger } = asked;
  const zone = asked.timeZone ?? before?.timing.zone ?? localZone;
  if (before === undefined || !sameTrigger(trigger, triggerOf(before.timing))) checkTrigger(trigger, names);
  const startAt = readMoment(asked.start, scheduleChoices.immediately, names.start, zone) ?? now;
  const endAt = readMoment(asked.end, scheduleChoices.never, names.end, zone);
  return {
    name: name.trim(),
    // What has none and what is in the one for those are the same.
    ...(category.trim() === '' || category.trim() === scheduleChoices.category ? {} : { category: category.trim() }),
    ...(description === '' ? {} : { description }),
    workflow: read.path,
    enabled,
    timing: timingOf({ trigger, zone, startAt, endAt }, before?.timing),
    limits: limitsOf(asked),
    ...publicationOf(asked),
    ...(queue === '' ? {} : { queue: readQueue(queue) }),
    // What only the other APIs can say stays.
    skipIfRunning: before?.skipIfRunning ?? false,
    discard: before?.discard ?? { onSuccess: false, onFailure: false },
    ...(before?.retry === undefined ? {} : { retry: before.retry }),
    dialect: 'fme',
  };
}

/** Throws `invalid-input` for a cron expression that does not fit, or has not the fields of Quartz, and for `custom`. */
function checkTrigger(trigger: Trigger, names: FieldNames): void {
  if (trigger.type === 'basic' && trigger.recurrence === scheduleChoices.custom) {
    throw fieldError(names.trigger, `must be one of ${scheduleChoices.recurrences.join(', ')}`);
  }
  if (trigger.type !== 'cron') return;
  const read = readCron(trigger.cron);
  if ('fault' in read) throw fieldError(names.cron, `is not a cron expression: ${read.fault}`);
  // With five, the first would be taken for minutes where seconds are meant.
  if (trigger.cron.trim().split(/\s+/).length < 6) {
    throw fieldError(
      names.cron,
      'must have 6 or 7 fields: second, minute, hour, day of month, month, day of week, year',
    );
  }
}

const isoMoment = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(\.\d{1,9})?)?)?\s*(Z|[+-]\d\d:?\d\d)?$/i;

/** A time, on the clock of a zone where it names no offset; undefined for none, and for the word for none. */
function readMoment(text: string | undefined, none: string, field: string, zone: string): number | undefined {
  const given = text?.trim() ?? '';
  if (given === '' || given.toLowerCase() === none) return undefined;
  const [, date = '', time = '00:00', second = '00', fraction = '', offset] = isoMoment.exec(given) ?? [];
  const wall = Date.parse(`${date}T${time}:${second}${fraction.slice(0, 4)}Z`);
  // The 31st of February is read as a day in March.
  const isDate = !Number.isNaN(wall) && new Date(wall).toISOString().startsWith(date);
  const shift = offset === undefined || /^z$/i.test(offset) ? '+00:00' : `${offset.slice(0, 3)}:${offset.slice(-2)}`;
  if (!isDate || !isZone(shift)) {
    throw fieldError(field, `must be a time such as 2026-01-16T07:30:00+01:00, or "${none}"`);
  }
  return offset === undefined ? momentOf(zone, wall) : wall - offsetAt(shift, wall);
}

async function inWords<T>(
  asked: ScheduleRequest,
  read: JobInput,
  names: FieldNames,
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (isMillraceError(error) && error.code === 'exists') {
      const category = asked.category?.trim() || scheduleChoices.category;
      throw fail('exists', messages.scheduleTaken(category, asked.name.trim()));
    }
    throw neverDue(error, names.trigger) ?? inTheirWords(error, read, asked);
  }
}

/** The engine's refusal of a schedule that has no time left, as one of a field; undefined for every other error. */
function neverDue(error: unknown, field: string): Error | undefined {
  const why = isMillraceError(error) && error.code === 'invalid-input' ? error.options.errors?.[0] : undefined;
  return why?.pointer === '' ? fieldError(field, `would never be due: ${why.message}`) : undefined;
}
