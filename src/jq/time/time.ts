import type { Json } from '../value.ts';

/** Calendar fields in UTC; `month` from 0. They may be out of range and then carry over, as in C's timegm. */
export interface CalendarFields {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

/** A moment with all that formats ask for. */
export interface BrokenTime extends CalendarFields {
  /** Seconds since 1970-01-01, with their fraction. */
  epoch: number;
  /** 0 is Sunday. */
  weekday: number;
  /** From 0. */
  yearDay: number;
}

const DAY = 86_400;

/** Days from 1970-01-01 to a date of the proleptic Gregorian calendar (H. Hinnant, "chrono-compatible date algorithms"). */
function daysFromDate(year: number, month: number, day: number): number {
  const years = year + Math.floor(month / 12);
  const inYear = ((month % 12) + 12) % 12;
  const shifted = inYear < 2 ? years - 1 : years;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((inYear + 10) % 12) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}

/** Seconds since the epoch of calendar fields; fields out of range carry over. */
export function epochSeconds({ year, month, day, hour, minute, second }: CalendarFields): number {
  const days = daysFromDate(Math.trunc(year), Math.trunc(month), Math.trunc(day));
  return days * DAY + Math.trunc(hour) * 3600 + Math.trunc(minute) * 60 + second;
}

/** Largest distance from the epoch that is broken down, some 30 million years; beyond it the calendar is meaningless. */
const MAX_EPOCH = 1e15;

/** Calendar fields of a moment. What is no number counts as the epoch itself. */
export function brokenTime(epoch: number): BrokenTime {
  const moment = Number.isNaN(epoch) ? 0 : Math.max(-MAX_EPOCH, Math.min(MAX_EPOCH, epoch));
  const whole = Math.floor(moment);
  const days = Math.floor(whole / DAY);
  const seconds = whole - days * DAY;
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = (shiftedMonth + 2) % 12;
  const year = yearOfEra + era * 400 + (month < 2 ? 1 : 0);
  return {
    epoch: moment,
    year,
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
    hour: Math.floor(seconds / 3600),
    minute: Math.floor((seconds % 3600) / 60),
    second: (seconds % 60) + (moment - whole),
    weekday: (((days + 4) % 7) + 7) % 7,
    yearDay: days - daysFromDate(year, 0, 1),
  };
}

/** jq's "broken down time": year, month, day, hours, minutes, seconds, day of the week, day of the year. */
export function timeArray(time: BrokenTime): Json[] {
  return [time.year, time.month, time.day, time.hour, time.minute, time.second, time.weekday, time.yearDay];
}

export const DAY_NAMES = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
export const MONTH_NAMES = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** Number and year of the ISO 8601 week. */
export function isoWeek(time: BrokenTime): { week: number; year: number } {
  const weekday = (time.weekday + 6) % 7;
  const thursday = time.yearDay - weekday + 3;
  if (thursday < 0) return { week: Math.floor((thursday + yearLength(time.year - 1)) / 7) + 1, year: time.year - 1 };
  if (thursday >= yearLength(time.year)) return { week: 1, year: time.year + 1 };
  return { week: Math.floor(thursday / 7) + 1, year: time.year };
}

function yearLength(year: number): number {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 366 : 365;
}
