import { type Problem, problem } from '../model/errors.ts';
import type { Job } from '../model/job.ts';
import type { Payload } from '../model/payload.ts';
import type { Outcome, Wait } from '../model/run.ts';

/** What the end of a run makes of its job: one rule for every store. */
export type Settled =
  | { state: 'completed'; output: Payload }
  | { state: 'failed'; error: Problem }
  | { state: 'cancelled'; reason: string }
  /** `resume`: the next run goes on with the same attempt and its journal; else it begins a new one. */
  | { state: 'queued'; resume: boolean; runAt?: number; blamed: boolean }
  | { state: 'waiting'; waits: Wait[] };

/** The facts of a job that decide. `cancelReason` is there when a cancel was requested. */
export interface Settling {
  onInterrupted: Job['onInterrupted'];
  interruptions: number;
  cancelReason?: string;
}

export function settle(job: Settling, end: { outcome: Outcome; retryAt?: number; maxInterruptions: number }): Settled {
  const { outcome } = end;
  if (outcome.kind === 'completed') return { state: 'completed', output: outcome.output };
  if (outcome.kind === 'cancelled') return { state: 'cancelled', reason: job.cancelReason ?? outcome.reason };
  if (outcome.kind === 'failed' && end.retryAt === undefined) return { state: 'failed', error: outcome.error };
  // What is left would go on later, and a job that was asked to end does not.
  if (job.cancelReason !== undefined) return { state: 'cancelled', reason: job.cancelReason };
  if (outcome.kind === 'failed') return { state: 'queued', resume: false, runAt: end.retryAt!, blamed: false };
  if (outcome.kind === 'waiting') return { state: 'waiting', waits: outcome.waits };
  return afterInterruption(job, outcome, end.maxInterruptions);
}

function afterInterruption(
  job: Settling,
  { reason, blame }: { reason: string; blame: boolean },
  maxInterruptions: number,
): Settled {
  if (job.onInterrupted === 'fail') {
    const detail = `The run was cut off (${reason}) and the workflow says onInterrupted: fail.`;
    return { state: 'failed', error: problem('interrupted', detail) };
  }
  if (blame && job.interruptions + 1 > maxInterruptions) {
    const detail = `The run was cut off ${job.interruptions + 1} times, the last time: ${reason}.`;
    return { state: 'failed', error: problem('interrupted', detail) };
  }
  return { state: 'queued', resume: job.onInterrupted === 'resume', blamed: blame };
}
