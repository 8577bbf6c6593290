import { type Problem, problem } from '../model/errors.ts';
import type { Outcome } from '../model/run.ts';
import type { RunEnd } from './protocol.ts';

/** Why a run is stopped from outside. */
export type StopReason =
  | { kind: 'cancel'; reason: string }
  | { kind: 'limit'; error: Problem }
  | { kind: 'drain' }
  /** The thread is gone. */
  | { kind: 'thread'; reason: string; blame: boolean }
  /** The lease is another's: nothing may be written any more. */
  | { kind: 'lease' };

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
  }
}

/** What a run is failed with when one of its time limits ends. */
export const limitProblem = (which: 'run' | 'total', ms: number): Problem =>
  which === 'run'
    ? problem('run-time-exceeded', {
        detail: `The run took longer than its limit of ${ms / 1000} s.`,
        extra: { limitSeconds: ms / 1000 },
      })
    : problem('total-time-exceeded', {
        detail: `The job took longer than its limit of ${ms / 1000} s in all.`,
        extra: { limitSeconds: ms / 1000 },
      });

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
      return undefined;
    case 'cancel':
      return { kind: 'cancelled', reason: stop.reason };
    case 'limit':
      return { kind: 'failed', error: stop.error };
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
