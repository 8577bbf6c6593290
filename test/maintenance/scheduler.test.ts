import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createScheduler } from '../../src/maintenance/scheduler.ts';
import type { Change } from '../../src/model/change.ts';
import { fail } from '../../src/model/errors.ts';
import type { Schedule } from '../../src/model/schedule.ts';
import type { Fired, Settled } from '../../src/store.ts';

const T0 = Date.parse('2026-11-22T09:30:00Z');

/** Schedules in memory, each due every minute, and a scheduler over them with the clock of fake timers. */
function setUp(count = 1) {
  const due = new Map([...Array(count).keys()].map((n) => [`s${n}`, T0 + 60_000]));
  const fired: [string, number][] = [];
  const logged: string[] = [];
  const log = (_about: object, message: string) => void logged.push(message);
  let changed = () => {};
  let committed = (_changes: Change[]) => {};
  const world = {
    answer: (): Fired | Error => ({ outcome: 'fired', job: fired.length }),
    settled: [] as Settled[],
    open: [] as number[],
    settles: 0,
  };
  const scheduleOf = (id: string) => ({ id, workflow: '/Echo', nextAt: due.get(id) }) as Schedule;
  const scheduler = createScheduler({
    clock: () => Date.now(),
    log: { debug: log, info: log, warn: log, error: log },
    store: {
      dueSchedules: async (at) => [...due].filter(([, next]) => next <= at).map(([id]) => scheduleOf(id)),
      nextSchedule: async () => (due.size === 0 ? undefined : Math.min(...due.values())),
      watch(listener) {
        committed = listener;
        return () => {};
      },
    },
    schedules: {
      async fire({ id }) {
        const answer = world.answer();
        if (answer instanceof Error) throw answer;
        fired.push([id, Date.now() - T0]);
        due.set(id, due.get(id)! + 60_000);
        return answer;
      },
      async settle() {
        world.settles++;
        return { settled: world.settled.splice(0), open: world.open };
      },
      watch(listener) {
        changed = listener;
        return () => {};
      },
    },
  });
  return { scheduler, due, fired, logged, world, changed: () => changed(), commit: (all: Change[]) => committed(all) };
}

const ended = (job: number): Change => ({ kind: 'job', job, state: 'completed', final: true, at: T0 });

describe('the scheduler', () => {
  beforeEach(() => void vi.useFakeTimers({ now: T0 }));
  afterEach(() => void vi.useRealTimers());

  it('fires each schedule once when it is due, to the millisecond, and goes on', async () => {
    const { scheduler, fired } = setUp();
    await scheduler.start?.();
    await vi.advanceTimersByTimeAsync(59_999);
    expect(fired).toEqual([]);
    await vi.advanceTimersByTimeAsync(60_001);
    expect(fired).toEqual([
      ['s0', 60_000],
      ['s0', 120_000],
    ]);
    await scheduler.stop?.(0);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(fired).toHaveLength(2);
  });

  it('hears of a schedule that is due sooner', async () => {
    const { scheduler, due, fired, changed } = setUp(0);
    await scheduler.start?.();
    await vi.advanceTimersByTimeAsync(10_000);
    due.set('new', T0 + 10_500);
    changed();
    await vi.advanceTimersByTimeAsync(500);
    expect(fired).toEqual([['new', 10_500]]);
    await scheduler.stop?.(0);
  });

  it('notices when the wall clock is put forward', async () => {
    const { scheduler, fired } = setUp();
    await scheduler.start?.();
    await vi.advanceTimersByTimeAsync(1_000);
    vi.setSystemTime(T0 + 70_000);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(fired).toHaveLength(1);
    await scheduler.stop?.(0);
  });

  it("tries again what the server's own trouble kept from being fired, without keeping up the others", async () => {
    const { scheduler, fired, logged, world } = setUp(2);
    let troubles = 1;
    world.answer = () => (troubles-- > 0 ? fail('disk-full', 'No room.') : { outcome: 'fired', job: 1 });
    await scheduler.start?.();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(fired).toEqual([['s1', 60_000]]);
    expect(logged).toContain('due schedules could not be started; trying again');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(fired).toEqual([
      ['s1', 60_000],
      ['s0', 61_000],
    ]);
    await scheduler.stop?.(0);
  });

  it('says what it skipped, what cannot start, and what is disabled', async () => {
    const { scheduler, logged, world } = setUp();
    const answers: Fired[] = [{ outcome: 'skipped' }, { outcome: 'failed', failures: 3, disabled: true }];
    world.answer = () => answers.shift()!;
    await scheduler.start?.();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(logged).toEqual([
      'the schedule is skipped this time: its last job has not ended',
      'the schedule cannot start a job',
      'the schedule is disabled after so many failures in a row (maxScheduleFailures)',
    ]);
    await scheduler.stop?.(0);
  });

  it('counts the ends of jobs of schedules, and only of those', async () => {
    const { scheduler, logged, world, commit } = setUp();
    await scheduler.start?.();
    expect(world.settles).toBe(1);
    commit([ended(1)]);
    await vi.advanceTimersByTimeAsync(1);
    expect(world.settles).toBe(1);
    world.open = [1];
    await vi.advanceTimersByTimeAsync(60_000);
    const before = world.settles;
    commit([ended(99)]);
    await vi.advanceTimersByTimeAsync(1);
    expect(world.settles).toBe(before);
    world.settled = [{ schedule: 's0', job: 1, state: 'failed', failures: 1, disabled: false }];
    world.open = [];
    commit([ended(1)]);
    await vi.advanceTimersByTimeAsync(1);
    expect(world.settles).toBe(before + 1);
    expect(logged).toContain('a job of a schedule failed');
    await scheduler.stop?.(0);
  });
});
