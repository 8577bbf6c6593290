import { describe, expect, it } from 'vitest';
import { readCron } from '../../src/model/cron.ts';
import { nextCronTime } from '../../src/model/cron-times.ts';

const at = (text: string): number => Date.parse(text);

/** The first times after a moment, as UTC. */
function times(text: string, zone: string, after: string, count: number): string[] {
  const found: string[] = [];
  for (let last = at(after); found.length < count; ) {
    const next = nextCronTime(text, zone, last);
    if (next === undefined) return [...found, 'never'];
    expect(next).toBeGreaterThan(last);
    found.push(new Date(next).toISOString().replace('.000Z', 'Z'));
    last = next;
  }
  return found;
}

const fault = (text: string): string => {
  const read = readCron(text);
  return 'fault' in read ? read.fault : '';
};

describe('a cron expression', () => {
  it('of five fields is one of Unix: Sunday is 0 and 7, and of two sets of days one is enough', () => {
    expect(times('30 7 * * 1-5', 'UTC', '2026-11-20T08:00Z', 2)).toEqual([
      '2026-11-23T07:30:00Z',
      '2026-11-24T07:30:00Z',
    ]);
    for (const sunday of ['0', '7', 'sun']) {
      expect(times(`0 0 * * ${sunday}`, 'UTC', '2026-11-20T00:00Z', 1), sunday).toEqual(['2026-11-22T00:00:00Z']);
    }
    expect(times('0 0 13 * FRI', 'UTC', '2026-11-10T00:00Z', 3)).toEqual([
      '2026-11-13T00:00:00Z',
      '2026-11-20T00:00:00Z',
      '2026-11-27T00:00:00Z',
    ]);
    expect(times('0 0 1 * 2', 'UTC', '2026-11-29T00:00Z', 2)).toEqual(['2026-12-01T00:00:00Z', '2026-12-08T00:00:00Z']);
  });

  it('of six and seven fields is one of Quartz: Sunday is 1, the second stands first, the year last', () => {
    expect(times('15 30 7 ? * 2-6', 'UTC', '2026-11-20T08:00Z', 2)).toEqual([
      '2026-11-23T07:30:15Z',
      '2026-11-24T07:30:15Z',
    ]);
    for (const sunday of ['1', 'SUN', 'sun']) {
      expect(times(`0 0 0 ? * ${sunday}`, 'UTC', '2026-11-20T00:00Z', 1), sunday).toEqual(['2026-11-22T00:00:00Z']);
    }
    expect(times('0 0 0 1 1 ? 2030/2', 'UTC', '2026-11-20T00:00Z', 2)).toEqual([
      '2030-01-01T00:00:00Z',
      '2032-01-01T00:00:00Z',
    ]);
    expect(times('0 0 0 1 1 ? 2025', 'UTC', '2026-11-20T00:00Z', 1)).toEqual(['never']);
    expect(times('0 0 0 24 12 ? 2026', 'UTC', '2026-11-20T00:00Z', 2)).toEqual(['2026-12-24T00:00:00Z', 'never']);
  });

  it('knows last days, weekdays nearest to a date, and the n-th and the last weekday of a month', () => {
    const first = (day: string) =>
      times(`0 0 12 ${day}`, 'UTC', '2026-01-31T13:00Z', 3).map((time) => time.slice(0, 10));
    expect(first('L * ?')).toEqual(['2026-02-28', '2026-03-31', '2026-04-30']);
    expect(first('LW * ?')).toEqual(['2026-02-27', '2026-03-31', '2026-04-30']);
    expect(first('15W * ?')).toEqual(['2026-02-16', '2026-03-16', '2026-04-15']);
    expect(first('1W * ?')).toEqual(['2026-02-02', '2026-03-02', '2026-04-01']);
    expect(first('1,15W,L * ?')).toEqual(['2026-02-01', '2026-02-16', '2026-02-28']);
    expect(first('? * 6#3')).toEqual(['2026-02-20', '2026-03-20', '2026-04-17']);
    expect(first('? * FRIL')).toEqual(['2026-02-27', '2026-03-27', '2026-04-24']);
    expect(first('? * 1L')).toEqual(['2026-02-22', '2026-03-29', '2026-04-26']);
    expect(first('? * L')).toEqual(['2026-02-07', '2026-02-14', '2026-02-21']);
    expect(first('? * 2#5')).toEqual(['2026-03-30', '2026-06-29', '2026-08-31']);
  });

  it('has lists, ranges that go over the end, and steps from a value on', () => {
    expect(times('0 0 22-1 ? * *', 'UTC', '2026-01-01T12:00Z', 5).map((time) => time.slice(8, 13))).toEqual([
      '01T22',
      '01T23',
      '02T00',
      '02T01',
      '02T22',
    ]);
    expect(times('0 0 0 ? * FRI-MON', 'UTC', '2026-11-19T00:00Z', 5).map((time) => time.slice(8, 10))).toEqual([
      '20',
      '21',
      '22',
      '23',
      '27',
    ]);
    expect(times('0 0 * * FRI-MON', 'UTC', '2026-11-19T12:00Z', 2).map((time) => time.slice(8, 13))).toEqual([
      '20T00',
      '21T00',
    ]);
    expect(times('0 0 * * 5-1', 'UTC', '2026-11-22T12:00Z', 2).map((time) => time.slice(8, 10))).toEqual(['23', '27']);
    expect(times('0 0 0 1 NOV-FEB ?', 'UTC', '2026-01-15T00:00Z', 4).map((time) => time.slice(5, 7))).toEqual([
      '02',
      '11',
      '12',
      '01',
    ]);
    expect(times('0 10/20 * * * ?', 'UTC', '2026-01-01T00:00Z', 4).map((time) => time.slice(11, 16))).toEqual([
      '00:10',
      '00:30',
      '00:50',
      '01:10',
    ]);
    expect(times('0,30 5-7/2,50 * * * ?', 'UTC', '2026-01-01T00:00Z', 6).map((time) => time.slice(14, 19))).toEqual([
      '05:00',
      '05:30',
      '07:00',
      '07:30',
      '50:00',
      '50:30',
    ]);
  });

  it('takes * for ? where that leaves no doubt, as people write it', () => {
    expect(readCron('0 0 12 * * *')).toEqual(readCron('0 0 12 ? * *'));
    expect(readCron('0 0 12 * * MON')).toEqual(readCron('0 0 12 ? * 2'));
    expect(readCron('0 0 12 3 * *')).toEqual(readCron('0 0 12 3 * ?'));
  });

  it.each([
    ['', 'has no fields; accepted are 5'],
    ['* * * *', 'has 4 fields'],
    ['0 0 0 1 1 ? 2030 7', 'has 8 fields'],
    ['61 * * * *', 'minute "61": accepted are 0 to 59'],
    ['* 24 * * *', 'hour "24": accepted are 0 to 23'],
    ['* * 0 * *', 'day of month "0": accepted are 1 to 31'],
    ['* * * 13 *', 'month "13": accepted are 1 to 12 (JAN to DEC)'],
    ['* * * * 8', 'day of week "8": accepted are 0 to 7 (SUN to SAT)'],
    ['* * ? * *', 'day of month "?"'],
    ['* * L * *', 'day of month "L"'],
    ['60 * * * * ?', 'second "60"'],
    ['? * * * * ?', 'second "?"'],
    ['* 1.5 * * * ?', 'minute "1.5"'],
    ['* 1- * * * ?', 'minute "1-"'],
    ['* -1 * * * ?', 'minute "-1"'],
    ['* 1-2-3 * * * ?', 'minute "1-2-3"'],
    ['* ,1 * * * ?', 'minute ",1"'],
    ['* */0 * * * ?', 'minute "*/0"'],
    ['* */60 * * * ?', 'minute "*/60"'],
    ['* 1/2/3 * * * ?', 'minute "1/2/3"'],
    [
      '0 0 0 32 * ?',
      'day of month "32": accepted are 1 to 31, *, lists (1,5), ranges (1-5) and steps (*/5), ?, L, LW and 15W',
    ],
    ['0 0 0 32W * ?', 'day of month "32W"'],
    ['0 0 0 L-3 * ?', 'day of month "L-3"'],
    ['0 0 0 ? * 0', 'day of week "0": accepted are 1 to 7 (SUN to SAT)'],
    ['0 0 0 ? * 8', 'day of week "8"'],
    ['0 0 0 ? * 2#6', 'day of week "2#6"'],
    ['0 0 0 ? * XYZL', 'day of week "XYZL"'],
    ['0 0 0 ? FOO 2', 'month "FOO"'],
    ['0 0 0 1 1 ? 1969', 'year "1969": accepted are 1970 to 2099'],
    ['0 0 0 1 1 ? 2030-2029', 'year "2030-2029"'],
    ['0 0 0 1 1 2', 'day of month and day of week: accepted is exactly one of the two'],
    ['0 0 0 ? 1 ?', 'day of month and day of week: accepted is exactly one of the two'],
    [`${'0,'.repeat(600)}0 * * * *`, 'is longer than 1000 characters'],
    ['@daily', 'has 1 field'],
  ])('refuses %j and says why', (text, why) => {
    expect(fault(text)).toContain(why);
  });

  it('that is never due is known at once', () => {
    const before = performance.now();
    for (const text of [
      '0 0 0 31 2 ?',
      '0 0 31 2 *',
      '* * * 31 APR,JUN,SEP,NOV ?',
      '0 0 0 30 2 ? 2030-2099',
      '* * * 29 2 ? 2026-2027',
    ]) {
      for (const zone of ['UTC', 'America/New_York', '+05:30']) {
        expect(nextCronTime(text, zone, at('2026-01-01T00:00Z')), text).toBeUndefined();
      }
    }
    expect(performance.now() - before).toBeLessThan(2_000);
  });

  it('finds a day that is decades away', () => {
    expect(times('0 0 29 2 *', 'UTC', '2096-03-01T00:00Z', 1)).toEqual(['2104-02-29T00:00:00Z']);
    expect(times('0 0 0 ? 2 1#5', 'UTC', '2033-01-01T00:00Z', 1)).toEqual(['2060-02-29T00:00:00Z']);
  });

  it('is due after a moment between two seconds, and not at the moment itself', () => {
    expect(nextCronTime('* * * * * ?', 'UTC', at('2026-01-01T00:00:00.500Z'))).toBe(at('2026-01-01T00:00:01Z'));
    expect(nextCronTime('* * * * * ?', 'UTC', at('2026-01-01T00:00:00.999Z'))).toBe(at('2026-01-01T00:00:01Z'));
    expect(nextCronTime('* * * * * ?', 'UTC', at('2026-01-01T00:00:01Z'))).toBe(at('2026-01-01T00:00:02Z'));
  });

  it('is read on the clock of a zone or of a fixed offset', () => {
    expect(times('0 12 * * *', 'Asia/Kathmandu', '2026-01-01T00:00Z', 1)).toEqual(['2026-01-01T06:15:00Z']);
    expect(times('0 12 * * *', '-03:30', '2026-01-01T00:00Z', 1)).toEqual(['2026-01-01T15:30:00Z']);
  });

  it('of one time of day comes after the gap where clocks are put forward, and once where they are put back', () => {
    expect(times('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00Z', 3)).toEqual([
      '2026-03-28T01:30:00Z',
      '2026-03-29T01:00:00Z',
      '2026-03-30T00:30:00Z',
    ]);
    expect(times('30 2 * * *', 'Europe/Berlin', '2026-10-24T00:00Z', 3)).toEqual([
      '2026-10-24T00:30:00Z',
      '2026-10-25T00:30:00Z',
      '2026-10-26T01:30:00Z',
    ]);
  });

  it('of many times goes on through the hour that comes twice, and has none in the one that is left out', () => {
    expect(times('*/30 * * * *', 'Europe/Berlin', '2026-10-25T00:00Z', 4).map((time) => time.slice(11, 16))).toEqual([
      '00:30',
      '01:00',
      '01:30',
      '02:00',
    ]);
    expect(times('*/30 2 * * *', 'Europe/Berlin', '2026-03-29T00:00Z', 1)).toEqual(['2026-03-30T00:00:00Z']);
  });
});
