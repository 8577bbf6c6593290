import { expect, it } from 'vitest';
import { readZonedTime, writeZonedTime } from '../../../src/dialects/knime/schedules/zoned-time.ts';

const at = (text: string): number => Date.parse(text);

it('times are read and written as Java has them', () => {
  for (const [text, iso, zone] of [
    ['2021-03-29T00:40+02:00[Europe/Berlin]', '2021-03-28T22:40Z', 'Europe/Berlin'],
    ['2021-04-07T00:40:00.003+02:00[Europe/Berlin]', '2021-04-06T22:40:00.003Z', 'Europe/Berlin'],
    ['2021-12-01T07:00:59+01:00[Europe/Berlin]', '2021-12-01T06:00:59Z', 'Europe/Berlin'],
    ['2021-12-01T07:00Z[UTC]', '2021-12-01T07:00Z', 'UTC'],
    ['2021-12-01T07:00-03:30', '2021-12-01T10:30Z', '-03:30'],
  ] as const) {
    expect(readZonedTime(text), text).toEqual({ at: at(iso), zone });
    expect(writeZonedTime(at(iso), zone)).toBe(text);
  }
});

it('the offset decides the moment, the zone alone where there is none', () => {
  expect(readZonedTime('2021-07-01T12:00[Europe/Berlin]')).toEqual({
    at: at('2021-07-01T10:00Z'),
    zone: 'Europe/Berlin',
  });
  expect(readZonedTime('2021-07-01T12:00Z[Europe/Berlin]')).toEqual({
    at: at('2021-07-01T12:00Z'),
    zone: 'Europe/Berlin',
  });
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  expect(readZonedTime('2021-07-01T12:00:00.123456789')?.zone).toBe(here);
  expect(readZonedTime('2021-07-01T12:00Z')).toEqual({ at: at('2021-07-01T12:00Z'), zone: '+00:00' });
  expect(writeZonedTime(at('2021-07-01T12:00Z'), '+00:00')).toBe('2021-07-01T12:00Z');
});

it('what is no such time is not read', () => {
  for (const text of ['', 'now', '2021-07-01', '2021-13-01T00:00Z', '2021-07-01T25:00Z', '2021-07-01T12:00+99:00'])
    expect(readZonedTime(text), text).toBeUndefined();
  expect(readZonedTime('2021-07-01T12:00+02:00[Mars/Base]')).toBeUndefined();
});
