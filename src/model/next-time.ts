import { nextCronTime } from './cron-times.ts';
import { LAST_DAY, months, type ScheduleFilter, type Timing, weekdays } from './schedule.ts';
import { createOffsets, momentOf, wallAt } from './zone.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const unitMs = { seconds: 1_000, minutes: MINUTE_MS, hours: HOUR_MS };
/** Nothing is looked for later than this: a 29th of February that is a certain weekday can be 40 years away. */
const HORIZON_DAYS = 41 * 366;

/**
 * When a schedule is due after a moment (milliseconds since 1970, not itself); undefined for never. What a clock that is
 * put back shows twice is due twice for seconds, minutes and hours, and once for days; for cron see `nextCronTime`.
 */
export function nextTime(timing: Timing, after: number): number | undefined {
  const at = nextOpen(timing, after);
  return at === undefined || at > (timing.endAt ?? Number.POSITIVE_INFINITY) ? undefined : at;
}

/** The same without the end. */
function nextOpen(timing: Timing, after: number): number | undefined {
  const { startAt, every, cron } = timing;
  if (cron !== undefined) return nextCronTime(cron, timing.zone, Math.max(after, startAt - 1));
  if (every === undefined)
    return startAt > after && isDay(timing, startAt) && isTime(timing, startAt) ? startAt : undefined;
  return every.unit === 'days'
    ? nextOfDays(timing, every.count, after)
    : nextOfGrid(timing, every.count * unitMs[every.unit], after);
}

/** The same time of day, so many days apart. */
function nextOfDays(timing: Timing, count: number, after: number): number | undefined {
  const { zone, startAt } = timing;
  const start = wallAt(zone, startAt);
  const step = count * DAY_MS;
  // A day early: an offset may move a time across the moment.
  const first = Math.max(0, Math.floor((wallAt(zone, after) - DAY_MS - start) / step));
  const last = first + Math.ceil(HORIZON_DAYS / count) + 1;
  for (let turn = first; turn <= last; turn++) {
    const wall = start + turn * step;
    // Most days need no look at the zone.
    if (!dayPasses(timing.filter, wall)) continue;
    const at = turn === 0 ? startAt : momentOf(zone, wall);
    if (at > after && isTime(timing, at)) return at;
  }
  return undefined;
}

/** So many milliseconds apart: looked for day by day, and in each day window by window. */
function nextOfGrid({ zone, startAt, filter }: Timing, step: number, after: number): number | undefined {
  const onGrid = (from: number): number => startAt + Math.max(0, Math.ceil((from - startAt) / step)) * step;
  const first = onGrid(after + 1);
  if (filter === undefined) return first;
  const windows = filter.times ?? wholeDay;
  const offsetAt = createOffsets(zone);
  let day = Math.floor(wallAt(zone, first) / DAY_MS) * DAY_MS;
  const lastDay = day + HORIZON_DAYS * DAY_MS;
  for (; day <= lastDay; day += DAY_MS) {
    if (!dayPasses(filter, day)) continue;
    let found: number | undefined;
    for (const part of partsOf(offsetAt, day)) {
      for (const { from, to } of windows) {
        const begin = Math.max(day + from * 1000 - part.offset, part.begin, first);
        const end = Math.min(day + (to + 1) * 1000 - part.offset, part.end);
        const at = onGrid(begin);
        if (at < end && (found === undefined || at < found)) found = at;
      }
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

const wholeDay = [{ from: 0, to: 86_399 }];

interface Part {
  begin: number;
  /** Not part of it. */
  end: number;
  offset: number;
}

/** A day of a zone, cut where its offset changes. */
function partsOf(offsetAt: (at: number) => number, day: number): Part[] {
  // The wall clock may show midnight twice, so the day is looked for among all that could be it.
  const parts: Part[] = [];
  const early = day - DAY_MS;
  const late = day + 2 * DAY_MS;
  const edges = [early, ...changesBetween(offsetAt, early, late), late];
  for (let at = 0; at + 1 < edges.length; at++) {
    const offset = offsetAt(edges[at]!);
    const begin = Math.max(edges[at]!, day - offset);
    const end = Math.min(edges[at + 1]!, day + DAY_MS - offset);
    if (begin < end) parts.push({ begin, end, offset });
  }
  return parts;
}

/** When the offset of a zone changes, found to the second; there is at most one change in so few days. */
function changesBetween(offsetAt: (at: number) => number, early: number, late: number): number[] {
  const before = offsetAt(early);
  if (before === offsetAt(late)) return [];
  let [low, high] = [early, late];
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000;
    if (offsetAt(middle) === before) low = middle;
    else high = middle;
  }
  return [high];
}

const isDay = ({ zone, filter }: Timing, at: number): boolean =>
  filter === undefined || dayPasses(filter, wallAt(zone, at));

function isTime({ zone, filter }: Timing, at: number): boolean {
  if (filter?.times === undefined) return true;
  const second = Math.floor((((wallAt(zone, at) % DAY_MS) + DAY_MS) % DAY_MS) / 1000);
  return filter.times.some(({ from, to }) => from <= second && second <= to);
}

/** `wall`: a time on the wall clock. */
function dayPasses(filter: ScheduleFilter | undefined, wall: number): boolean {
  if (filter === undefined) return true;
  const date = new Date(wall);
  const { daysOfWeek, daysOfMonth } = filter;
  if (filter.months && !filter.months.includes(months[date.getUTCMonth()]!)) return false;
  // Sunday is 0 there.
  if (daysOfWeek && !daysOfWeek.includes(weekdays[(date.getUTCDay() + 6) % 7]!)) return false;
  if (daysOfMonth === undefined || daysOfMonth.includes(date.getUTCDate())) return true;
  return daysOfMonth.includes(LAST_DAY) && new Date(wall + DAY_MS).getUTCDate() === 1;
}
