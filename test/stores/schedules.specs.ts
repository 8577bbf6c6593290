import { expect, it } from 'vitest';
import type { Schedule } from '../../src/model/schedule.ts';
import type { Firing } from '../../src/store.ts';
import { completed, failed, me, newJob, T0 } from './samples.ts';
import type { Subject } from './suite.ts';

const id = 'c2d8a4be-07a1-4b9a-9a3e-51d2f6f0a7e3';

const schedule = (change: Partial<Schedule> = {}): Schedule => ({
  id,
  name: 'nightly',
  workflow: '/Examples/Sample',
  owner: 'ada',
  enabled: true,
  timing: { zone: 'UTC', startAt: T0, every: { count: 1, unit: 'minutes' }, filter: { daysOfMonth: [1, 32] } },
  skipIfRunning: false,
  queue: 'default',
  retry: { count: 2, delayMs: 1000, backoff: 'constant', maxDelayMs: 1000, jitter: 0 },
  discard: { onSuccess: false, onFailure: false },
  dialect: 'native',
  notes: { kept: [1] },
  input: { json: '{"a":1}' },
  createdAt: T0,
  updatedAt: T0,
  nextAt: T0 + 60_000,
  failures: 0,
  ...change,
});

const firing = (change: Partial<Firing> = {}): Firing => ({
  id,
  dueAt: T0 + 60_000,
  updatedAt: T0,
  nextAt: T0 + 120_000,
  job: newJob(),
  skipIfRunning: false,
  maxFailures: 3,
  at: T0 + 60_001,
  ...change,
});

export function scheduleSpecs(subject: Subject): void {
  /** Fires at the next due time; answers the job. */
  const fire = async (change: Partial<Firing> = {}): Promise<number> => {
    const found = (await subject.store.findSchedule(id))!;
    const dueAt = found.nextAt!;
    const fired = await subject.store.fireSchedule(firing({ dueAt, nextAt: dueAt + 60_000, ...change }));
    if (fired.outcome !== 'fired') throw new Error(fired.outcome);
    return fired.job;
  };
  const end = async (job: number, outcome: ReturnType<typeof completed> | ReturnType<typeof failed>) => {
    const claims = await subject.store.claimJobs({ ...me, max: 10, at: T0 + 70_000 });
    const claim = claims.find((one) => one.job.id === job)!;
    await subject.store.finishRun(claim.fence, { outcome, at: T0 + 70_001, maxInterruptions: 3 });
  };
  const settle = (maxFailures = 3) => subject.store.settleSchedules({ at: T0 + 80_000, maxFailures });

  it('keeps a schedule as it is, across a restart', async () => {
    await subject.store.saveSchedule(schedule());
    await subject.reopen();
    expect(await subject.store.findSchedule(id)).toEqual(schedule());
    expect(await subject.store.findSchedule('other')).toBeUndefined();
    await expect(subject.store.saveSchedule(schedule())).rejects.toMatchObject({ code: 'exists' });
  });

  it('changes a schedule only as it was read: not what was changed, fired or deleted since', async () => {
    const { store } = subject;
    await store.saveSchedule(schedule());
    const job = await fire();
    const moved = { nextAt: T0 + 120_000, lastRunAt: T0 + 60_001, lastJob: job };
    const changed = schedule({ workflow: '/Other', owner: 'eve', updatedAt: T0 + 5, nextAt: T0 + 60_000 });
    expect(await store.saveSchedule(changed, schedule())).toBe(false);
    expect(await store.findSchedule(id)).toEqual(schedule(moved));
    expect(await store.saveSchedule({ ...changed, nextAt: T0 + 120_000 }, schedule(moved))).toBe(true);
    expect(await store.findSchedule(id)).toEqual({ ...schedule(moved), workflow: '/Other', updatedAt: T0 + 5 });
    expect(await store.saveSchedule(changed, schedule(moved))).toBe(false);
    await store.deleteSchedule(id);
    expect(await store.saveSchedule(changed, { ...changed, nextAt: T0 + 120_000 })).toBe(false);
  });

  it('keeps a large input as a file that is not swept', async () => {
    const blob = 'b'.repeat(64);
    await subject.store.saveSchedule(schedule({ input: { blob, bytes: 70_000 } }));
    expect((await subject.store.findSchedule(id))?.input).toEqual({ blob, bytes: 70_000 });
    expect(await subject.store.unreferenced([blob])).toEqual([]);
    await subject.store.deleteSchedule(id);
    expect(await subject.store.unreferenced([blob])).toEqual([blob]);
  });

  it('lists them by age, all or of one user', async () => {
    const { store } = subject;
    await store.saveSchedule(schedule({ id: 'b', createdAt: T0 + 1 }));
    await store.saveSchedule(schedule({ id: 'a', createdAt: T0 + 2, owner: 'ben' }));
    expect((await store.listSchedules()).map((one) => one.id)).toEqual(['b', 'a']);
    expect((await store.listSchedules('ben')).map((one) => one.id)).toEqual(['a']);
    await store.deleteSchedule('b');
    await expect(store.deleteSchedule('b')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('knows which are due, and when the next one is; disabled ones are not', async () => {
    const { store } = subject;
    expect(await store.nextSchedule()).toBeUndefined();
    await store.saveSchedule(schedule({ id: 'later', nextAt: T0 + 90 }));
    await store.saveSchedule(schedule({ id: 'soon', nextAt: T0 + 50 }));
    await store.saveSchedule(schedule({ id: 'off', nextAt: T0 + 10, enabled: false }));
    const { nextAt: _never, ...over } = schedule({ id: 'over' });
    await store.saveSchedule(over);
    expect(await store.nextSchedule()).toBe(T0 + 50);
    expect(await store.dueSchedules(T0 + 49, 10)).toEqual([]);
    expect((await store.dueSchedules(T0 + 90, 10)).map((one) => one.id)).toEqual(['soon', 'later']);
    expect((await store.dueSchedules(T0 + 90, 1)).map((one) => one.id)).toEqual(['soon']);
  });

  it('fires once for one time: job, next time and last run in one go', async () => {
    const { store } = subject;
    await store.saveSchedule(schedule());
    const [one, two] = await Promise.all([store.fireSchedule(firing()), store.fireSchedule(firing())]);
    expect([one.outcome, two.outcome]).toEqual(['fired', 'stale']);
    const job = (await store.listJobs({ order: 'oldest', limit: 9 })).items;
    expect(job.map(({ state }) => state)).toEqual(['queued']);
    await subject.reopen();
    expect(await subject.store.findSchedule(id)).toEqual(
      schedule({ nextAt: T0 + 120_000, lastRunAt: T0 + 60_001, lastJob: job[0]!.id }),
    );
  });

  it('does not fire what was changed, disabled or deleted since it was read', async () => {
    const { store } = subject;
    await store.saveSchedule(schedule());
    await store.saveSchedule(schedule({ updatedAt: T0 + 1 }), schedule());
    expect(await store.fireSchedule(firing())).toEqual({ outcome: 'stale' });
    await store.saveSchedule(schedule({ enabled: false }), schedule({ updatedAt: T0 + 1 }));
    expect(await store.fireSchedule(firing())).toEqual({ outcome: 'stale' });
    await store.deleteSchedule(id);
    expect(await store.fireSchedule(firing())).toEqual({ outcome: 'stale' });
    expect((await store.listJobs({ order: 'oldest', limit: 9 })).items).toEqual([]);
  });

  it('starts a job by hand: the next time stays, also of a disabled one', async () => {
    const { store } = subject;
    await store.saveSchedule(schedule({ enabled: false }));
    const { dueAt: _due, nextAt: _next, ...byHand } = firing();
    const fired = await store.fireSchedule(byHand);
    expect(fired).toMatchObject({ outcome: 'fired', job: expect.any(Number) });
    const job = (fired as { job: number }).job;
    expect(await store.findSchedule(id)).toEqual(schedule({ enabled: false, lastRunAt: T0 + 60_001, lastJob: job }));
    expect((await settle()).open).toEqual([job]);
    expect(await store.fireSchedule({ ...byHand, updatedAt: T0 + 9 })).toEqual({ outcome: 'stale' });
  });

  it('has a name once in a category where that is asked for', async () => {
    const { store } = subject;
    const unique = { uniqueName: true };
    await store.saveSchedule(schedule({ id: 'a', name: 'n', category: 'c' }), undefined, unique);
    await store.saveSchedule(schedule({ id: 'b', name: 'n', category: 'other' }), undefined, unique);
    const none = schedule({ id: 'c', name: 'n' });
    await store.saveSchedule(none, undefined, unique);
    for (const taken of [{ name: 'n', category: 'c' }, { name: 'n' }]) {
      await expect(store.saveSchedule(schedule({ id: 'd', ...taken }), undefined, unique)).rejects.toMatchObject({
        code: 'exists',
      });
    }
    await expect(store.saveSchedule({ ...none, category: 'c' }, none, unique)).rejects.toMatchObject({
      code: 'exists',
    });
    expect(await store.saveSchedule({ ...none, updatedAt: T0 + 1 }, none, unique)).toBe(true);
    await store.saveSchedule(schedule({ id: 'e', name: 'n', category: 'c' }));
  });

  it('leaves the schedule due when its job cannot be stored', async () => {
    const { store } = subject;
    await store.saveSchedule(schedule());
    const parent = { job: 99_999, step: '/do/0/a' };
    await expect(store.fireSchedule(firing({ job: newJob({ parent }) }))).rejects.toMatchObject({ code: 'conflict' });
    expect((await store.findSchedule(id))?.nextAt).toBe(T0 + 60_000);
  });

  it('skips a time while a job of it has not ended, where that is asked for', async () => {
    const { store } = subject;
    await store.saveSchedule(schedule());
    const first = await fire({ skipIfRunning: true });
    expect(
      await store.fireSchedule(firing({ dueAt: T0 + 120_000, nextAt: T0 + 180_000, skipIfRunning: true })),
    ).toEqual({
      outcome: 'skipped',
    });
    expect(await store.findSchedule(id)).toMatchObject({ nextAt: T0 + 180_000, lastJob: first, failures: 0 });
    await fire();
    await end(first, completed());
    expect(await store.fireSchedule(firing({ dueAt: T0 + 240_000, skipIfRunning: true }))).toEqual({
      outcome: 'skipped',
    });
  });

  it('counts failures in a row, and disables it at the limit', async () => {
    const { store } = subject;
    await store.saveSchedule(schedule());
    for (const [outcome, failures, enabled] of [
      [failed(), 1, true],
      [completed(), 0, true],
      [failed(), 1, true],
      [failed(), 2, false],
    ] as const) {
      const job = await fire();
      expect(await settle(2)).toEqual({ settled: [], open: [job] });
      await end(job, outcome);
      const { settled, open } = await settle(2);
      expect(settled).toMatchObject([{ schedule: id, job, failures, disabled: !enabled }]);
      expect(open).toEqual([]);
      expect(await store.findSchedule(id)).toMatchObject({ failures, enabled });
    }
    expect(await settle(2)).toEqual({ settled: [], open: [] });
    // It keeps its next time.
    expect(await store.findSchedule(id)).toMatchObject({ nextAt: T0 + 300_000 });
  });

  it('counts a time without a job as a failure; with -1 it is never disabled', async () => {
    const { store } = subject;
    await store.saveSchedule(schedule({ failures: 7 }));
    const { job: _none, ...without } = firing({ maxFailures: -1 });
    expect(await store.fireSchedule(without)).toEqual({ outcome: 'failed', failures: 8, disabled: false });
    expect(await store.findSchedule(id)).toMatchObject({ failures: 8, enabled: true, nextAt: T0 + 120_000 });
    const { job: _again, ...last } = firing({ dueAt: T0 + 120_000 });
    expect(await store.fireSchedule(last)).toEqual({ outcome: 'failed', failures: 9, disabled: true });
  });

  it('takes a cancelled job for neither, and knows the end of one that was discarded', async () => {
    const { store } = subject;
    await store.saveSchedule(schedule({ failures: 1 }));
    await store.cancelJob(await fire(), { reason: 'no', at: T0 });
    expect((await settle()).settled).toMatchObject([{ state: 'cancelled', failures: 1 }]);
    const job = await fire();
    await end(job, failed());
    await store.discardJob(job, T0 + 80_000);
    expect((await settle()).settled).toMatchObject([{ state: 'failed', failures: 2 }]);
  });

  it('discards jobs after their end as it is told', async () => {
    const { store } = subject;
    await store.saveSchedule(schedule({ discard: { onSuccess: true, onFailure: false } }));
    const [good, bad] = [await fire(), await fire()];
    const claims = await store.claimJobs({ ...me, max: 2, at: T0 + 70_000 });
    for (const { fence } of claims) {
      const outcome = fence.job === good ? completed() : failed();
      await store.finishRun(fence, { outcome, at: T0 + 70_001, maxInterruptions: 3 });
    }
    await settle();
    expect(await store.findJob(good)).toBeUndefined();
    expect(await store.findJob(bad)).toBeDefined();
    expect((await store.findSchedule(id))?.lastJob).toBe(bad);
  });

  it('lets its jobs go on when it is deleted', async () => {
    const { store } = subject;
    await store.saveSchedule(schedule());
    const job = await fire();
    await store.deleteSchedule(id);
    expect((await store.findJob(job))?.state).toBe('queued');
    expect(await settle()).toEqual({ settled: [], open: [] });
  });
}
