/**
 * Cron expressions, in the two spellings people know: five fields are those of the Unix cron (minute, hour, day of month,
 * month, day of week with Sunday 0 or 7), six and seven those of Quartz (second first, year last; Sunday is 1, `?`, `L`,
 * `W` and `#` say more of days). The number of fields tells which, so that one text means one thing everywhere.
 */
export interface Cron {
  /** The same with every value written out, Sunday 0: `0 0,30 7 * * 1,2,3,4,5 *`. */
  pattern: string;
  /** False: a day fits that is of the wanted days of the month or of the week; true: one that is both. */
  bothDays: boolean;
}

interface Field {
  name: string;
  min: number;
  max: number;
  /** Names of its values, the first for `min`. */
  names?: readonly string[];
  /** Beside numbers, lists, ranges and steps. */
  more?: string;
  /** Reads an entry that is none of these; undefined for one that is unknown. */
  special?: (entry: string) => string | undefined;
}

const DAY = 'day of week';
const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const dayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const second: Field = { name: 'second', min: 0, max: 59 };
const minute: Field = { name: 'minute', min: 0, max: 59 };
const hour: Field = { name: 'hour', min: 0, max: 23 };
const dayOfMonth: Field = { name: 'day of month', min: 1, max: 31 };
const month: Field = { name: 'month', min: 1, max: 12, names: monthNames };
const year: Field = { name: 'year', min: 1970, max: 2099 };

const unix: readonly Field[] = [
  minute,
  hour,
  dayOfMonth,
  month,
  { name: DAY, min: 0, max: 7, names: [...dayNames, 'SUN'] },
];
const quartz: readonly Field[] = [
  second,
  minute,
  hour,
  { ...dayOfMonth, more: '?, L, LW and 15W', special: specialDate },
  month,
  { name: DAY, min: 1, max: 7, names: dayNames, more: '?, L, 6L and 6#3', special: specialDay },
  year,
];
const DAY_OF_MONTH = 3;
const DAY_OF_WEEK = 5;
/** Far beyond what a field of 60 values needs. */
const LONGEST = 1_000;

const unixNames = unix.map(({ name }) => name).join(', ');

/** A cron expression; `fault` says which field does not fit, and what is accepted there. */
export function readCron(text: string): { cron: Cron } | { fault: string } {
  if (text.length > LONGEST) return { fault: `is longer than ${LONGEST} characters` };
  const fields = text.toUpperCase().match(/\S+/g) ?? [];
  const isUnix = fields.length === 5;
  if (fields.length < 5 || fields.length > 7) {
    const count = fields.length === 1 ? '1 field' : `${fields.length || 'no'} fields`;
    return {
      fault: `has ${count}; accepted are 5 (${unixNames}), 6 with the second before them, 7 with the year behind`,
    };
  }
  const kinds = isUnix ? unix : quartz;
  const read: string[] = isUnix ? ['0'] : [];
  for (const [at, value] of fields.entries()) {
    const values = readField(value, kinds[at]!);
    if (values === undefined) return { fault: faultOf(value, kinds[at]!) };
    read.push(values);
  }
  if (read.length === 6) read.push('*');
  return withDays(read, isUnix);
}

/** Joins the fields; of the two for days Quartz wants one to be open. */
function withDays(read: string[], isUnix: boolean): { cron: Cron } | { fault: string } {
  const [date, day] = [read[DAY_OF_MONTH]!, read[DAY_OF_WEEK]!];
  const open = (value: string): boolean => value === '*' || value === '?';
  if (!isUnix && (date === '?' ? day === '?' : !open(date) && !open(day))) {
    return {
      fault: 'day of month and day of week: accepted is exactly one of the two, with ? for the other',
    };
  }
  read[DAY_OF_MONTH] = date.replace('?', '*');
  read[DAY_OF_WEEK] = day.replace('?', '*');
  return { cron: { pattern: read.join(' '), bothDays: !isUnix || open(date) || open(day) } };
}

/** All values of a field, as a list; `*` and `?` as they are. Undefined where one is unknown. */
function readField(text: string, field: Field): string | undefined {
  if (text === '*' || (text === '?' && field.special !== undefined)) return text;
  const values = new Set<number>();
  const specials = new Set<string>();
  for (const entry of text.split(',')) {
    const special = field.special?.(entry);
    if (special !== undefined) specials.add(special);
    else if (!addRange(values, entry, field)) return undefined;
  }
  // Sunday is 0 from here on, whether it was 0, 1 or 7.
  const numbers =
    field.name === DAY ? [...values].map((value) => (value - (field.min === 1 ? 1 : 0)) % 7) : [...values];
  return [...[...new Set(numbers)].sort((a, b) => a - b), ...specials].join(',');
}

/** `7`, `MON`, `1-5`, each with `/step` behind it; a range may go over the end: `FRI-MON`. False for what is none. */
function addRange(values: Set<number>, entry: string, field: Field): boolean {
  const { min, max } = field;
  const [, range = '', stepText] = /^([^/]+)(?:\/(\d{1,4}))?$/.exec(entry) ?? [];
  const step = stepText === undefined ? 1 : Number(stepText);
  const [from, to, ...rest] = range.split('-');
  const begin = range === '*' ? min : numberOf(from!, field);
  // A step without a range goes on to the end.
  const end = range === '*' ? max : to === undefined ? (stepText ? max : begin) : numberOf(to, field);
  const isWhole = begin !== undefined && end !== undefined && rest.length === 0;
  if (!isWhole || step < 1 || step > max) return false;
  if (end < begin && field === year) return false;
  // A week has seven days, though the Unix cron has two numbers for Sunday.
  const size = Math.min(max - min + 1, field.name === DAY ? 7 : 60);
  const last = end < begin ? end + size : end;
  for (let value = begin; value <= last; value += step)
    values.add(field === year ? value : ((value - min) % size) + min);
  return true;
}

function numberOf(text: string, { min, max, names }: Field): number | undefined {
  const named = names?.indexOf(text) ?? -1;
  if (named >= 0) return named + min;
  const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

/** The last day, the weekday nearest to a date, the last weekday. */
function specialDate(entry: string): string | undefined {
  if (entry === 'L' || entry === 'LW') return entry;
  const date = /^(\d{1,2})W$/.exec(entry)?.[1];
  return date !== undefined && numberOf(date, dayOfMonth) !== undefined ? `${Number(date)}W` : undefined;
}

/** Saturday, the last Friday of the month (`6L`), its third one (`6#3`). */
function specialDay(entry: string): string | undefined {
  if (entry === 'L') return '6';
  const [, name = '', which] = /^([A-Z]{3}|\d)(L|#[1-5])$/.exec(entry) ?? [];
  const day = dayNames.includes(name) ? dayNames.indexOf(name) : /^[1-7]$/.test(name) ? Number(name) - 1 : undefined;
  return day === undefined || which === undefined ? undefined : `${day}#${which.replace('#', '')}`;
}

function faultOf(value: string, { name, min, max, names, more }: Field): string {
  const words = names === undefined ? '' : ` (${names[0]} to ${names[max === 12 ? 11 : 6]})`;
  return `${name} "${value}": accepted are ${min} to ${max}${words}, *, lists (1,5), ranges (1-5) and steps (*/5)${more === undefined ? '' : `, ${more}`}`;
}
