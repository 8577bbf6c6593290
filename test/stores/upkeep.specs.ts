import { expect, it } from 'vitest';
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
    expect(await store.pruneJobs({ before: T0 + 50, keysBefore: 0, max: 2 })).toEqual({ jobs: 2, keys: 0 });
    expect(await store.findJob(old[1]!)).toBeUndefined();
    expect(await store.findJob(old[2]!)).toBeDefined();
    expect(await store.pruneJobs({ before: T0 + 50, keysBefore: 0, max: 2 })).toEqual({ jobs: 1, keys: 0 });
    expect(await store.pruneJobs({ before: T0 + 50, keysBefore: 0, max: 2 })).toEqual({ jobs: 0, keys: 0 });
    expect(await store.listSteps(old[0]!)).toEqual([]);
    expect((await store.readLog(old[0]!, { limit: 5 })).lines).toEqual([]);
    expect([await store.findJob(young), await store.findJob(queued.id)].map((job) => job?.state)).toEqual([
      'completed',
      'queued',
    ]);
  });

  it('forgets idempotency keys by their age', async () => {
    const { store } = subject;
    const idempotency = { scope: 's', key: 'k', fingerprint: 'f' };
    const first = await store.insertJob(newJob(), { idempotency });
    expect(await store.pruneJobs({ before: 0, keysBefore: T0, max: 5 })).toEqual({ jobs: 0, keys: 0 });
    expect(await store.pruneJobs({ before: 0, keysBefore: T0 + 1, max: 5 })).toEqual({ jobs: 0, keys: 1 });
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
