import { createRequire } from 'node:module';
import { readCron } from './cron.ts';
import { fail } from './errors.ts';
import { fixedOffset } from './zone.ts';

type Croner = typeof import('croner');
let croner: Croner | undefined;

/** Loaded with the first cron expression: most servers never see one. */
function library(): Croner {
  croner ??= createRequire(import.meta.url)('croner') as Croner;
  return croner;
}

/**
 * When a cron expression is due after a moment (milliseconds since 1970, not itself); undefined for never. Times that
 * clocks leave out come at the first moment behind the gap where hour, minute and second are one value each, and else do not
 * come; a time that is shown twice is due once where they are one value each, and else both times. Throws `invariant` on an expression that
 * `readCron` does not know.
 */
export function nextCronTime(text: string, zone: string, after: number): number | undefined {
  const read = readCron(text);
  if ('fault' in read) throw fail('invariant', `The cron expression "${text}" does not fit: ${read.fault}.`);
  const { pattern, bothDays } = read.cron;
  const offset = fixedOffset(zone);
  const { Cron } = library();
  const cron = new Cron(pattern, {
    mode: '7-part',
    domAndDow: bothDays,
    ...(offset === undefined ? { timezone: zone } : { utcOffset: offset / 60_000 }),
  });
  return cron.nextRun(new Date(after))?.getTime();
}
