import { type weekdays as allWeekdays, months, type repeatUnits, type Timing, weekdays } from '../../model/schedule.ts';
import { wallAt } from '../../model/zone.ts';
import { scheduleChoices } from './schedule-choices.ts';

type Recurrence = (typeof scheduleChoices.recurrences)[number];
export type Unit = (typeof scheduleChoices.units)[number];

/** When a schedule repeats, in the three forms of FME Flow. */
export type Trigger =
  | { type: 'basic'; recurrence: Recurrence | typeof scheduleChoices.custom }
  | { type: 'interval'; interval: number; unit: Unit }
  | { type: 'cron'; cron: string };

type Repetition = Pick<Timing, 'every' | 'cron' | 'filter'>;

const HOURS: Partial<Record<Unit, number>> = { days: 24, weeks: 168 };
const workDays: (typeof allWeekdays)[number][] = weekdays.slice(0, 5);

/**
 * The repetition of a trigger. `start` and `zone` say which day a basic one counts from. An interval is one of real time:
 * a day has 24 hours also where clocks are changed, as the product has it.
 */
export function repetitionOf(trigger: Trigger, start: number, zone: string): Repetition {
  if (trigger.type === 'cron') return { cron: trigger.cron };
  if (trigger.type === 'interval') {
    const { interval, unit } = trigger;
    const hours = HOURS[unit];
    if (hours !== undefined) return { every: { count: interval * hours, unit: 'hours' } };
    return { every: { count: interval, unit: unit as (typeof repeatUnits)[number] } };
  }
  const wall = new Date(wallAt(zone, start));
  const daysOfMonth = [wall.getUTCDate()];
  const daily = { every: { count: 1, unit: 'days' } } as const;
  switch (trigger.recurrence) {
    case 'daily':
      return daily;
    case 'weekly':
      return { every: { count: 7, unit: 'days' } };
    case 'weekdays':
      return { ...daily, filter: { daysOfWeek: workDays } };
    case 'monthly':
      return { ...daily, filter: { daysOfMonth } };
    case 'yearly':
      return { ...daily, filter: { months: [months[wall.getUTCMonth()]!], daysOfMonth } };
    default:
      return {};
  }
}

/** The trigger of any schedule; `custom` where there is no word for it. */
export function triggerOf(timing: Timing): Trigger {
  const { every, cron, filter } = timing;
  if (cron !== undefined) return { type: 'cron', cron };
  const same = scheduleChoices.recurrences.find((recurrence) =>
    sameRepetition(repetitionOf({ type: 'basic', recurrence }, timing.startAt, timing.zone), timing),
  );
  if (same !== undefined) return { type: 'basic', recurrence: same };
  if (every === undefined || filter !== undefined) return { type: 'basic', recurrence: scheduleChoices.custom };
  const { count, unit } = every;
  if (unit !== 'hours') return { type: 'interval', interval: count, unit };
  const longer = (['weeks', 'days'] as const).find((one) => count % HOURS[one]! === 0);
  return longer === undefined
    ? { type: 'interval', interval: count, unit }
    : { type: 'interval', interval: count / HOURS[longer]!, unit: longer };
}

const sameRepetition = (one: Repetition, other: Repetition): boolean =>
  JSON.stringify([one.every, one.filter]) === JSON.stringify([other.every, other.filter]);

/**
 * The timing a client asks for, given what there was. A trigger that comes back as it was shown means the same as before,
 * also where it was shown in other words.
 */
export function timingOf(
  asked: { trigger: Trigger; zone: string; startAt: number; endAt?: number | undefined },
  before?: Timing,
): Timing {
  const { trigger, zone, startAt, endAt } = asked;
  const isBasic = trigger.type === 'basic' && trigger.recurrence !== scheduleChoices.custom;
  const stays = !isBasic && before !== undefined && sameTrigger(trigger, triggerOf(before));
  const { every, cron, filter } = stays ? before : repetitionOf(trigger, startAt, zone);
  return {
    zone,
    startAt,
    ...(every === undefined ? {} : { every }),
    ...(cron === undefined ? {} : { cron }),
    ...(filter === undefined ? {} : { filter }),
    ...(endAt === undefined ? {} : { endAt }),
  };
}

export const sameTrigger = (one: Trigger, other: Trigger): boolean => JSON.stringify(one) === JSON.stringify(other);
