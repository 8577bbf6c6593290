import { tick } from '../limits.ts';
import { type BrokenTime, brokenTime, type CalendarFields, DAY_NAMES, epochSeconds, MONTH_NAMES } from './time.ts';

interface Reader {
  readonly text: string;
  at: number;
  readonly fields: CalendarFields;
  century: number | null;
  shortYear: number | null;
  afternoon: boolean | null;
  yearDay: number | null;
  epoch: number | null;
}

function blank(reader: Reader): void {
  while (/\s/.test(reader.text[reader.at] ?? '')) reader.at++;
}

/** Reads a number of up to `digits` digits within bounds; null when there is none. */
function number(reader: Reader, digits: number, least: number, most: number): number | null {
  blank(reader);
  const pattern = new RegExp(`[+-]?\\d{1,${digits}}`, 'y');
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0];
  if (found === undefined) return null;
  const value = Number(found);
  if (value < least || value > most) return null;
  reader.at += found.length;
  return value;
}

/** Reads a name or its first three letters, whatever the case; gives its place in the list. */
function name(reader: Reader, names: readonly string[]): number | null {
  const rest = reader.text.slice(reader.at, reader.at + 12).toLowerCase();
  for (const [i, full] of names.entries()) {
    for (const form of [full, full.slice(0, 3)]) {
      if (rest.startsWith(form.toLowerCase())) {
        reader.at += form.length;
        return i;
      }
    }
  }
  return null;
}

function store(value: number | null, keep: (value: number) => void): boolean {
  if (value === null) return false;
  keep(value);
  return true;
}

function matched(reader: Reader, pattern: RegExp): boolean {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0];
  if (found === undefined) return false;
  reader.at += found.length;
  return true;
}

type Conversion = (reader: Reader) => boolean;

const month: Conversion = (r) => store(name(r, MONTH_NAMES), (n) => (r.fields.month = n));
const day: Conversion = (r) => store(number(r, 2, 1, 31), (n) => (r.fields.day = n));
const hour24: Conversion = (r) => store(number(r, 2, 0, 23), (n) => (r.fields.hour = n));
const hour12: Conversion = (r) => store(number(r, 2, 1, 12), (n) => (r.fields.hour = n % 12));
const weekday: Conversion = (r) => name(r, DAY_NAMES) !== null;
const ignored =
  (digits: number, least: number, most: number): Conversion =>
  (r) =>
    number(r, digits, least, most) !== null;

const spaces: Conversion = (r) => {
  blank(r);
  return true;
};

/** Conversions of POSIX strptime in the C locale, and glibc's F, k, l, s, z and Z. */
const CONVERSIONS: Record<string, Conversion> = {
  a: weekday,
  A: weekday,
  b: month,
  B: month,
  h: month,
  c: (r) => follow(r, '%a %b %e %H:%M:%S %Y'),
  C: (r) => store(number(r, 2, 0, 99), (n) => (r.century = n)),
  d: day,
  e: day,
  D: (r) => follow(r, '%m/%d/%y'),
  F: (r) => follow(r, '%Y-%m-%d'),
  g: ignored(2, 0, 99),
  G: ignored(4, 0, 9999),
  H: hour24,
  k: hour24,
  I: hour12,
  l: hour12,
  j: (r) => store(number(r, 3, 1, 366), (n) => (r.yearDay = n - 1)),
  m: (r) => store(number(r, 2, 1, 12), (n) => (r.fields.month = n - 1)),
  M: (r) => store(number(r, 2, 0, 59), (n) => (r.fields.minute = n)),
  n: spaces,
  t: spaces,
  p: (r) => {
    const half = /^[ap]m/i.exec(r.text.slice(r.at, r.at + 2))?.[0];
    if (half === undefined) return false;
    r.at += 2;
    r.afternoon = half.toLowerCase() === 'pm';
    return true;
  },
  r: (r) => follow(r, '%I:%M:%S %p'),
  R: (r) => follow(r, '%H:%M'),
  s: (r) => store(number(r, 15, -1e15, 1e15), (n) => (r.epoch = n)),
  S: (r) => store(number(r, 2, 0, 61), (n) => (r.fields.second = n)),
  T: (r) => follow(r, '%H:%M:%S'),
  u: ignored(1, 1, 7),
  U: ignored(2, 0, 53),
  V: ignored(2, 0, 53),
  w: ignored(1, 0, 6),
  W: ignored(2, 0, 53),
  x: (r) => follow(r, '%m/%d/%y'),
  X: (r) => follow(r, '%H:%M:%S'),
  y: (r) => store(number(r, 2, 0, 99), (n) => (r.shortYear = n)),
  Y: (r) => store(number(r, 4, -9999, 9999), (n) => (r.fields.year = n)),
  // The zone is read but, as in jq, does not move the fields.
  z: (r) => matched(r, /Z|[+-]\d{2}:?(?:\d{2})?/y),
  Z: (r) => matched(r, /[A-Za-z]+/y),
  '%': (r) => matched(r, /%/y),
};

function follow(reader: Reader, format: string): boolean {
  for (let i = 0; i < format.length; i++) {
    tick();
    const c = format[i] as string;
    if (/\s/.test(c)) {
      blank(reader);
    } else if (c !== '%') {
      if (reader.text[reader.at] !== c) return false;
      reader.at++;
    } else {
      i++;
      if (format[i] === 'E' || format[i] === 'O') i++;
      const key = format[i] ?? '';
      const conversion = Object.hasOwn(CONVERSIONS, key) ? CONVERSIONS[key] : undefined;
      if (conversion === undefined || !conversion(reader)) return false;
    }
  }
  return true;
}

/** jq's `strptime`: the moment that a text tells in a format, null when it does not fit. */
export function parseTime(text: string, format: string): BrokenTime | null {
  const fields = { year: 1970, month: 0, day: 1, hour: 0, minute: 0, second: 0 };
  const reader: Reader = {
    text,
    at: 0,
    fields,
    century: null,
    shortYear: null,
    afternoon: null,
    yearDay: null,
    epoch: null,
  };
  if (!follow(reader, format)) return null;
  blank(reader);
  if (reader.at < text.length) return null;
  return complete(reader);
}

function complete({ fields, century, shortYear, afternoon, yearDay, epoch }: Reader): BrokenTime {
  if (epoch !== null) return brokenTime(epoch);
  if (shortYear !== null)
    fields.year = century === null ? shortYear + (shortYear < 69 ? 2000 : 1900) : century * 100 + shortYear;
  else if (century !== null) fields.year = century * 100;
  if (afternoon !== null) fields.hour = (fields.hour % 12) + (afternoon ? 12 : 0);
  if (yearDay !== null) {
    fields.month = 0;
    fields.day = yearDay + 1;
  }
  return brokenTime(epochSeconds(fields));
}
