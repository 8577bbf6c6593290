import { isJsonObject, type Json } from '../../model/json.ts';

const units = { days: 86_400_000, hours: 3_600_000, minutes: 60_000, seconds: 1000, milliseconds: 1 } as const;
const durationUnits = Object.keys(units) as (keyof typeof units)[];

/** Longest duration accepted, in milliseconds: about a hundred years. */
const LONGEST_MS = 100 * 366 * units.days;

const iso =
  /^P(?!$)(?:(\d+(?:\.\d+)?)Y)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?=\d)(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** What is wrong with a duration, as the end of a sentence; undefined when it is one. */
export function durationProblem(value: Json): string | undefined {
  if (typeof value === 'string') {
    return iso.test(value)
      ? undefined
      : `found ${JSON.stringify(value)}; accepted are ISO 8601 such as "PT30S" or "P1DT2H"`;
  }
  if (!isJsonObject(value)) return `found ${JSON.stringify(value)}; accepted are { seconds: 30 } or "PT30S"`;
  const names = Object.keys(value);
  if (names.length === 0) return `found an empty object; accepted are ${durationUnits.join(', ')}`;
  const odd = names.find((name) => !durationUnits.includes(name as keyof typeof units));
  if (odd !== undefined) return `found ${JSON.stringify(odd)}; accepted are ${durationUnits.join(', ')}`;
  const wrong = names.find((name) => !Number.isSafeInteger(value[name]));
  return wrong === undefined ? undefined : `${wrong} must be a whole number, found ${JSON.stringify(value[wrong])}`;
}

/**
 * Milliseconds of a duration: an object of days to milliseconds, or ISO 8601. Years and months are counted on the
 * calendar (UTC) from `from`. Undefined for anything else, below zero, or above a hundred years.
 */
export function durationMs(value: Json, from: number): number | undefined {
  if (durationProblem(value) !== undefined) return undefined;
  const ms = typeof value === 'string' ? isoMs(value, from) : objectMs(value as Record<string, number>);
  return ms >= 0 && ms <= LONGEST_MS ? Math.round(ms) : undefined;
}

const objectMs = (value: Record<string, number>): number =>
  durationUnits.reduce((sum, unit) => sum + (value[unit] ?? 0) * units[unit], 0);

function isoMs(text: string, from: number): number {
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = iso
    .exec(text)!
    .slice(1)
    .map((part) => Number(part ?? 0));
  const whole = Math.floor(years * 12 + months);
  const rest = years * 12 + months - whole;
  return (
    calendarMs(from, whole) +
    (rest * 30 + weeks * 7 + days) * units.days +
    hours * units.hours +
    minutes * units.minutes +
    seconds * units.seconds
  );
}

/** Length of so many calendar months from a moment; the 31st plus one month is the last of a shorter month. */
function calendarMs(from: number, months: number): number {
  if (months === 0) return 0;
  const start = new Date(from);
  const end = new Date(from);
  end.setUTCDate(1);
  end.setUTCMonth(end.getUTCMonth() + months);
  const last = new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() + 1, 0)).getUTCDate();
  end.setUTCDate(Math.min(start.getUTCDate(), last));
  return end.getTime() - from;
}
