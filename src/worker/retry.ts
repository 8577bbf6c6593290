import type { Job, RetryPolicy } from '../model/job.ts';

/**
 * When a failed job is tried again, in milliseconds since 1970; undefined when its attempts are used up or its total
 * time would be over by then.
 */
export function nextRetryAt(
  job: Pick<Job, 'retry' | 'attempt' | 'createdAt' | 'limits'>,
  now: number,
  random: () => number,
): number | undefined {
  const { retry, attempt } = job;
  if (!retry || attempt > retry.count) return undefined;
  const at = now + retryDelay(retry, attempt, random);
  const end = job.limits.totalMs === undefined ? Number.POSITIVE_INFINITY : job.createdAt + job.limits.totalMs;
  return at < end ? at : undefined;
}

/** Milliseconds before the attempt after `attempt` (counted from 1); `random` gives 0 to 1. */
export function retryDelay(policy: RetryPolicy, attempt: number, random: () => number): number {
  const growth = { constant: 1, linear: attempt, exponential: 2 ** (attempt - 1) }[policy.backoff];
  const delay = Math.min(policy.delayMs * growth, policy.maxDelayMs);
  return Math.round(delay * (1 - policy.jitter * random()));
}
