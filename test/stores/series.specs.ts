import { expect, it } from 'vitest';
import type { Job, NewJob } from '../../src/model/job.ts';
import { completed, me, newJob, T0 } from './samples.ts';
import type { Subject } from './suite.ts';

export function seriesSpecs(subject: Subject): void {
  /** A job that has ended. */
  const ended = async (change: Partial<NewJob> = {}, at = T0): Promise<Job> => {
    const { claim } = await subject.store.insertJob(newJob(change), { claim: me });
    await subject.store.finishRun(claim!.fence, { outcome: completed(), at, maxInterruptions: 3 });
    return (await subject.store.findJob(claim!.job.id))!;
  };
  const file = (name: string, blob = 'b') => ({
    name,
    direction: 'in' as const,
    contentType: 'text/csv',
    blob: blob.repeat(64),
    bytes: 3,
  });

  it('is found at its last job by the id and UUID of its first, and by those of any other', async () => {
    const { store } = subject;
    const first = await ended();
    expect((await store.findLatestJob(first.uuid))?.id).toBe(first.id);
    const second = await ended({ series: first.id, seriesCreatedAt: T0 });
    const third = (await store.insertJob(newJob({ series: first.id, seriesCreatedAt: T0, start: false }))).job;
    expect(third).toMatchObject({ series: first.id, state: 'loaded' });
    for (const ref of [first.id, first.uuid, second.uuid, third.id]) {
      expect(await store.findLatestJob(ref)).toEqual(third);
    }
    expect(await store.findLatestJob(third.id + 1)).toBeUndefined();
    expect(await store.findLatestJob('none')).toBeUndefined();
  });

  it('goes on under the UUID of its first job when that one is gone', async () => {
    const { store } = subject;
    const first = await ended();
    const second = await ended({ series: first.id, seriesCreatedAt: T0 });
    await store.discardJob(first.id, T0);
    expect((await store.findLatestJob(first.uuid))?.id).toBe(second.id);
    await store.discardJob(second.id, T0);
    expect(await store.findLatestJob(first.uuid)).toBeUndefined();
  });

  it('has never two jobs under way', async () => {
    const { store } = subject;
    const { job: first, claim } = await store.insertJob(newJob(), { claim: me });
    const next = () => store.insertJob(newJob({ series: first.id, seriesCreatedAt: T0 }));
    await expect(next()).rejects.toMatchObject({ code: 'conflict' });
    await store.finishRun(claim!.fence, { outcome: completed(), at: T0, maxInterruptions: 3 });
    const answers = await Promise.allSettled([next(), next(), next()]);
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
  });

  it('answers the same job for the same idempotency key while that is under way', async () => {
    const { store } = subject;
    const first = await ended();
    const idempotency = { scope: 's', key: 'k', fingerprint: 'f' };
    const { job } = await store.insertJob(newJob({ series: first.id, seriesCreatedAt: T0 }), { idempotency });
    const again = await store.insertJob(newJob({ series: first.id, seriesCreatedAt: T0 }), { idempotency });
    expect([again.replayed, again.job.id]).toEqual([true, job.id]);
  });

  it('is discarded as a whole, or not at all', async () => {
    const { store } = subject;
    const first = await ended();
    const second = await ended({ series: first.id, seriesCreatedAt: T0 });
    const third = (await store.insertJob(newJob({ series: first.id, seriesCreatedAt: T0, start: false }))).job;
    await expect(store.discardJob(first.uuid, T0, { series: true })).rejects.toMatchObject({ code: 'conflict' });
    expect(await store.findJob(first.id)).toBeDefined();
    await store.cancelJob(third.id, { reason: 'x', at: T0 });
    await store.discardJob(second.id, T0, { series: true });
    for (const { id } of [first, second, third]) expect(await store.findJob(id)).toBeUndefined();
    await expect(store.discardJob(first.uuid, T0, { series: true })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is discarded with a running job left to its cancellation', async () => {
    const { store } = subject;
    const first = await ended();
    const { claim } = await store.insertJob(newJob({ series: first.id, seriesCreatedAt: T0 }), { claim: me });
    const all = () => store.discardJob(first.id, T0 + 1, { series: true });
    await expect(all()).rejects.toMatchObject({ code: 'conflict' });
    await store.cancelJob(claim!.job.id, { reason: 'x', at: T0 + 1, discard: true });
    await all();
    expect(await store.findJob(first.id)).toBeUndefined();
    expect((await store.findLatestJob(first.uuid))?.discard).toBe(true);
    await store.finishRun(claim!.fence, {
      outcome: { kind: 'cancelled', reason: 'x' },
      at: T0 + 2,
      maxInterruptions: 3,
    });
    await store.pruneJobs({ before: 0, keysBefore: 0, discard: { before: T0 + 9, at: T0 + 9 }, max: 5 });
    expect(await store.findLatestJob(first.uuid)).toBeUndefined();
  });

  it('stands in lists as its last job, where that is asked for', async () => {
    const { store } = subject;
    const alone = await ended();
    const first = await ended();
    await ended({ series: first.id, seriesCreatedAt: T0 });
    const third = await ended({ series: first.id, seriesCreatedAt: T0 });
    const ids = (items: Job[]) => items.map(({ id }) => id);
    for (const filter of [{}, { owner: 'ada' }, { workflow: '/Examples/Sample' }, { states: ['completed' as const] }]) {
      const query = { ...filter, latest: true, limit: 10 };
      expect(ids((await store.listJobs({ ...query, order: 'newest' })).items)).toEqual([third.id, alone.id]);
      const page = await store.pageJobs({ ...query, sort: { by: 'created', order: 'ascending' }, offset: 0 });
      expect([ids(page.items), page.total]).toEqual([[alone.id, third.id], 2]);
    }
    expect((await store.listJobs({ order: 'newest', limit: 10 })).items).toHaveLength(4);
  });

  it('a loaded job takes another input and other files, and starts with them in one go', async () => {
    const { store } = subject;
    const { job } = await store.insertJob(newJob({ start: false, files: [file('a.csv'), file('b.csv')] }));
    const input = { blob: 'd'.repeat(64), bytes: 80_000 };
    const changed = await store.changeLoadedJob(job.uuid, T0 + 1, { input, files: [file('a.csv', 'c')] });
    expect(changed).toEqual({ ...job, input });
    expect((await store.listFiles(job.id)).map(({ name, blob }) => [name, blob[0]])).toEqual([['a.csv', 'c']]);
    const started = await store.startJob(job.id, T0 + 2, { input: { json: '7' }, files: [] });
    expect(started).toMatchObject({ state: 'queued', input: { json: '7' } });
    expect(await store.listFiles(job.id)).toEqual([]);
    const change = { input: { json: '8' }, files: [] };
    await expect(store.changeLoadedJob(job.id, T0, change)).rejects.toMatchObject({ code: 'conflict' });
    await expect(store.startJob(job.id, T0, change)).rejects.toMatchObject({ code: 'conflict' });
    expect((await store.findJob(job.id))?.input).toEqual({ json: '7' });
  });

  it('a start with a key is answered again instead of refused', async () => {
    const { store } = subject;
    const { job } = await store.insertJob(newJob({ start: false }));
    const change = {
      input: { json: '7' },
      files: [],
      idempotency: { scope: 's', key: 'k', fingerprint: 'f' },
    };
    await store.startJob(job.id, T0, change);
    expect((await store.startJob(job.id, T0, change)).id).toBe(job.id);
    const other = { ...change, idempotency: { ...change.idempotency, fingerprint: 'g' } };
    await expect(store.startJob(job.id, T0, other)).rejects.toMatchObject({ code: 'idempotency-conflict' });
  });

  it('jobs that are to be discarded are, some time after their end', async () => {
    const { store } = subject;
    const soon = await ended({ discard: true }, T0 + 10);
    const later = await ended({ discard: true }, T0 + 90);
    const kept = await ended({}, T0 + 10);
    const running = (await store.insertJob(newJob({ discard: true }))).job;
    expect([soon.discard, kept.discard]).toEqual([true, undefined]);
    const round = () =>
      store.pruneJobs({ before: 0, keysBefore: 0, discard: { before: T0 + 50, at: T0 + 99 }, max: 5 });
    expect(await round()).toEqual({ jobs: 1, keys: 0, cancelled: 0 });
    expect(await round()).toEqual({ jobs: 0, keys: 0, cancelled: 0 });
    expect(await store.findJob(soon.id)).toBeUndefined();
    for (const { id } of [later, kept, running]) expect(await store.findJob(id)).toBeDefined();
  });

  it('is rescued after a crash, cancelled, discarded and pruned like any job, and each of its runs counts once', async () => {
    const { store } = subject;
    const first = await ended({ discard: true }, T0 + 10);
    const next = { series: first.id, seriesCreatedAt: T0, retryOf: first.id };
    const second = await store.insertJob(newJob({ ...next, discard: true }), { claim: me });
    const by = { owner: 'server-2', orphans: true, at: T0 + 20, maxInterruptions: 3 };
    expect(await store.rescueJobs(by)).toEqual([{ job: second.job.id, state: 'queued' }]);
    // Whoever held it before holds it no more; the series still has a job under way.
    const late = { outcome: completed(), at: T0 + 25, maxInterruptions: 3 };
    expect(await store.finishRun(second.claim!.fence, late)).toBeUndefined();
    await expect(store.insertJob(newJob(next))).rejects.toMatchObject({ code: 'conflict' });
    const [claim] = await store.claimJobs({ ...me, max: 5, at: T0 + 30 });
    expect(claim).toMatchObject({ job: { id: second.job.id, series: first.id, discard: true } });
    expect((await store.cancelJob(claim!.job.id, { reason: 'x', at: T0 + 32, discard: true })).outcome).toBe(
      'requested',
    );
    // A second crash ends it as it was asked to.
    expect(await store.rescueJobs({ ...by, at: T0 + 40 })).toEqual([{ job: second.job.id, state: 'cancelled' }]);
    const third = await ended(next, T0 + 50);
    expect((await store.findLatestJob(first.uuid))?.id).toBe(third.id);
    const runs = [{ workflow: '/Examples/Sample', runs: 3, elapsedMs: 10 + 40 + 50 }];
    expect(await store.countRuns(['/Examples/Sample'])).toEqual(runs);
    const discard = { before: T0 + 60, at: T0 + 60 };
    expect(await store.pruneJobs({ before: 0, keysBefore: 0, discard, max: 10 })).toEqual({
      jobs: 2,
      keys: 0,
      cancelled: 0,
    });
    expect(await store.countRuns(['/Examples/Sample'])).toEqual(runs);
    expect((await store.findLatestJob(first.uuid))?.id).toBe(third.id);
    while (await store.sumRuns(T0 + 45));
    await store.pruneJobs({ before: T0 + 100, keysBefore: 0, max: 10 });
    expect(await store.findLatestJob(first.uuid)).toBeUndefined();
    await subject.reopen();
    expect(await subject.store.countRuns(['/Examples/Sample'])).toEqual(runs);
  });
}
