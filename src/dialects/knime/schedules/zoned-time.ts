import { isZone, localZone, momentOf, offsetAt } from '../../../model/zone.ts';

/** `2021-03-29T00:40+02:00[Europe/Berlin]`, seconds, offset and zone as far as they are there. */
const shape = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?(?:\[([\w/+:-]{1,100})\])?$/;

/** A Java ZonedDateTime as moment and zone; undefined for what is none. */
export function readZonedTime(text: string): { at: number; zone: string } | undefined {
  const [found, date, time, second = '00', fraction = '0', offset, named] = shape.exec(text) ?? [];
  if (found === undefined) return undefined;
  const wall = Date.parse(`${date}T${time}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}Z`);
  const zone = named ?? (offset === 'Z' ? '+00:00' : offset) ?? localZone;
  if (Number.isNaN(wall) || !isZone(zone) || (offset !== undefined && offset !== 'Z' && !isZone(offset)))
    return undefined;
  // The moment is what the offset says, as in Java; the zone alone decides where there is none.
  if (offset === undefined) return { at: momentOf(zone, wall), zone };
  return { at: wall - (offset === 'Z' ? 0 : offsetAt(offset, wall)), zone };
}

/** As Java writes it: no seconds where they are zero, and no zone that is an offset only. */
export function writeZonedTime(at: number, zone: string): string {
  const offset = offsetAt(zone, at);
  const [date, time] = new Date(at + offset).toISOString().slice(0, -1).split('T');
  const short = time!.replace(/\.000$/, '').replace(/^(\d\d:\d\d):00$/, '$1');
  return `${date}T${short}${offsetText(offset)}${/^[+-]/.test(zone) ? '' : `[${zone}]`}`;
}

function offsetText(offset: number): string {
  if (offset === 0) return 'Z';
  const minutes = Math.abs(offset) / 60_000;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}
