import { interruptionPolicies, type JobLimits, type RetryPolicy } from '../../model/job.ts';
import type { WorkflowInfo } from '../../model/workflow.ts';
import { type At, fields, integer, oneOf, string } from './check.ts';
import { durationMs, durationProblem } from './durations.ts';

/**
 * Reads `document.metadata.millrace`: how the jobs of this workflow are to be run, which the DSL has no words for.
 *
 *     metadata:
 *       millrace:
 *         queue: nightly                  # the queue its jobs go to
 *         onInterrupted: resume           # resume | retry | fail, when a run was cut off
 *         limits: { queue: PT1H, run: { minutes: 10 }, total: P1D }
 *         retry: { count: 3, delay: PT10S, backoff: exponential, maxDelay: PT5M, jitter: 0.2 }
 *
 * A submit may say otherwise.
 */
export function readHints(at: At | undefined): Pick<WorkflowInfo, 'limits' | 'retry' | 'onInterrupted' | 'queue'> {
  const known = ['limits', 'retry', 'onInterrupted', 'queue'];
  const read = at && fields(at, { what: 'metadata.millrace', known });
  const queue = string(read?.get('queue'), 'queue');
  const retry = readRetry(read?.get('retry'));
  return {
    limits: readLimits(read?.get('limits')),
    onInterrupted: oneOf(read?.get('onInterrupted'), 'onInterrupted', interruptionPolicies) ?? 'resume',
    ...(queue === undefined ? {} : { queue }),
    ...(retry ? { retry } : {}),
  };
}

function readLimits(at: At | undefined): JobLimits {
  const read = at && fields(at, { what: 'limits', known: ['queue', 'run', 'total'] });
  const queueMs = milliseconds(read?.get('queue'), 'limits.queue');
  const runMs = milliseconds(read?.get('run'), 'limits.run');
  const totalMs = milliseconds(read?.get('total'), 'limits.total');
  return {
    ...(queueMs === undefined ? {} : { queueMs }),
    ...(runMs === undefined ? {} : { runMs }),
    ...(totalMs === undefined ? {} : { totalMs }),
  };
}

function readRetry(at: At | undefined): RetryPolicy | undefined {
  if (!at) return undefined;
  const known = ['count', 'delay', 'backoff', 'maxDelay', 'jitter'];
  const read = fields(at, { what: 'retry', known, required: ['count'] });
  const count = integer(read?.get('count'), 'retry.count') ?? 0;
  if (count < 0 || count > 1000) at.check.issue(`${at.pointer}/count`, 'retry.count must be from 0 to 1000.');
  const jitter = read?.get('jitter');
  const share = typeof jitter?.value === 'number' ? jitter.value : 0;
  if (jitter && !(typeof jitter.value === 'number' && share >= 0 && share <= 1)) {
    jitter.check.issue(
      jitter.pointer,
      'retry.jitter must be a number from 0 to 1: the share of the delay drawn at random.',
    );
  }
  const delayMs = milliseconds(read?.get('delay'), 'retry.delay') ?? 1000;
  return {
    count,
    delayMs,
    backoff: oneOf(read?.get('backoff'), 'retry.backoff', ['constant', 'linear', 'exponential'] as const) ?? 'constant',
    maxDelayMs: Math.max(delayMs, milliseconds(read?.get('maxDelay'), 'retry.maxDelay') ?? 3_600_000),
    jitter: share,
  };
}

function milliseconds(at: At | undefined, what: string): number | undefined {
  if (!at) return undefined;
  const problem = durationProblem(at.value);
  const ms = problem === undefined ? durationMs(at.value, 0) : undefined;
  if (ms === undefined) at.check.issue(at.pointer, `${what} is not a duration: ${problem ?? 'out of range'}.`);
  return ms;
}
