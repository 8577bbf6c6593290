import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RetryPolicy } from '../../src/model/job.ts';
import { nextRetryAt, retryDelay } from '../../src/worker/retry.ts';

const policy: RetryPolicy = { count: 2, delayMs: 100, backoff: 'exponential', maxDelayMs: 1_000, jitter: 0 };
const job = { retry: policy, attempt: 1, createdAt: 0, limits: {} };

describe('a job-level retry', () => {
  it.each([
    ['constant', [100, 100, 100]],
    ['linear', [100, 200, 300]],
    ['exponential', [100, 200, 400]],
  ] as const)('with %s back-off waits %j ms', (backoff, delays) => {
    expect([1, 2, 3].map((attempt) => retryDelay({ ...policy, backoff }, attempt, () => 0))).toEqual(delays);
  });

  it('never waits longer than the policy allows, nor less than its jitter leaves', () => {
    const policies = fc.record({
      count: fc.nat(50),
      delayMs: fc.nat(100_000),
      backoff: fc.constantFrom('constant' as const, 'linear' as const, 'exponential' as const),
      maxDelayMs: fc.nat(1_000_000),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(
        policies,
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (drawn, attempt, random) => {
          const delay = retryDelay(drawn, attempt, () => random);
          expect(delay).toBeLessThanOrEqual(drawn.maxDelayMs);
          expect(delay).toBeGreaterThanOrEqual(
            Math.floor(Math.min(drawn.delayMs, drawn.maxDelayMs) * (1 - drawn.jitter)) - 1,
          );
        },
      ),
    );
  });

  it('ends with the count of the policy', () => {
    expect(nextRetryAt(job, 50, () => 0)).toBe(150);
    expect(nextRetryAt({ ...job, attempt: 2 }, 50, () => 0)).toBe(250);
    expect(nextRetryAt({ ...job, attempt: 3 }, 50, () => 0)).toBeUndefined();
    expect(nextRetryAt({ attempt: 1, createdAt: 0, limits: {} }, 50, () => 0)).toBeUndefined();
  });

  it('is not begun when the total time of the job would be over by then', () => {
    expect(nextRetryAt({ ...job, limits: { totalMs: 140 } }, 50, () => 0)).toBeUndefined();
    expect(nextRetryAt({ ...job, limits: { totalMs: 151 } }, 50, () => 0)).toBe(150);
  });
});
