/** Wall clocks: what a clock on the wall of a time zone shows is told as if it were UTC, in milliseconds since 1970. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const fixed = /^([+-])(\d\d):(\d\d)$/;
/** That of this server. */
export const localZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether a name is a time zone of the IANA database, or a fixed offset such as `+02:00`. */
export function isZone(name: string): boolean {
  const offset = fixed.exec(name);
  if (offset) return Number(offset[2]) <= 18 && Number(offset[3]) < 60;
  // Newer versions of Intl know further spellings of offsets, which Java does not.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** What `+02:00` stands for, in milliseconds; undefined for a name of the IANA database. */
export function fixedOffset(zone: string): number | undefined {
  const offset = fixed.exec(zone);
  if (!offset) return undefined;
  const ms = Number(offset[2]) * HOUR_MS + Number(offset[3]) * 60_000;
  return offset[1] === '-' ? -ms : ms;
}

/** What the offset of a zone is at a moment, in milliseconds: wall clock minus UTC. */
export function offsetAt(zone: string, at: number): number {
  const offset = fixedOffset(zone);
  if (offset !== undefined) return offset;
  const shown = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  for (const { type, value } of formatOf(zone).formatToParts(at)) {
    if (type in shown) shown[type as keyof typeof shown] = Number(value);
  }
  const wall = Date.UTC(shown.year, shown.month - 1, shown.day, shown.hour, shown.minute, shown.second);
  return wall - Math.floor(at / 1000) * 1000;
}

/** No zone changes its offset and goes back again within so long, in milliseconds. */
const STEADY_MS = 8 * DAY_MS;

/** `offsetAt` for many moments of one zone: asks `Intl`, which takes ten microseconds, once for days on end. */
export function createOffsets(zone: string): (at: number) => number {
  const known = new Map<number, number>();
  const atMark = (mark: number): number => {
    const offset = known.get(mark) ?? offsetAt(zone, mark * STEADY_MS);
    known.set(mark, offset);
    return offset;
  };
  return (at) => {
    const mark = Math.floor(at / STEADY_MS);
    const offset = atMark(mark);
    return offset === atMark(mark + 1) ? offset : offsetAt(zone, at);
  };
}

export const wallAt = (zone: string, at: number): number => at + offsetAt(zone, at);

/**
 * The moment a wall clock shows a time. One that is shown twice means the first; one that is left out, when clocks are put
 * forward, is as much later as is left out (as Java's ZonedDateTime has it).
 */
export function momentOf(zone: string, wall: number): number {
  const before = offsetAt(zone, wall - DAY_MS);
  const after = offsetAt(zone, wall + DAY_MS);
  if (before !== after && offsetAt(zone, wall - before) !== before && offsetAt(zone, wall - after) === after) {
    return wall - after;
  }
  return wall - before;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, format);
  return format;
}
