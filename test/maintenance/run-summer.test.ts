import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createRunSummer } from '../../src/maintenance/run-summer.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('asks every few seconds up to a moment ago, at once again while more is left, goes on after a failure, and stops', async () => {
  const asked: number[] = [];
  const warnings: string[] = [];
  const answers: (boolean | Error)[] = [true, false, new Error('disk'), false];
  const summer = createRunSummer({
    store: {
      async sumRuns(at) {
        asked.push(at);
        const answer = answers.shift() ?? false;
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
    clock: () => 50_000,
    log: {
      debug() {},
      info() {},
      error() {},
      warn: (_fields: object, text: string) => void warnings.push(text),
    } as never,
  });
  await summer.start?.();
  await vi.advanceTimersByTimeAsync(2_999);
  expect(asked).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked).toEqual([49_000]);
  await vi.advanceTimersByTimeAsync(20);
  expect(asked).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(3_000);
  expect([asked.length, warnings.length]).toEqual([3, 1]);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(asked).toHaveLength(4);
  await summer.stop?.(0);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toHaveLength(4);
});
