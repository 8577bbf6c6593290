import { expect, it } from 'vitest';
import type { Change } from '../../src/model/change.ts';
import { completed, line, me, newJob, step, T0 } from './samples.ts';
import type { Subject } from './suite.ts';

export function upkeepSpecs(subject: Subject): void {
  const finished = async (at: number, change = {}) => {
    const { job, claim } = await subject.store.insertJob(newJob(change), { claim: me });
    await subject.store.checkpoint(claim!.fence, [step('s')], [line('l')]);
    await subject.store.finishRun(claim!.fence, { outcome: completed(), at, maxInterruptions: 3 });
    return job.id;
  };

  it('deletes the oldest finished jobs with all that is theirs, and nothing that is unfinished', async () => {
    const { store } = subject;
    const old = [await finished(T0 + 1), await finished(T0 + 2), await finished(T0 + 3)];
    const young = await finished(T0 + 100);
    const { job: queued } = await store.insertJob(newJob());
    expect(await store.pruneJobs({ before: T0 + 50, keysBefore: 0, max: 2 })).toEqual({
      jobs: 2,
      keys: 0,
      cancelled: 0,
    });
    expect(await store.findJob(old[1]!)).toBeUndefined();
    expect(await store.findJob(old[2]!)).toBeDefined();
    expect(await store.pruneJobs({ before: T0 + 50, keysBefore: 0, max: 2 })).toEqual({
      jobs: 1,
      keys: 0,
      cancelled: 0,
    });
    expect(await store.pruneJobs({ before: T0 + 50, keysBefore: 0, max: 2 })).toEqual({
      jobs: 0,
      keys: 0,
      cancelled: 0,
    });
    expect(await store.listSteps(old[0]!)).toEqual([]);
    expect((await store.readLog(old[0]!, { limit: 5 })).lines).toEqual([]);
    expect([await store.findJob(young), await store.findJob(queued.id)].map((job) => job?.state)).toEqual([
      'completed',
      'queued',
    ]);
  });

  it('cancels jobs that were loaded before a time and never started, oldest first, in every queue', async () => {
    const { store } = subject;
    await store.saveQueue({ name: 'other', paused: false });
    const load = async (createdAt: number, queue = 'default') =>
      (await store.insertJob(newJob({ start: false, createdAt, queue }))).job.id;
    const old = [await load(T0 + 1), await load(T0 + 2), await load(T0 + 3), await load(T0 + 4, 'other')];
    const started = await load(T0 + 5);
    await store.startJob(started, T0 + 6);
    const young = await load(T0 + 50);
    const changes: Change[] = [];
    const stop = store.watch((some) => changes.push(...some));
    const loaded = { before: T0 + 50, reason: 'too old', at: T0 + 99 };
    const prune = (max: number) => store.pruneJobs({ before: 0, keysBefore: 0, loaded, max });
    expect(await prune(2)).toEqual({ jobs: 0, keys: 0, cancelled: 2 });
    const states = async () =>
      Promise.all([...old, started, young].map(async (id) => (await store.findJob(id))?.state));
    expect(await states()).toEqual(['cancelled', 'cancelled', 'loaded', 'loaded', 'queued', 'loaded']);
    expect(await prune(3)).toEqual({ jobs: 0, keys: 0, cancelled: 2 });
    expect(await prune(3)).toEqual({ jobs: 0, keys: 0, cancelled: 0 });
    expect(await states()).toEqual(['cancelled', 'cancelled', 'cancelled', 'cancelled', 'queued', 'loaded']);
    expect(await store.findJob(old[0]!)).toMatchObject({ cancelReason: 'too old', finishedAt: T0 + 99 });
    expect(changes).toContainEqual({ kind: 'job', job: old[3], state: 'cancelled', final: true, at: T0 + 99 });
    stop();
    expect(await store.pruneJobs({ before: 0, keysBefore: 0, max: 2 })).toEqual({ jobs: 0, keys: 0, cancelled: 0 });
  });

  it('forgets idempotency keys by their age', async () => {
    const { store } = subject;
    const idempotency = { scope: 's', key: 'k', fingerprint: 'f' };
    const first = await store.insertJob(newJob(), { idempotency });
    expect(await store.pruneJobs({ before: 0, keysBefore: T0, max: 5 })).toEqual({ jobs: 0, keys: 0, cancelled: 0 });
    expect(await store.pruneJobs({ before: 0, keysBefore: T0 + 1, max: 5 })).toEqual({
      jobs: 0,
      keys: 1,
      cancelled: 0,
    });
    const second = await store.insertJob(newJob(), { idempotency });
    expect([second.replayed, second.job.id]).toEqual([false, first.job.id + 1]);
  });

  it('knows which contents nothing refers to', async () => {
    const { store } = subject;
    const blob = (digit: string) => digit.repeat(64);
    const of = (digit: string) => ({ blob: blob(digit), bytes: 70_000 });
    const file = { name: 'f', direction: 'in' as const, contentType: 'a/b', ...of('3') };
    const { job, claim } = await store.insertJob(newJob({ input: of('1'), files: [file] }), { claim: me });
    await store.checkpoint(claim!.fence, [step('s', { output: of('4') })]);
    const outcome = { kind: 'completed' as const, output: of('2') };
    await store.finishRun(claim!.fence, { outcome, at: T0, maxInterruptions: 3 });
    const all = ['1', '2', '3', '4', '5'].map(blob);
    expect(await store.unreferenced(all)).toEqual([blob('5')]);
    await store.discardJob(job.id, T0);
    expect(await store.unreferenced(all)).toEqual(all);
  });

  it('says that it can write', async () => {
    await expect(subject.store.check()).resolves.toBeUndefined();
  });

  it('is closed after close, for every verb', async () => {
    const { store } = subject;
    await store.insertJob(newJob());
    await subject.reopen();
    await expect(store.insertJob(newJob())).rejects.toMatchObject({ code: 'store-unavailable' });
    await expect(store.listJobs({ order: 'newest', limit: 1 })).rejects.toMatchObject({ code: 'store-unavailable' });
    await expect(store.findJob(1)).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(await subject.store.findJob(1)).toBeDefined();
  });
}
