import { scheduleChoices } from '../schedule-choices.ts';
import type { Trigger, Unit } from '../schedule-trigger.ts';

const { v3Once, v3Custom, custom, units } = scheduleChoices;

/** `HOUR*2` */
const interval = /^\s*([a-z]+?)s?\s*\*\s*(\d{1,7})\s*$/i;

/** A trigger as the one text that V3 has for it: `NEVER`, `HOUR*2`, a cron expression. */
export function recurrenceWire(trigger: Trigger): string {
  if (trigger.type === 'cron') return trigger.cron;
  if (trigger.type === 'interval') return `${trigger.unit.slice(0, -1).toUpperCase()}*${trigger.interval}`;
  switch (trigger.recurrence) {
    case 'once':
      return v3Once;
    case 'daily':
      return 'DAY*1';
    case 'weekly':
      return 'WEEK*1';
    default:
      return v3Custom;
  }
}

/**
 * The trigger of a text. One that comes back as it was shown means what it meant (`before`), also where the text says less.
 * What is neither word nor interval is a cron expression.
 */
export function readRecurrence(text: string, before?: Trigger): Trigger {
  if (before !== undefined && text.trim() === recurrenceWire(before)) return before;
  const word = text.trim().toUpperCase();
  if (word === '' || word === v3Once || word === 'ONCE') return { type: 'basic', recurrence: 'once' };
  if (word === v3Custom) return { type: 'basic', recurrence: custom };
  const [, name = '', count = ''] = interval.exec(text) ?? [];
  const unit = units.find((one): one is Unit => one === `${name.toLowerCase()}s`);
  if (unit !== undefined && Number(count) > 0) return { type: 'interval', interval: Number(count), unit };
  return { type: 'cron', cron: text.trim() };
}
