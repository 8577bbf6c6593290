import { describe, expect, it } from 'vitest';
import { nextTime } from '../../src/model/next-time.ts';
import type { ScheduleFilter, Timing } from '../../src/model/schedule.ts';
import { isZone, momentOf, offsetAt } from '../../src/model/zone.ts';

const berlin = 'Europe/Berlin';
const at = (text: string): number => Date.parse(text);
const window = (from: number, to: number) => ({ times: [{ from, to }] });

/** The first times after a moment, as UTC. */
function times(timing: Timing, after: string, count: number): string[] {
  const found: string[] = [];
  let last = at(after);
  for (let turn = 0; turn < count; turn++) {
    const next = nextTime(timing, last);
    if (next === undefined) return [...found, 'never'];
    expect(next).toBeGreaterThan(last);
    found.push(new Date(next).toISOString().replace(':00.000Z', 'Z'));
    last = next;
  }
  return found;
}

const timing = (start: string, every?: Timing['every'], filter?: ScheduleFilter, zone = berlin): Timing => ({
  zone,
  startAt: at(start),
  ...(every ? { every } : {}),
  ...(filter ? { filter } : {}),
});

describe('the next time of a schedule', () => {
  it('is its start, and never again without a repetition', () => {
    const once = timing('2026-03-01T08:00Z');
    expect(times(once, '2026-01-01T00:00Z', 2)).toEqual(['2026-03-01T08:00Z', 'never']);
    expect(times({ ...once, filter: { months: ['april'] } }, '2026-01-01T00:00Z', 1)).toEqual(['never']);
    expect(times({ ...once, filter: window(0, 3600) }, '2026-01-01T00:00Z', 1)).toEqual(['never']);
  });

  it('is every so many minutes or hours, counted from the start, never before it', () => {
    expect(times(timing('2026-03-01T08:00Z', { count: 7, unit: 'minutes' }), '2026-03-01T08:01Z', 2)).toEqual([
      '2026-03-01T08:07Z',
      '2026-03-01T08:14Z',
    ]);
    expect(times(timing('2026-03-01T08:00Z', { count: 36, unit: 'hours' }), '2026-01-01T00:00Z', 2)).toEqual([
      '2026-03-01T08:00Z',
      '2026-03-02T20:00Z',
    ]);
  });

  it('is due at the moment itself only for those who ask from before', () => {
    const every = timing('2026-03-01T08:00Z', { count: 1, unit: 'hours' });
    expect(nextTime(every, at('2026-03-01T09:00Z') - 1)).toBe(at('2026-03-01T09:00Z'));
    expect(nextTime(every, at('2026-03-01T09:00Z'))).toBe(at('2026-03-01T10:00Z'));
  });

  it('is every so many seconds', () => {
    expect(times(timing('2026-03-01T08:00Z', { count: 45, unit: 'seconds' }), '2026-03-01T08:00:50Z', 2)).toEqual([
      '2026-03-01T08:01:30.000Z',
      '2026-03-01T08:02:15.000Z',
    ]);
  });

  it('is none after the end, which itself is within', () => {
    const endAt = at('2026-03-01T10:00Z');
    const hourly = { ...timing('2026-03-01T08:00Z', { count: 1, unit: 'hours' }), endAt };
    expect(times(hourly, '2026-03-01T08:30Z', 3)).toEqual(['2026-03-01T09:00Z', '2026-03-01T10:00Z', 'never']);
    expect(times({ ...hourly, endAt: endAt - 1 }, '2026-03-01T08:30Z', 2)).toEqual(['2026-03-01T09:00Z', 'never']);
    expect(times({ ...timing('2026-03-02T08:00Z'), endAt }, '2026-01-01T00:00Z', 1)).toEqual(['never']);
    const daily = { ...timing('2026-02-27T08:00Z', { count: 1, unit: 'days' }), endAt };
    expect(times(daily, '2026-02-27T08:00Z', 3)).toEqual(['2026-02-28T08:00Z', '2026-03-01T08:00Z', 'never']);
  });

  it('of a cron expression is one in its zone, from the start on, the start itself within', () => {
    const cron = { ...timing('2026-03-01T08:00Z'), cron: '0 9 * * *', endAt: at('2026-03-03T08:00Z') };
    expect(times(cron, '2026-01-01T00:00Z', 4)).toEqual([
      '2026-03-01T08:00Z',
      '2026-03-02T08:00Z',
      '2026-03-03T08:00Z',
      'never',
    ]);
    expect(times({ ...cron, startAt: at('2026-03-01T08:00:00.001Z') }, '2026-01-01T00:00Z', 1)).toEqual([
      '2026-03-02T08:00Z',
    ]);
  });

  it('is the same time on the wall clock, days later, in summer and in winter', () => {
    const daily = timing('2026-03-27T06:00Z', { count: 1, unit: 'days' });
    expect(times(daily, '2026-03-27T06:00Z', 3)).toEqual([
      '2026-03-28T06:00Z',
      '2026-03-29T05:00Z',
      '2026-03-30T05:00Z',
    ]);
    expect(times(daily, '2026-10-23T12:00Z', 3)).toEqual([
      '2026-10-24T05:00Z',
      '2026-10-25T06:00Z',
      '2026-10-26T06:00Z',
    ]);
    expect(times({ ...daily, every: { count: 3, unit: 'days' } }, '2026-03-27T06:00Z', 2)).toEqual([
      '2026-03-30T05:00Z',
      '2026-04-02T05:00Z',
    ]);
  });

  it('is later by what is left out where clocks are put forward', () => {
    // 02:30 is not there on 29 March; it is 03:30 instead.
    expect(times(timing('2026-03-28T01:30Z', { count: 1, unit: 'days' }), '2026-03-28T01:30Z', 2)).toEqual([
      '2026-03-29T01:30Z',
      '2026-03-30T00:30Z',
    ]);
  });

  it('is once a day where clocks are put back, and at the first of the two', () => {
    expect(times(timing('2026-10-24T00:30Z', { count: 1, unit: 'days' }), '2026-10-24T00:30Z', 3)).toEqual([
      '2026-10-25T00:30Z',
      '2026-10-26T01:30Z',
      '2026-10-27T01:30Z',
    ]);
  });

  it('is within the windows of the day, which may be one minute long', () => {
    const seven = { from: 7 * 3600, to: 7 * 3600 + 59 };
    const noon = { from: 12 * 3600, to: 12 * 3600 + 59 };
    const windows = timing('2026-06-01T00:00Z', { count: 1, unit: 'minutes' }, { times: [noon, seven] });
    expect(times(windows, '2026-06-01T00:00Z', 3)).toEqual([
      '2026-06-01T05:00Z',
      '2026-06-01T10:00Z',
      '2026-06-02T05:00Z',
    ]);
    const seconds = timing('2026-06-01T00:00:30Z', { count: 1, unit: 'minutes' }, window(7 * 3600, 7 * 3600 + 59));
    expect(times(seconds, '2026-06-01T00:00Z', 1)).toEqual(['2026-06-01T05:00:30.000Z']);
    const last = timing('2026-06-01T21:59:59.500Z', { count: 1, unit: 'hours' }, window(86_399, 86_399));
    expect(times(last, '2026-06-01T00:00Z', 1)).toEqual(['2026-06-01T21:59:59.500Z']);
  });

  it('has windows of an hour that is left out not that day, and of one that comes twice both times', () => {
    const early = window(2 * 3600 + 1800, 2 * 3600 + 1859);
    const everyMinute = { count: 1, unit: 'minutes' } as const;
    expect(times(timing('2026-03-28T12:00Z', everyMinute, early), '2026-03-28T12:00Z', 1)).toEqual([
      '2026-03-30T00:30Z',
    ]);
    expect(times(timing('2026-10-24T12:00Z', everyMinute, early), '2026-10-24T12:00Z', 3)).toEqual([
      '2026-10-25T00:30Z',
      '2026-10-25T01:30Z',
      '2026-10-26T01:30Z',
    ]);
  });

  it('has windows until midnight on days of 23 and 25 hours', () => {
    const late = window(23 * 3600, 86_399);
    const hourly = { count: 1, unit: 'hours' } as const;
    expect(times(timing('2026-03-28T12:00Z', hourly, late), '2026-03-29T00:00Z', 1)).toEqual(['2026-03-29T21:00Z']);
    expect(times(timing('2026-10-24T12:00Z', hourly, late), '2026-10-25T00:00Z', 1)).toEqual(['2026-10-25T22:00Z']);
  });

  it('is on certain days of the week, in certain months', () => {
    const filter: ScheduleFilter = { daysOfWeek: ['monday', 'sunday'], months: ['june', 'december'] };
    for (const unit of ['days', 'hours'] as const) {
      const every = { count: unit === 'days' ? 1 : 24, unit };
      expect(times(timing('2026-06-01T10:00Z', every, filter), '2026-06-01T00:00Z', 3)).toEqual([
        '2026-06-01T10:00Z',
        '2026-06-07T10:00Z',
        '2026-06-08T10:00Z',
      ]);
    }
    const daily = timing('2026-06-01T10:00Z', { count: 1, unit: 'days' }, filter, 'UTC');
    expect(times(daily, '2026-06-30T00:00Z', 1)).toEqual(['2026-12-06T10:00Z']);
  });

  it('takes day 32 for the last of the month, whichever it is', () => {
    const last = timing('2027-01-01T12:00Z', { count: 1, unit: 'days' }, { daysOfMonth: [32] }, 'UTC');
    expect(times(last, '2027-01-01T12:00Z', 4)).toEqual([
      '2027-01-31T12:00Z',
      '2027-02-28T12:00Z',
      '2027-03-31T12:00Z',
      '2027-04-30T12:00Z',
    ]);
    expect(times(last, '2028-02-01T12:00Z', 1)).toEqual(['2028-02-29T12:00Z']);
    const thirtyFirst = { ...last, filter: { daysOfMonth: [31] } };
    expect(times(thirtyFirst, '2027-02-01T12:00Z', 2)).toEqual(['2027-03-31T12:00Z', '2027-05-31T12:00Z']);
  });

  it('finds a rare day, and knows when there is none', () => {
    const leap: ScheduleFilter = { months: ['february'], daysOfMonth: [29], daysOfWeek: ['sunday'] };
    const minutes = { count: 1, unit: 'minutes' } as const;
    expect(times(timing('2026-01-01T00:00Z', minutes, leap), '2026-01-01T00:00Z', 1)).toEqual(['2032-02-28T23:00Z']);
    const none: ScheduleFilter = { months: ['february'], daysOfMonth: [30] };
    const before = performance.now();
    expect(nextTime(timing('2026-01-01T00:00Z', minutes, none), 0)).toBeUndefined();
    expect(nextTime(timing('2026-01-01T00:00Z', { count: 1, unit: 'days' }, none), 0)).toBeUndefined();
    // The grid never meets the window: 10:00 every 24 hours, wanted at 07:00.
    const missed = timing(
      '2026-01-01T10:00Z',
      { count: 24, unit: 'hours' },
      window(7 * 3600, 7 * 3600 + 59),
      'Asia/Tokyo',
    );
    expect(nextTime(missed, 0)).toBeUndefined();
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  it('agrees with looking at every minute', () => {
    const filter: ScheduleFilter = {
      times: [
        { from: 0, to: 5400 },
        { from: 9000, to: 9059 },
        { from: 82_800, to: 86_399 },
      ],
      daysOfMonth: [1, 25, 28, 29, 32],
    };
    for (const zone of [
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
      'UTC',
      '-03:30',
    ]) {
      for (const start of ['2026-03-27T00:10Z', '2026-10-23T23:50Z', '2026-10-31T00:00Z']) {
        const every = timing(start, { count: 10, unit: 'minutes' }, filter, zone);
        let last = at(start) - 1;
        const end = last + 4 * 86_400_000;
        for (let minute = at(start); minute < end; minute += 600_000) {
          const wall = new Date(minute + offsetAt(zone, minute));
          const second = wall.getUTCHours() * 3600 + wall.getUTCMinutes() * 60 + wall.getUTCSeconds();
          const isLast = new Date(wall.getTime() + 86_400_000).getUTCDate() === 1;
          const day = filter.daysOfMonth?.includes(wall.getUTCDate()) || isLast;
          if (!day || !filter.times?.some(({ from, to }) => from <= second && second <= to)) continue;
          expect(nextTime(every, last), `${zone} after ${new Date(last).toISOString()}`).toBe(minute);
          last = minute;
        }
      }
    }
  });
});

describe('time zones', () => {
  it('are those of the IANA database and fixed offsets', () => {
    for (const zone of ['UTC', 'Europe/Berlin', 'America/Argentina/Ushuaia', '+05:30', '-03:00']) {
      expect(isZone(zone), zone).toBe(true);
    }
    for (const zone of ['', 'Mars/Base', 'Berlin', '+5', '+99:00', '+0200', '../etc'])
      expect(isZone(zone), zone).toBe(false);
  });

  it('turn a wall clock into a moment', () => {
    const wall = at('2026-07-01T12:00Z');
    expect(momentOf(berlin, wall)).toBe(at('2026-07-01T10:00Z'));
    expect(momentOf('+05:30', wall)).toBe(at('2026-07-01T06:30Z'));
    expect(offsetAt('-03:30', 0)).toBe(-12_600_000);
  });
});
