import { type Problem, problem } from '../model/errors.ts';
import type { Outcome } from '../model/run.ts';
import type { RunEnd } from './protocol.ts';

/** Why a run is stopped from outside. */
export type StopReason =
  | { kind: 'cancel'; reason: string }
  /** A time limit ended; `cancel`: the job does not fail of it. */
  | { kind: 'limit'; error: Problem; cancel?: boolean }
  | { kind: 'drain' }
  /** The thread is gone. */
  | { kind: 'thread'; reason: string; blame: boolean }
  /** The lease is another's: nothing may be written any more. */
  | { kind: 'lease' }
  /** The job could not be stored, and whoever submitted it was told so: there is no such job. */
  | { kind: 'refused' };

/** The reason as a sentence. */
export function stopText(reason: StopReason): string {
  switch (reason.kind) {
    case 'cancel':
      return reason.reason;
    case 'limit':
      return reason.error.detail ?? 'A time limit ended.';
    case 'drain':
      return 'The server is stopping.';
    case 'thread':
      return `The worker thread was lost: ${reason.reason}.`;
    case 'lease':
      return 'The job was given to another worker.';
    case 'refused':
      return 'The job could not be stored.';
  }
}

/** What a run is failed with when one of its time limits ends. */
export function limitProblem(which: 'run' | 'start' | 'total', ms: number): Problem {
  const limit = `${ms / 1000} s`;
  const extra = { limitSeconds: ms / 1000 };
  if (which === 'total') {
    return problem('total-time-exceeded', { detail: `The job took longer than its limit of ${limit} in all.`, extra });
  }
  const detail =
    which === 'run'
      ? `The run took longer than its limit of ${limit}.`
      : `The job was not final ${limit} after its first run began.`;
  return problem('run-time-exceeded', { detail, extra });
}

/**
 * The outcome of a run from why it was stopped, if it was, and what it said itself: its `end`, and `own`, the outcome
 * in it. Undefined when nothing may be recorded.
 */
export function outcomeOf(
  stop: StopReason | undefined,
  end: RunEnd | undefined,
  own: Outcome | undefined,
): Outcome | undefined {
  switch (stop?.kind) {
    case 'lease':
    case 'refused':
      return undefined;
    case 'cancel':
      return { kind: 'cancelled', reason: stop.reason };
    case 'limit':
      return stop.cancel ? { kind: 'cancelled', reason: stopText(stop) } : { kind: 'failed', error: stop.error };
    case 'drain':
      // What came to its end while the order to stop was on its way has ended.
      return own ?? { kind: 'interrupted', reason: stopText(stop), blame: false };
    case 'thread':
      return { kind: 'interrupted', reason: stopText(stop), blame: stop.blame };
    default:
      if (end?.kind === 'failed') return { kind: 'failed', error: end.error };
      return own ?? { kind: 'interrupted', reason: 'The run stopped without an outcome.', blame: true };
  }
}
