import * as z from 'zod';
import { fail } from '../../../model/errors.ts';
import { choices } from '../choices.ts';
import { lastOf } from '../query.ts';

/** Milliseconds, `-1` for as long as it takes (reference section 2.3). */
export const timeoutField = (description: string) =>
  z
    .preprocess((value) => {
      const last = lastOf(value);
      return typeof last === 'string' && /^-?\d{1,15}$/.test(last) ? Number(last) : last;
    }, z.int().min(-1).max(Number.MAX_SAFE_INTEGER))
    .optional()
    .meta({ description: `${description} Milliseconds; -1: as long as it takes.`, default: -1, example: 10_000 });

/** How long to wait, in milliseconds. */
export const waitOf = (timeout: number | undefined): number =>
  timeout === undefined || timeout < 0 ? choices.longestWaitMs : Math.min(timeout, choices.longestWaitMs);

export const waitOver = (what: string, timeout: number) =>
  fail('wait-over', `The ${what} did not end within ${timeout} ms (timeout) and was cancelled.`);

/** Nothing is done in no time, however quick it is (reference trap 5). */
export function refuseNoTime(timeout: number | undefined, message: string): void {
  if (timeout === 0) throw fail('wait-over', message);
}
