import { expect, it } from 'vitest';
import { begun, completed, failed, me, newJob, step, T0 } from './samples.ts';
import type { Subject } from './suite.ts';

export function claimSpecs(subject: Subject): void {
  const claimIds = async (max: number, at = T0) =>
    (await subject.store.claimJobs({ ...me, max, at })).map((claim) => claim.job.id);
  const insert = async (change = {}) => (await subject.store.insertJob(newJob(change))).job.id;

  it('takes the highest priority first, the oldest of equals, over all queues', async () => {
    for (const name of ['a', 'b']) await subject.store.saveQueue({ name, paused: false });
    const low = await insert({ queue: 'a', priority: -1000 });
    const plain = await insert({ queue: 'b' });
    const high = await insert({ queue: 'a', priority: 1000 });
    const equal = await insert({ queue: 'a' });
    expect(await claimIds(3)).toEqual([high, plain, equal]);
    expect(await claimIds(3)).toEqual([low]);
    expect(await claimIds(3)).toEqual([]);
  });

  it('marks what it takes: owner, lease, token, attempt, begin', async () => {
    const id = await insert({
      files: [{ name: 'a', direction: 'in', contentType: 'x/y', blob: 'd'.repeat(64), bytes: 1 }],
    });
    const [claim] = await subject.store.claimJobs({ ...me, max: 1, at: T0 + 7 });
    expect(claim?.job).toMatchObject({ id, state: 'running', token: 1, attempt: 1, startedAt: T0 + 7 });
    expect(claim?.job.lease).toEqual({ owner: me.owner, expiresAt: T0 + 7 + me.leaseMs });
    expect(claim?.files.map((file) => file.name)).toEqual(['a']);
    expect(await subject.store.findJob(id)).toEqual(claim?.job);
  });

  it('respects the limit of a queue and leaves a paused one alone', async () => {
    await subject.store.saveQueue({ name: 'two', concurrency: 2, paused: false });
    await subject.store.saveQueue({ name: 'shut', paused: true });
    const ids = [await insert({ queue: 'two' }), await insert({ queue: 'two' }), await insert({ queue: 'two' })];
    await insert({ queue: 'shut' });
    expect(await claimIds(10)).toEqual(ids.slice(0, 2));
    expect(await claimIds(10)).toEqual([]);
    const fence = { job: ids[0]!, token: 1 };
    await subject.store.finishRun(fence, { outcome: completed(), at: T0, maxInterruptions: 3 });
    expect(await claimIds(10)).toEqual([ids[2]]);
    await subject.store.saveQueue({ name: 'shut', paused: false });
    expect(await claimIds(10)).toHaveLength(1);
  });

  it('leaves delayed jobs until they are due', async () => {
    const late = await insert({ runAt: T0 + 50 });
    expect(await claimIds(5, T0 + 49)).toEqual([]);
    expect(await claimIds(5, T0 + 50)).toEqual([late]);
  });

  it('hands a later run the journal and the open waits of the job', async () => {
    const { store } = subject;
    const { claim } = await store.insertJob(newJob(), { claim: me });
    await store.checkpoint(claim!.fence, [begun('one')]);
    await store.checkpoint(claim!.fence, [step('one'), begun('two')]);
    const wait = { key: 'w', name: 'w', type: 'wait', createdAt: T0, kind: 'signal' as const, match: 'm' };
    const timer = { key: 't', name: 't', type: 'wait', createdAt: T0, kind: 'timer' as const, wakeAt: T0 + 9 };
    const outcome = { kind: 'waiting' as const, waits: [wait, timer] };
    await store.finishRun(claim!.fence, { outcome, at: T0 + 1, maxInterruptions: 3 });
    await store.passTime(T0 + 9);
    const [next] = await store.claimJobs({ ...me, max: 1, at: T0 + 10 });
    expect(next?.journal.map(({ key, state }) => [key, state])).toEqual([
      ['one', 'completed'],
      ['two', 'begun'],
      ['t', 'completed'],
    ]);
    expect(next?.waits).toEqual([wait]);
    expect(next?.job).toMatchObject({ token: 2, attempt: 1, startedAt: T0 });
  });

  it('begins a new attempt from an empty journal, and shows the steps of the failed one until then', async () => {
    const { store } = subject;
    const { job, claim } = await store.insertJob(newJob(), { claim: me });
    await store.checkpoint(claim!.fence, [step('one')]);
    await store.finishRun(claim!.fence, { outcome: failed(), at: T0 + 1, retryAt: T0 + 2, maxInterruptions: 3 });
    expect(await store.listSteps(job.id)).toHaveLength(1);
    const [next] = await store.claimJobs({ ...me, max: 1, at: T0 + 2 });
    expect(next).toMatchObject({ job: { attempt: 2, token: 2 }, journal: [] });
    expect(await store.listSteps(job.id)).toEqual([]);
  });

  it('extends leases, and says which are lost and which are asked to end', async () => {
    const { store } = subject;
    const [a, b, c] = [await insert(), await insert(), await insert()];
    await claimIds(3);
    await store.cancelJob(b, { reason: 'enough', at: T0 });
    await store.finishRun({ job: c, token: 1 }, { outcome: completed(), at: T0, maxInterruptions: 3 });
    const fences = [a, b, c].map((job) => ({ job, token: 1 }));
    expect(await store.renewLeases({ ...me, fences, at: T0 + 10 })).toEqual({ lost: [c], cancel: [b] });
    expect((await store.findJob(a))?.lease?.expiresAt).toBe(T0 + 10 + me.leaseMs);
    const stranger = { ...me, owner: 'server-2', fences: [fences[0]!], at: T0 };
    expect(await store.renewLeases(stranger)).toEqual({ lost: [a], cancel: [] });
    const stale = { ...me, fences: [{ job: a, token: 0 }], at: T0 };
    expect(await store.renewLeases(stale)).toEqual({ lost: [a], cancel: [] });
  });

  it.each([
    ['resume', { state: 'queued', attempt: 1, interruptions: 1 }],
    ['retry', { state: 'queued', attempt: 1, interruptions: 1 }],
    ['fail', { state: 'failed' }],
  ] as const)('resolves what a lost server ran: onInterrupted %s', async (onInterrupted, expected) => {
    const { store } = subject;
    const id = await insert({ onInterrupted });
    await claimIds(1);
    await store.checkpoint({ job: id, token: 1 }, [step('one')]);
    const by = { owner: me.owner, at: T0 + 1, maxInterruptions: 3 };
    expect(await store.rescueJobs({ ...by, orphans: true })).toEqual([]);
    const rescued = await store.rescueJobs({ ...by, owner: 'server-2', orphans: true });
    expect(rescued).toEqual([{ job: id, state: expected.state }]);
    expect(await store.findJob(id)).toMatchObject(expected);
    expect((await store.listRuns(id)).map((run) => run.outcome)).toEqual(['interrupted']);
    const [next] = await store.claimJobs({ ...me, max: 1, at: T0 + 2 });
    if (onInterrupted === 'resume') expect(next).toMatchObject({ job: { attempt: 1 }, journal: [{ key: 'one' }] });
    if (onInterrupted === 'retry') expect(next).toMatchObject({ job: { attempt: 2 }, journal: [] });
    if (onInterrupted === 'fail') expect((await store.findJob(id))?.error?.code).toBe('interrupted');
  });

  it('rescues by lease only what has run out, and fails what was cut off too often', async () => {
    const { store } = subject;
    const id = await insert();
    for (let time = 1; time <= 3; time++) {
      const at = T0 + time * 1_000_000;
      await claimIds(1, at);
      const by = { owner: me.owner, orphans: false, maxInterruptions: 2 };
      expect(await store.rescueJobs({ ...by, at: at + me.leaseMs - 1 })).toEqual([]);
      const state = time === 3 ? 'failed' : 'queued';
      expect(await store.rescueJobs({ ...by, at: at + me.leaseMs })).toEqual([{ job: id, state }]);
    }
    expect((await store.findJob(id))?.error).toMatchObject({ code: 'interrupted' });
  });

  it('cancels instead of rescuing what was asked to end', async () => {
    const id = await insert();
    await claimIds(1);
    await subject.store.cancelJob(id, { reason: 'enough', at: T0 });
    await subject.store.rescueJobs({ owner: 'server-2', orphans: true, at: T0 + 1, maxInterruptions: 3 });
    expect(await subject.store.findJob(id)).toMatchObject({ state: 'cancelled', cancelReason: 'enough' });
  });
}
