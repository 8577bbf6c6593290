import { fail } from '../model/errors.ts';

/** What a client prefers (RFC 7240), as far as we honour it. */
export interface Preference {
  /** Milliseconds to wait for the result; 0: answer at once. */
  waitMs: number;
  /** Value for `Preference-Applied`; absent when nothing was asked for. */
  applied?: string;
}

/**
 * Reads a `Prefer` header: `wait=N` in seconds, capped, and `respond-async`, which together mean: wait so long, then
 * answer 202. Unknown preferences are ignored, as the RFC wants; a wait that is not a number is refused.
 */
export function readPrefer(header: string | string[] | undefined, fallbackMs: number, maxMs: number): Preference {
  if (header === undefined) return { waitMs: fallbackMs };
  const parts = String(header)
    .split(/[,;]/)
    .map((part) => part.trim().toLowerCase());
  const wait = parts.find((part) => part.startsWith('wait'));
  const async = parts.includes('respond-async');
  if (wait === undefined) return async ? { waitMs: 0, applied: 'respond-async' } : { waitMs: fallbackMs };
  const match = /^wait\s*=\s*"?(\d{1,9})"?$/.exec(wait);
  if (!match) {
    throw fail('invalid-input', {
      detail: `Prefer: ${JSON.stringify(wait)} is not a wait. Accepted: wait=N with N in whole seconds.`,
      errors: [{ pointer: 'Prefer', in: 'header', message: 'Accepted: wait=N with N in whole seconds.' }],
    });
  }
  const seconds = Math.min(Number(match[1]), Math.floor(maxMs / 1000));
  return { waitMs: seconds * 1000, applied: `${async ? 'respond-async, ' : ''}wait=${seconds}` };
}
