import { expect, it } from 'vitest';
import type { Change } from '../../src/model/change.ts';
import { completed, failed, me, newJob, step, T0 } from './samples.ts';
import type { Subject } from './suite.ts';

export function jobSpecs(subject: Subject): void {
  it('keeps every field of a job', async () => {
    const { store } = subject;
    const job = newJob({
      businessKey: 'order 4711 ⚙',
      labels: { team: 'data', 'odd "name"': 'x' },
      limits: { queueMs: 5_000, runMs: 6_000, totalMs: 70_000 },
      retry: { count: 2, delayMs: 10, backoff: 'exponential', maxDelayMs: 1_000, jitter: 0.5 },
      priority: -7,
      runAt: T0 + 1_000,
      onInterrupted: 'retry',
      files: [{ name: 'rows.csv', direction: 'in', contentType: 'text/csv', blob: 'b'.repeat(64), bytes: 3 }],
    });
    const { job: inserted, replayed, claim } = await store.insertJob(job);
    expect([replayed, claim]).toEqual([false, undefined]);
    const { start: _start, files, ...kept } = job;
    expect(inserted).toEqual({
      ...kept,
      id: inserted.id,
      uuid: inserted.uuid,
      state: 'queued',
      attempt: 0,
      interruptions: 0,
      token: 0,
    });
    expect(await store.findJob(inserted.id)).toEqual(inserted);
    expect(await store.listFiles(inserted.id)).toEqual(files.map((file) => ({ ...file, createdAt: T0 })));
  });

  it('keeps a payload that is a file as a reference', async () => {
    const input = { blob: 'c'.repeat(64), bytes: 70_000 };
    const { job } = await subject.store.insertJob(newJob({ input }));
    expect((await subject.store.findJob(job.id))?.input).toEqual(input);
  });

  it('finds a job by its id and by its UUID in either case, and no other', async () => {
    const { job } = await subject.store.insertJob(newJob());
    expect((await subject.store.findJob(job.uuid))?.id).toBe(job.id);
    expect((await subject.store.findJob(job.uuid.toUpperCase()))?.id).toBe(job.id);
    for (const other of [job.id + 1, 0, -1, 1.5, Number.NaN, `${job.uuid}0`, job.uuid.replace(/^./, 'z'), '']) {
      expect(await subject.store.findJob(other)).toBeUndefined();
    }
  });

  it('inserts a job already claimed when its queue has room and nobody stands before it', async () => {
    const { job, claim } = await subject.store.insertJob(newJob(), { claim: me });
    expect(job).toMatchObject({ state: 'running', attempt: 1, token: 1, startedAt: T0 });
    expect(job.lease).toEqual({ owner: me.owner, expiresAt: T0 + me.leaseMs });
    expect(claim).toEqual({ job, fence: { job: job.id, token: 1 }, journal: [], waits: [], files: [] });
  });

  it.each([
    ['the queue is paused', { paused: true }, {}],
    ['the queue is full', { concurrency: 1 }, {}],
    ['a due job stands before it', {}, {}],
    ['a delayed job before it has become due', {}, { runAt: T0 - 5, createdAt: T0 - 10 }],
  ])('queues it instead when %s', async (why, limits, first) => {
    const { store } = subject;
    await store.saveQueue({ name: 'narrow', paused: false, ...limits });
    if (why !== 'the queue is paused') {
      await store.insertJob(newJob({ queue: 'narrow', ...first }), why.includes('full') ? { claim: me } : {});
    }
    const second = await store.insertJob(newJob({ queue: 'narrow' }), { claim: me });
    expect([second.job.state, second.claim]).toEqual(['queued', undefined]);
    const elsewhere = await store.insertJob(newJob(), { claim: me });
    expect(elsewhere.job.state).toBe('running');
  });

  it('lets a job of higher priority pass a queued one', async () => {
    await subject.store.insertJob(newJob());
    expect((await subject.store.insertJob(newJob({ priority: 1 }), { claim: me })).job.state).toBe('running');
  });

  it('does not claim at once what is to run later or not to start', async () => {
    const later = await subject.store.insertJob(newJob({ runAt: T0 + 1 }), { claim: me });
    const loaded = await subject.store.insertJob(newJob({ start: false }), { claim: me });
    expect([later.job.state, loaded.job.state]).toEqual(['queued', 'loaded']);
  });

  it('answers the first job again for the same idempotency key, and refuses another request', async () => {
    const { store } = subject;
    const key = { scope: 'ada POST /jobs', key: 'k1', fingerprint: 'f' };
    const first = await store.insertJob(newJob(), { idempotency: key });
    const again = await store.insertJob(newJob(), { idempotency: key, claim: me });
    expect([again.replayed, again.job.id, again.claim]).toEqual([true, first.job.id, undefined]);
    await expect(store.insertJob(newJob(), { idempotency: { ...key, fingerprint: 'g' } })).rejects.toMatchObject({
      code: 'idempotency-conflict',
    });
    const other = await store.insertJob(newJob(), { idempotency: { ...key, scope: 'eve POST /jobs' } });
    expect(other.replayed).toBe(false);
  });

  it('does not make a second job for the key of a discarded one', async () => {
    const { store } = subject;
    const idempotency = { scope: 's', key: 'k', fingerprint: 'f' };
    const { job } = await store.insertJob(newJob(), { idempotency });
    await store.cancelJob(job.id, { reason: 'x', at: T0 });
    await store.discardJob(job.id, T0);
    await expect(store.insertJob(newJob(), { idempotency })).rejects.toMatchObject({ code: 'conflict' });
  });

  it('makes one child for each step and attempt of a parent, and none for a parent that is ending', async () => {
    const { store } = subject;
    const { job: parent, claim } = await store.insertJob(newJob(), { claim: me });
    const child = newJob({ parent: { job: parent.id, step: '/do/0/sub' } });
    const first = await store.insertJob(child);
    const again = await store.insertJob(child);
    expect([again.replayed, again.job.id]).toEqual([true, first.job.id]);
    const sibling = await store.insertJob(newJob({ parent: { job: parent.id, step: '/do/1/sub' } }));
    expect(sibling.job.id).not.toBe(first.job.id);

    await store.finishRun(claim!.fence, { outcome: failed(), at: T0 + 1, retryAt: T0 + 1, maxInterruptions: 3 });
    await store.claimJobs({ ...me, max: 10, at: T0 + 2 });
    const next = await store.insertJob(child);
    expect([next.replayed, next.job.id > sibling.job.id]).toEqual([false, true]);

    await store.cancelJob(parent.id, { reason: 'enough', at: T0 + 3 });
    await expect(store.insertJob({ ...child, parent: { job: parent.id, step: 'late' } })).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it('takes over the completed steps of the job that is repeated', async () => {
    const { store } = subject;
    const { job, claim } = await store.insertJob(newJob(), { claim: me });
    const bad = step('b', { state: 'failed', error: failed().error });
    delete bad.output;
    await store.checkpoint(claim!.fence, [step('a'), bad, step('c')]);
    await store.finishRun(claim!.fence, { outcome: failed(), at: T0, maxInterruptions: 3 });
    const again = await store.insertJob(newJob({ retryOf: job.id }), { claim: me, keepSteps: true });
    expect(again.claim?.journal.map((entry) => entry.key)).toEqual(['a', 'c']);
    const fresh = await store.insertJob(newJob({ retryOf: job.id }), { claim: me });
    expect(fresh.claim?.journal).toEqual([]);
    const queued = await store.insertJob(newJob({ retryOf: job.id }), { keepSteps: true });
    const claims = await store.claimJobs({ ...me, max: 5, at: T0 });
    expect(claims.find((one) => one.job.id === queued.job.id)?.journal).toHaveLength(2);
  });

  it('records a synchronous run under a reserved id, out of sight', async () => {
    const { store } = subject;
    const id = await store.newJobId();
    const run = { id, owner: me.owner, startedAt: T0, endedAt: T0 + 3, outcome: completed() };
    await store.recordExecution(newJob(), run);
    expect(await store.findJob(id)).toBeUndefined();
    expect((await store.listJobs({ order: 'newest', limit: 10 })).items).toEqual([]);
    expect((await store.insertJob(newJob())).job.id).toBeGreaterThan(id);
    // Said again because the answer was lost.
    await store.recordExecution(newJob(), run);
  });

  it('takes in a run that is under way under its reserved id, whatever its queue says', async () => {
    const { store } = subject;
    await store.saveQueue({ name: 'default', paused: true });
    const id = await store.newJobId();
    const promote = { ...me, id, startedAt: T0, at: T0 + 25_000 };
    const { job, claim } = await store.insertJob(newJob(), { promote });
    expect(job).toMatchObject({ id, uuid: store.jobUuid(id), state: 'running', token: 1, attempt: 1, startedAt: T0 });
    expect(job.lease?.expiresAt).toBe(T0 + 25_000 + me.leaseMs);
    expect(claim?.fence).toEqual({ job: job.id, token: 1 });
    expect(await store.insertJob(newJob(), { promote })).toMatchObject({ replayed: true, job: { id: job.id } });
  });

  it('starts a loaded job, and no other', async () => {
    const { store } = subject;
    const { job } = await store.insertJob(newJob({ start: false }));
    expect(await store.claimJobs({ ...me, max: 5, at: T0 })).toEqual([]);
    expect(await store.startJob(job.uuid, T0 + 9)).toMatchObject({ state: 'queued', runAt: T0 + 9 });
    await expect(store.startJob(job.id, T0)).rejects.toMatchObject({ code: 'conflict' });
    await expect(store.startJob(99_999, T0)).rejects.toMatchObject({ code: 'not-found' });
    const later = await store.insertJob(newJob({ start: false, runAt: T0 + 100 }));
    await store.startJob(later.job.id, T0 + 10);
    expect((await store.claimJobs({ ...me, max: 5, at: T0 + 20 })).map((one) => one.job.id)).toEqual([job.id]);
    expect(await store.nextDue()).toBe(T0 + 100);
  });

  it('discards final jobs only, and never gives out their ids again', async () => {
    const { store } = subject;
    const { job } = await store.insertJob(newJob());
    await expect(store.discardJob(job.id, T0)).rejects.toMatchObject({ code: 'conflict' });
    await store.cancelJob(job.id, { reason: 'x', at: T0 });
    await store.discardJob(job.uuid, T0);
    expect(await store.findJob(job.id)).toBeUndefined();
    await expect(store.discardJob(job.id, T0)).rejects.toMatchObject({ code: 'not-found' });
    await subject.reopen();
    await subject.store.pruneJobs({ before: T0 + 1, keysBefore: T0, max: 10 });
    await subject.reopen();
    expect((await subject.store.insertJob(newJob())).job.id).toBeGreaterThan(job.id);
  });

  it('keeps ids and UUIDs over a restart', async () => {
    const { job } = await subject.store.insertJob(newJob());
    await subject.reopen();
    expect((await subject.store.findJob(job.uuid))?.id).toBe(job.id);
    expect((await subject.store.insertJob(newJob())).job.id).toBe(job.id + 1);
  });

  it('announces changes after they can be read and before the caller goes on', async () => {
    const { store } = subject;
    const heard: Change[] = [];
    const stop = store.watch((changes) => void heard.push(...changes));
    const { job, claim } = await store.insertJob(newJob(), { claim: me });
    expect(heard.map((change) => change.kind)).toEqual(['job']);
    await store.finishRun(claim!.fence, { outcome: completed(), at: T0 + 1, maxInterruptions: 3 });
    expect(heard.at(-1)).toEqual({
      kind: 'job',
      job: job.id,
      state: 'completed',
      final: true,
      at: T0 + 1,
    });
    stop();
    await store.insertJob(newJob());
    expect(heard).toHaveLength(2);
  });
}
