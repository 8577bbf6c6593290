import { createHash } from 'node:crypto';
import type { Json } from '../../model/json.ts';
import { type At, fields, integer, reference } from './check.ts';
import type { Condition, DurationOf, Frame } from './model.ts';
import type { Site } from './site.ts';

/** When and after which delay a list of tasks is tried again (DSL reference, "Retry"). */
export interface RetryPlan {
  /** Milliseconds before retry `number` (from 1), or undefined when it must not be done. */
  delay(frame: Frame, data: Json, number: number, elapsedMs: number): number | undefined;
  /** Milliseconds one attempt may take. */
  attemptLimit?: DurationOf;
}

/** No delay is longer, whatever the back-off makes of it: a week. */
const LONGEST_DELAY_MS = 7 * 86_400_000;
/** A policy that limits neither attempts nor time does not try more often than this, in milliseconds. */
const UNLIMITED_FLOOR_MS = 1000;

/** Reads a retry policy, inline or by its name under `use`; `site` sees the error variable. */
export function compileRetry(at: At, site: Site): RetryPlan {
  const place = typeof at.value === 'string' ? reference(at, 'retries', site.use.retries) : at;
  const known = ['when', 'exceptWhen', 'delay', 'backoff', 'limit', 'jitter'];
  const read = place && fields(place, { what: 'retry', known });
  const when = condition(read?.get('when'), 'when', site);
  const exceptWhen = condition(read?.get('exceptWhen'), 'exceptWhen', site);
  const base = duration(read?.get('delay'), 'retry.delay', site);
  const factor = backoff(read?.get('backoff'));
  const limit = compileLimit(read?.get('limit'), site);
  const jitter = compileJitter(read?.get('jitter'), site);
  return {
    delay(frame, data, number, elapsedMs) {
      if (limit.count !== undefined && number > limit.count) return undefined;
      if (when && !when(frame, data)) return undefined;
      if (exceptWhen?.(frame, data)) return undefined;
      const planned =
        Math.min(LONGEST_DELAY_MS, (base?.(frame, data) ?? 0) * factor(number)) + jitter(frame, data, number);
      const delay = Math.round(limit.none ? Math.max(planned, UNLIMITED_FLOOR_MS) : planned);
      const total = limit.total?.(frame, data);
      return total !== undefined && elapsedMs + delay > total ? undefined : delay;
    },
    ...(limit.attempt ? { attemptLimit: limit.attempt } : {}),
  };
}

const condition = (at: At | undefined, what: string, site: Site): Condition | undefined =>
  at && site.condition(at, what);
const duration = (at: At | undefined, what: string, site: Site): DurationOf | undefined =>
  at && site.duration(at, what);

/** By what the delay is multiplied before retry 1, 2, 3 …: always 1; 1, 2, 3; 1, 2, 4. */
function backoff(at: At | undefined): (number: number) => number {
  const kinds = ['constant', 'linear', 'exponential'];
  const read = at && fields(at, { what: 'backoff', known: kinds });
  const chosen = kinds.filter((kind) => read?.has(kind));
  if (read && chosen.length !== 1) {
    at.check.issue(
      at.pointer,
      'backoff must be exactly one of { constant: {} }, { linear: {} } or { exponential: {} }.',
    );
  }
  const place = chosen[0] === undefined ? undefined : read?.get(chosen[0]);
  if (place) fields(place, { what: `the ${chosen[0]} backoff, which has no settings` });
  if (chosen[0] === 'linear') return (number) => number;
  return chosen[0] === 'exponential' ? (number) => 2 ** Math.min(number - 1, 40) : () => 1;
}

function compileLimit(at: At | undefined, site: Site) {
  const read = at && fields(at, { what: 'limit', known: ['attempt', 'duration'] });
  const place = read?.get('attempt');
  const attempts = place && fields(place, { what: 'limit.attempt', known: ['count', 'duration'] });
  const count = integer(attempts?.get('count'), 'limit.attempt.count');
  if (count !== undefined && count < 0)
    place!.check.issue(`${place!.pointer}/count`, 'limit.attempt.count must not be negative.');
  const total = duration(read?.get('duration'), 'limit.duration', site);
  const attempt = duration(attempts?.get('duration'), 'limit.attempt.duration', site);
  return { count, total, attempt, none: count === undefined && total === undefined };
}

/** A random share between `from` and `to`, the same again when the run is repeated: drawn from the job and the step. */
function compileJitter(at: At | undefined, site: Site): (frame: Frame, data: Json, number: number) => number {
  const read = at && fields(at, { what: 'jitter', known: ['from', 'to'], required: ['from', 'to'] });
  const from = duration(read?.get('from'), 'jitter.from', site);
  const to = duration(read?.get('to'), 'jitter.to', site);
  return (frame, data, number) => {
    if (!from || !to) return 0;
    const low = from(frame, data);
    const hash = createHash('sha256').update(`${frame.context.job.uuid} ${frame.key} ${number}`).digest();
    return low + Math.max(0, to(frame, data) - low) * (hash.readUInt32BE(0) / 2 ** 32);
  };
}
