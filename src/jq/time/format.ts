import { failure } from '../errors.ts';
import { checkLength, claim, tick } from '../limits.ts';
import { type BrokenTime, DAY_NAMES, isoWeek, MONTH_NAMES } from './time.ts';

function pad(value: number, width: number, fill = '0'): string {
  const text = String(Math.abs(Math.floor(value))).padStart(width, fill);
  return value < 0 ? `-${text}` : text;
}

function yearText(year: number): string {
  return year > 9999 ? `+${year}` : pad(year, 4);
}

function hour12(time: BrokenTime): number {
  return time.hour % 12 === 0 ? 12 : time.hour % 12;
}

/** Conversions of POSIX strftime in the C locale, and glibc's k, l, P and s. */
const CONVERSIONS: Record<string, (time: BrokenTime) => string> = {
  a: (t) => (DAY_NAMES[t.weekday] as string).slice(0, 3),
  A: (t) => DAY_NAMES[t.weekday] as string,
  b: (t) => (MONTH_NAMES[t.month] as string).slice(0, 3),
  B: (t) => MONTH_NAMES[t.month] as string,
  c: (t) => expand(t, '%a %b %e %H:%M:%S %Y'),
  C: (t) => pad(Math.floor(t.year / 100), 2),
  d: (t) => pad(t.day, 2),
  D: (t) => expand(t, '%m/%d/%y'),
  e: (t) => pad(t.day, 2, ' '),
  F: (t) => expand(t, '%Y-%m-%d'),
  g: (t) => pad(isoWeek(t).year % 100, 2),
  G: (t) => yearText(isoWeek(t).year),
  h: (t) => expand(t, '%b'),
  H: (t) => pad(t.hour, 2),
  I: (t) => pad(hour12(t), 2),
  j: (t) => pad(t.yearDay + 1, 3),
  k: (t) => pad(t.hour, 2, ' '),
  l: (t) => pad(hour12(t), 2, ' '),
  m: (t) => pad(t.month + 1, 2),
  M: (t) => pad(t.minute, 2),
  n: () => '\n',
  p: (t) => (t.hour < 12 ? 'AM' : 'PM'),
  P: (t) => (t.hour < 12 ? 'am' : 'pm'),
  r: (t) => expand(t, '%I:%M:%S %p'),
  R: (t) => expand(t, '%H:%M'),
  s: (t) => String(Math.floor(t.epoch)),
  S: (t) => pad(t.second, 2),
  t: () => '\t',
  T: (t) => expand(t, '%H:%M:%S'),
  u: (t) => String(t.weekday === 0 ? 7 : t.weekday),
  U: (t) => pad((t.yearDay + 7 - t.weekday) / 7, 2),
  V: (t) => pad(isoWeek(t).week, 2),
  w: (t) => String(t.weekday),
  W: (t) => pad((t.yearDay + 7 - ((t.weekday + 6) % 7)) / 7, 2),
  x: (t) => expand(t, '%m/%d/%y'),
  X: (t) => expand(t, '%H:%M:%S'),
  y: (t) => pad(((t.year % 100) + 100) % 100, 2),
  Y: (t) => yearText(t.year),
  z: () => '+0000',
  Z: () => 'UTC',
  '%': () => '%',
};

function expand(time: BrokenTime, format: string): string {
  return format.replace(/%([EO]?)(.?)/gsu, (_all, _modifier: string, name: string) => {
    tick();
    const conversion = Object.hasOwn(CONVERSIONS, name) ? CONVERSIONS[name] : undefined;
    if (conversion === undefined) throw failure(`strftime/1: unknown conversion %${name}`);
    return conversion(time);
  });
}

/** jq's `strftime`, in UTC and the C locale. */
export function formatTime(time: BrokenTime, format: string): string {
  tick(format.length >>> 3);
  const text = expand(time, format);
  checkLength(text.length);
  claim(text.length);
  return text;
}
