import { expect, it } from 'vitest';
import type { JobEvent } from '../../src/model/event.ts';
import type { NewJob } from '../../src/model/job.ts';
import { everyEvent, recordHistory } from './invariants.ts';
import { completed, failed, me, newJob, T0 } from './samples.ts';
import type { Subject } from './suite.ts';

const publish = {
  completed: ['good', 'any', 'good'],
  failed: ['bad', 'any'],
  cancelled: ['off'],
  attributes: { ticket: 'A-17' },
};

export function eventSpecs(subject: Subject): void {
  const begin = async (change: Partial<NewJob> = { publish }) => {
    const { claim } = await subject.store.insertJob(newJob(change), { claim: me });
    return claim!.fence;
  };
  const finish = (
    fence: { job: number; token: number },
    outcome: Parameters<typeof subject.store.finishRun>[1]['outcome'],
    more: { at?: number; retryAt?: number } = {},
  ) => subject.store.finishRun(fence, { outcome, at: T0 + 7, maxInterruptions: 0, ...more });
  const published = async () =>
    (await everyEvent(subject.store)).map(({ job, state, topic }) => `${job} ${state} ${topic}`);

  it('one for each topic of the end, once, with all that its reader needs', async () => {
    const fence = await begin();
    expect(await everyEvent(subject.store)).toEqual([]);
    expect(await finish(fence, completed())).toBe('completed');
    const event: JobEvent = {
      id: 1,
      at: T0 + 7,
      topic: 'good',
      job: fence.job,
      state: 'completed',
      workflow: '/Examples/Sample',
      owner: 'ada',
      attributes: { ticket: 'A-17' },
    };
    expect(await everyEvent(subject.store)).toEqual([event, { ...event, id: 2, topic: 'any' }]);
    expect((await subject.store.findJob(fence.job))?.publish).toEqual(publish);
    expect((await subject.store.findJob(fence.job))?.output).toEqual(completed().output);
    await subject.reopen();
    expect(await everyEvent(subject.store)).toHaveLength(2);
  });

  it('for every way to the end: with files, failed, cancelled, expired, cut off, as a child', async () => {
    const { store } = subject;
    const file = { name: 'f', direction: 'out' as const, contentType: 'a/b', blob: 'b'.repeat(64), bytes: 1 };
    const withFiles = await begin();
    await finish(withFiles, { ...completed(), files: [file] });
    const bad = await begin();
    await finish(bad, failed());
    const stopped = await begin();
    await store.cancelJob(stopped.job, { reason: 'enough', at: T0 });
    await finish(stopped, { kind: 'cancelled', reason: 'x' });
    const { job: queued } = await store.insertJob(newJob({ publish }));
    await store.cancelJob(queued.id, { reason: 'x', at: T0 });
    const { job: late } = await store.insertJob(newJob({ publish, limits: { queueMs: 10 } }));
    const { job: over } = await store.insertJob(newJob({ publish, limits: { queueMs: 10, onLimit: 'cancel' } }));
    await store.passTime(T0 + 11);
    const cut = await begin();
    await store.rescueJobs({ owner: 'another', orphans: true, at: T0 + 12, maxInterruptions: 0 });
    const parent = await begin({});
    const { job: child } = await store.insertJob(newJob({ publish, parent: { job: parent.job, step: '/do/0' } }));
    const wait = { kind: 'job' as const, key: '/do/0', name: 'w', type: 'run', createdAt: T0, child: child.id };
    await finish(parent, { kind: 'waiting', waits: [wait] });
    await store.cancelJob(parent.job, { reason: 'x', at: T0 + 13 });
    expect(await published()).toEqual([
      `${withFiles.job} completed good`,
      `${withFiles.job} completed any`,
      `${bad.job} failed bad`,
      `${bad.job} failed any`,
      `${stopped.job} cancelled off`,
      `${queued.id} cancelled off`,
      `${late.id} failed bad`,
      `${late.id} failed any`,
      `${over.id} cancelled off`,
      `${cut.job} failed bad`,
      `${cut.job} failed any`,
      `${child.id} cancelled off`,
    ]);
  });

  it('none of a job that names no topics for its end, that goes on, or whose run has lost it', async () => {
    await finish(await begin({}), completed());
    await finish(await begin({ publish: { failed: ['bad'], attributes: { a: 'b' } } }), completed());
    const again = await begin();
    expect(await finish(again, failed(), { retryAt: T0 + 8 })).toBe('queued');
    expect(await finish(again, completed())).toBeUndefined();
    const gone = await begin();
    expect(await finish({ ...gone, token: 9 }, completed())).toBeUndefined();
    expect(await published()).toEqual([]);
  });

  it('written and announced with the end or not at all, when another call of the moment fails', async () => {
    const { store } = subject;
    const [first, second] = [await begin(), await begin()];
    const { changes, stop } = recordHistory(store);
    const calls = await Promise.allSettled([
      finish(first, completed()),
      // Undone, with all that the moment did so far, which is then done again.
      finish(second, { ...completed(), files: [{ name: 'f' } as never] }),
      store.insertJob(newJob({ priority: 5_000 })),
    ]);
    stop();
    expect(calls.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect((await store.findJob(second.job))?.state).toBe('running');
    expect(await published()).toEqual([`${first.job} completed good`, `${first.job} completed any`]);
    const told = { kind: 'event', job: first.job, owner: 'ada', at: T0 + 7 };
    expect(changes.filter(({ kind }) => kind === 'event')).toEqual([
      { ...told, topic: 'good' },
      { ...told, topic: 'any' },
    ]);
  });

  it('listed by topic and owner, in either order, behind a place and page by page', async () => {
    for (const owner of ['ada', 'ben', 'ada']) await finish(await begin({ publish, owner }), completed());
    const { store } = subject;
    const ids = async (query: Partial<Parameters<typeof store.listEvents>[0]>) =>
      (await store.listEvents({ order: 'oldest', limit: 10, ...query })).items.map(({ id }) => id);
    expect(await ids({})).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await ids({ order: 'newest', limit: 2 })).toEqual([6, 5]);
    expect(await ids({ topic: 'good' })).toEqual([1, 3, 5]);
    expect(await ids({ owner: 'ben' })).toEqual([3, 4]);
    expect(await ids({ owner: 'ada', topic: 'any' })).toEqual([2, 6]);
    expect(await ids({ topic: 'none' })).toEqual([]);
    expect(await ids({ after: 4 })).toEqual([5, 6]);
    expect(await ids({ after: 4, order: 'newest' })).toEqual([6, 5]);
    for (const order of ['newest', 'oldest'] as const) {
      const got: number[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.listEvents({ topic: 'any', order, limit: 1, ...(cursor ? { cursor } : {}) });
        got.push(...page.items.map(({ id }) => id));
        cursor = page.next;
      } while (cursor);
      expect(got).toEqual(order === 'newest' ? [6, 4, 2] : [2, 4, 6]);
    }
    const { next } = await store.listEvents({ order: 'newest', limit: 1 });
    await expect(store.listEvents({ order: 'oldest', limit: 1, cursor: next! })).rejects.toMatchObject({
      code: 'invalid-input',
    });
    await expect(store.listJobs({ order: 'newest', limit: 1, cursor: next! })).rejects.toMatchObject({
      code: 'invalid-input',
    });
  });

  it('kept when the job is gone, and pruned by age; their ids never come again', async () => {
    const { store } = subject;
    for (const at of [T0 + 1, T0 + 2, T0 + 30]) {
      const fence = await begin({ publish: { completed: ['t'] } });
      await finish(fence, completed(), { at });
      await store.discardJob(fence.job, at);
    }
    const ids = async () => (await everyEvent(store)).map(({ id }) => id);
    expect(await store.pruneEvents({ before: T0 + 30, max: 1 })).toBe(1);
    expect(await ids()).toEqual([2, 3]);
    expect(await store.pruneEvents({ before: T0 + 30, max: 10 })).toBe(1);
    expect(await store.pruneEvents({ before: T0 + 31, max: 10 })).toBe(1);
    expect(await store.pruneEvents({ before: T0 + 31, max: 10 })).toBe(0);
    await finish(await begin({ publish: { completed: ['t'] } }), completed());
    expect(await ids()).toEqual([4]);
  });
}
