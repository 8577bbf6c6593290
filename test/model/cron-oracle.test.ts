import { describe, expect, it } from 'vitest';
import { nextCronTime } from '../../src/model/cron-times.ts';

const MINUTE = 60_000;
const DAYS = 5;

/** What a clock on the wall shows at each minute of some days, asked of Intl once for all patterns. */
interface Wall {
  at: number;
  day: string;
  year: number;
  month: number;
  date: number;
  /** Sunday is 0. */
  weekday: number;
  hour: number;
  minute: number;
}

function wallsOf(zone: string, from: number): Wall[] {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  return Array.from({ length: DAYS * 1440 }, (_, index) => {
    const at = from + index * MINUTE;
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(at)) part[type] = Number(value);
    const { year = 0, month = 0, day: date = 0, hour = 0, minute = 0 } = part;
    const weekday = new Date(Date.UTC(year, month - 1, date)).getUTCDay();
    return { at, day: `${year}-${month}-${date}`, year, month, date, weekday, hour, minute };
  });
}

/** The same draws every time. */
function createDraw(seed: number) {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Draw = ReturnType<typeof createDraw>;

/** A field and what it means, made side by side; the reader under test has no part in it. */
function fieldOf(draw: Draw, min: number, max: number): { text: string; set: Set<number>; any: boolean } {
  const size = max - min + 1;
  const all = Array.from({ length: size }, (_, index) => min + index);
  const value = min + draw(size);
  switch (draw(6)) {
    case 0:
      return { text: '*', set: new Set(all), any: true };
    case 1: {
      const step = 1 + draw(Math.max(1, Math.floor(size / 2)));
      return { text: `*/${step}`, set: new Set(all.filter((one) => (one - min) % step === 0)), any: false };
    }
    case 2: {
      const end = value + draw(max - value + 1);
      return { text: `${value}-${end}`, set: new Set(all.filter((one) => one >= value && one <= end)), any: false };
    }
    case 3: {
      const other = min + draw(size);
      return { text: `${value},${other}`, set: new Set([value, other]), any: false };
    }
    default:
      return { text: String(value), set: new Set([value]), any: false };
  }
}

/** A pattern, and every minute of the days at which it is due. */
function patternOf(draw: Draw, walls: readonly Wall[]): { text: string; due: number[] } {
  const quartz = draw(2) === 0;
  const minute = fieldOf(draw, 0, 59);
  const hour = draw(3) === 0 ? { text: '2', set: new Set([2]), any: false } : fieldOf(draw, 0, 23);
  const date = draw(2) === 0 ? fieldOf(draw, 1, 31) : { text: '*', set: new Set<number>(), any: true };
  const month = draw(4) === 0 ? fieldOf(draw, 1, 12) : { text: '*', set: new Set<number>(), any: true };
  const plain = draw(2) === 0 ? fieldOf(draw, 0, 6) : { text: '*', set: new Set<number>(), any: true };
  // Quartz wants one of the two, and counts the days of the week from 1.
  const weekday = quartz && !date.any ? { text: '?', set: new Set<number>(), any: true } : plain;
  const shift = (text: string): string =>
    text.replace(/(\*\/)?\d/g, (found) => (found.startsWith('*') ? found : String(Number(found) + 1)));
  const text = quartz
    ? `0 ${minute.text} ${hour.text} ${date.any ? '?' : date.text} ${month.text} ${weekday.any && date.any ? '*' : shift(weekday.text)}`
    : `${minute.text} ${hour.text} ${date.text} ${month.text} ${weekday.text}`;

  const fitsDay = (wall: Wall): boolean => {
    if (!month.any && !month.set.has(wall.month)) return false;
    const [byDate, byWeekday] = [date.set.has(wall.date), weekday.set.has(wall.weekday)];
    if (date.any && weekday.any) return true;
    if (date.any) return byWeekday;
    return weekday.any ? byDate : byDate || byWeekday;
  };
  if (minute.set.size > 1 || hour.set.size > 1) {
    const due = walls.filter((wall) => fitsDay(wall) && hour.set.has(wall.hour) && minute.set.has(wall.minute));
    return { text, due: due.map(({ at }) => at) };
  }
  // One time of day: the first moment that shows it, or else the first behind the gap it is in.
  const wanted = [...hour.set][0]! * 60 + [...minute.set][0]!;
  const due: number[] = [];
  for (const day of new Set(walls.map((wall) => wall.day))) {
    const ofDay = walls.filter((wall) => wall.day === day);
    // Days that are cut off at the ends may lack it.
    if (day === walls[0]!.day || day === walls.at(-1)!.day || !fitsDay(ofDay[0]!)) continue;
    const shown = (wall: Wall): number => wall.hour * 60 + wall.minute;
    due.push((ofDay.find((wall) => shown(wall) === wanted) ?? ofDay.find((wall) => shown(wall) > wanted))!.at);
  }
  return { text, due };
}

describe('a cron expression drawn at random', () => {
  it.each([
    ['Europe/Berlin', '2026-03-27T00:00Z'],
    ['Europe/Berlin', '2026-10-23T00:00Z'],
    ['America/New_York', '2026-03-06T00:00Z'],
    ['America/New_York', '2026-10-30T00:00Z'],
    ['Australia/Lord_Howe', '2026-04-03T00:00Z'],
    ['Australia/Lord_Howe', '2026-10-02T00:00Z'],
    ['Asia/Kathmandu', '2028-02-27T00:00Z'],
    ['UTC', '2026-12-29T00:00Z'],
  ])('is due in %s from %s exactly when looking at every minute says so', (zone, start) => {
    const from = Date.parse(start);
    const walls = wallsOf(zone, from);
    const [firstDay, lastDay] = [walls[0]!.day, walls.at(-1)!.day];
    const whole = walls.filter(({ day }) => day !== firstDay && day !== lastDay);
    const [begin, end] = [whole[0]!.at, whole.at(-1)!.at];
    const draw = createDraw(from / 1000);
    let total = 0;
    for (let turn = 0; turn < 40; turn++) {
      const { text, due } = patternOf(draw, walls);
      const expected = due.filter((at) => at >= begin && at <= end);
      let last = begin - 1;
      // Of one with a time each minute the first hundreds tell enough.
      for (const at of expected.slice(0, 150)) {
        const found = nextCronTime(text, zone, last);
        expect(found && new Date(found).toISOString(), `"${text}" after ${new Date(last).toISOString()}`).toBe(
          new Date(at).toISOString(),
        );
        last = at;
        total++;
      }
      if (expected.length <= 150) expect(nextCronTime(text, zone, last) ?? end + 1, text).toBeGreaterThan(end);
    }
    expect(total).toBeGreaterThan(100);
  });
});
