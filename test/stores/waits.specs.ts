import { expect, it } from 'vitest';
import type { Wait } from '../../src/model/run.ts';
import { completed, failed, me, newJob, T0 } from './samples.ts';
import type { Subject } from './suite.ts';

const timer = (key: string, wakeAt: number): Wait => ({
  key,
  name: key,
  type: 'wait',
  createdAt: T0,
  kind: 'timer',
  wakeAt,
});
const onChild = (key: string, child: number): Wait => ({
  key,
  name: key,
  type: 'wait:job',
  createdAt: T0,
  kind: 'job',
  child,
});
const signal = (key: string): Wait => ({ key, name: key, type: 'listen', createdAt: T0, kind: 'signal', match: 'm' });

export function waitSpecs(subject: Subject): void {
  const end = { at: T0 + 10, maxInterruptions: 3 };
  const running = async (change = {}) => {
    const { job, claim } = await subject.store.insertJob(newJob(change), { claim: me });
    return { id: job.id, fence: claim!.fence };
  };
  const waiting = async (waits: Wait[], change = {}) => {
    const { id, fence } = await running(change);
    expect(await subject.store.finishRun(fence, { outcome: { kind: 'waiting', waits }, ...end })).toBe('waiting');
    return id;
  };
  const stepsOf = async (id: number) =>
    (await subject.store.listSteps(id)).map(({ key, state, output }) => [
      key,
      state,
      output && 'json' in output ? JSON.parse(output.json) : output,
    ]);

  it('answers due timers, and only those', async () => {
    const { store } = subject;
    const id = await waiting([timer('soon', T0 + 100), timer('late', T0 + 200)]);
    expect(await store.nextDue()).toBe(T0 + 100);
    expect(await store.passTime(T0 + 99)).toEqual({ woken: 0, promoted: 0, expired: [] });
    expect(await store.passTime(T0 + 100)).toEqual({ woken: 1, promoted: 0, expired: [] });
    expect((await store.findJob(id))?.state).toBe('queued');
    expect(await stepsOf(id)).toEqual([['soon', 'completed', null]]);
    expect((await store.listWaits(id)).map(({ key }) => key)).toEqual(['late']);
  });

  it('ends a waiting job at the limit that counts from its first run, as its limits say', async () => {
    const { store } = subject;
    const failing = await waiting([signal('a')], { limits: { sinceStartMs: 50, totalMs: 60 } });
    const cancelled = await waiting([signal('a')], { limits: { sinceStartMs: 50, onLimit: 'cancel' } });
    const queued = (await store.insertJob(newJob({ limits: { sinceStartMs: 1, queueMs: 70, onLimit: 'cancel' } }))).job;
    expect(await store.nextDue()).toBe(T0 + 50);
    expect((await store.passTime(T0 + 49)).expired).toEqual([]);
    expect((await store.passTime(T0 + 50)).expired).toEqual([failing, cancelled]);
    expect(await store.findJob(failing)).toMatchObject({ state: 'failed', error: { code: 'run-time-exceeded' } });
    expect(await store.findJob(cancelled)).toMatchObject({
      state: 'cancelled',
      cancelReason: 'The job was not final 0.05 s after its first run began.',
      limits: { sinceStartMs: 50, onLimit: 'cancel' },
    });
    expect((await store.passTime(T0 + 70)).expired).toEqual([queued.id]);
    expect((await store.findJob(queued.id))?.state).toBe('cancelled');
  });

  it('promotes delayed jobs', async () => {
    await subject.store.insertJob(newJob({ runAt: T0 + 5 }));
    await subject.store.insertJob(newJob({ runAt: T0 + 6 }));
    expect((await subject.store.passTime(T0 + 5)).promoted).toBe(1);
    expect(await subject.store.countQueues(T0 + 5)).toEqual([
      { queue: 'default', ready: 1, delayed: 1, running: 0, waiting: 0 },
    ]);
  });

  it.each([
    ['queued past its queue limit', { limits: { queueMs: 1_000 } }, 'queue-time-exceeded', T0 + 1_000],
    [
      'delayed, from when it is due',
      { limits: { queueMs: 1_000 }, runAt: T0 + 700 },
      'queue-time-exceeded',
      T0 + 1_700,
    ],
    ['queued past its total limit', { limits: { totalMs: 1_000, queueMs: 9_000 } }, 'total-time-exceeded', T0 + 1_000],
    [
      'loaded past its total limit',
      { limits: { totalMs: 1_000, queueMs: 1 }, start: false },
      'total-time-exceeded',
      T0 + 1_000,
    ],
  ] as const)('fails a job that is %s', async (_what, change, code, at) => {
    const { job } = await subject.store.insertJob(newJob(change));
    expect((await subject.store.passTime(at - 1)).expired).toEqual([]);
    expect((await subject.store.passTime(at)).expired).toEqual([job.id]);
    expect(await subject.store.findJob(job.id)).toMatchObject({ state: 'failed', error: { code }, finishedAt: at });
  });

  it('ends a waiting job at its total limit, with the child it waits for; the queue limit holds before the first run only', async () => {
    const { store } = subject;
    const child = (await store.insertJob(newJob({ queue: 'elsewhere' }))).job.id;
    const id = await waiting([onChild('c', child)], { limits: { totalMs: 1_000, queueMs: 1 } });
    expect((await store.passTime(T0 + 999)).expired).toEqual([]);
    expect((await store.passTime(T0 + 1_000)).expired).toEqual([id]);
    expect((await store.findJob(child))?.state).toBe('cancelled');
    expect(await store.nextDue()).toBeUndefined();
  });

  it('wakes by key, once', async () => {
    const { store } = subject;
    const id = await waiting([signal('s')]);
    const answer = { job: id, key: 's', output: { json: '{"v":1}' }, at: T0 + 20 };
    expect(await store.wakeJob({ ...answer, key: 'other' })).toBe(false);
    expect(await store.wakeJob(answer)).toBe(true);
    expect(await store.wakeJob(answer)).toBe(false);
    expect((await store.findJob(id))?.state).toBe('queued');
    expect(await stepsOf(id)).toEqual([['s', 'completed', { v: 1 }]]);
  });

  it('journals an answer that is an error as a failed step', async () => {
    const id = await waiting([signal('s')]);
    const { error } = failed('Not approved.');
    await subject.store.wakeJob({ job: id, key: 's', output: undefined, error, at: T0 + 20 });
    expect(await subject.store.listSteps(id)).toMatchObject([{ key: 's', state: 'failed', error }]);
  });

  it('goes straight back to the queue when a wait was answered while the run went on', async () => {
    const { store } = subject;
    const id = await waiting([signal('s'), timer('t', T0 + 50)]);
    await store.passTime(T0 + 50);
    const [claim] = await store.claimJobs({ ...me, max: 1, at: T0 + 60 });
    await store.wakeJob({ job: id, key: 's', output: { json: '2' }, at: T0 + 61 });
    expect((await store.findJob(id))?.state).toBe('running');
    const again = { outcome: { kind: 'waiting' as const, waits: [signal('s')] }, at: T0 + 62, maxInterruptions: 3 };
    expect(await store.finishRun(claim!.fence, again)).toBe('queued');
    expect(await stepsOf(id)).toEqual([
      ['t', 'completed', null],
      ['s', 'completed', 2],
    ]);
  });

  it.each([
    ['completed', completed('{"n":5}'), { state: 'completed', output: { n: 5 } }],
    ['failed', failed('Bad.'), { state: 'failed', error: failed('Bad.').error }],
    ['cancelled', { kind: 'cancelled', reason: 'why not' }, { state: 'cancelled', reason: 'why not' }],
    [
      'completed with a file',
      { kind: 'completed', output: { blob: 'f'.repeat(64), bytes: 99_000 } },
      { state: 'completed', outputBlob: { blob: 'f'.repeat(64), bytes: 99_000 } },
    ],
  ] as const)('answers a parent whose child %s, before or after it began to wait', async (_how, outcome, answer) => {
    const { store } = subject;
    for (const order of ['before', 'after']) {
      const parent = await running();
      const child = await running({ parent: { job: parent.id, step: '/do/0' } });
      const park = () =>
        store.finishRun(parent.fence, {
          outcome: { kind: 'waiting', waits: [onChild('/do/0/wait', child.id)] },
          ...end,
        });
      const finish = () => store.finishRun(child.fence, { outcome, ...end });
      if (order === 'before') {
        await finish();
        expect(await park()).toBe('queued');
      } else {
        expect(await park()).toBe('waiting');
        await finish();
        expect((await store.findJob(parent.id))?.state).toBe('queued');
      }
      expect(await stepsOf(parent.id)).toEqual([['/do/0/wait', 'completed', answer]]);
      expect(await store.listWaits(parent.id)).toEqual([]);
      await store.claimJobs({ ...me, max: 9, at: T0 + 11 });
      await store.finishRun({ job: parent.id, token: 2 }, { outcome: completed(), ...end });
    }
  });

  it('keeps the file of a child output as long as the parent refers to it', async () => {
    const { store } = subject;
    const parent = await running();
    const child = await running({ parent: { job: parent.id, step: 's' } });
    const blob = 'f'.repeat(64);
    await store.finishRun(child.fence, { outcome: { kind: 'completed', output: { blob, bytes: 70_000 } }, ...end });
    await store.finishRun(parent.fence, { outcome: { kind: 'waiting', waits: [onChild('w', child.id)] }, ...end });
    await store.discardJob(child.id, T0 + 11);
    expect(await store.unreferenced([blob, 'a'.repeat(64)])).toEqual(['a'.repeat(64)]);
  });

  it('does not wait for a child that is gone', async () => {
    const { store } = subject;
    const parent = await running();
    const outcome = { kind: 'waiting' as const, waits: [onChild('w', 4_242)] };
    expect(await store.finishRun(parent.fence, { outcome, ...end })).toBe('queued');
    expect(await stepsOf(parent.id)).toMatchObject([['w', 'completed', { state: 'cancelled' }]]);
  });

  it('cancels a waiting job with the children it waits for, all the way down', async () => {
    const { store } = subject;
    const deepest = (await store.insertJob(newJob({ queue: 'deep' }), { claim: me })).job.id;
    const middle = await waiting([onChild('c', deepest)], { queue: 'middle' });
    const queued = (await store.insertJob(newJob({ queue: 'middle' }))).job.id;
    const top = await waiting([onChild('a', middle), onChild('b', queued)]);
    const { outcome, job, running: asked } = await store.cancelJob(top, { reason: 'enough', at: T0 + 20 });
    expect([outcome, job.state, asked]).toEqual(['cancelled', 'cancelled', [deepest]]);
    expect((await store.findJob(middle))?.state).toBe('cancelled');
    expect((await store.findJob(queued))?.state).toBe('cancelled');
    expect(await store.findJob(deepest)).toMatchObject({ state: 'running', cancelRequestedAt: T0 + 20 });
    await store.finishRun({ job: deepest, token: 1 }, { outcome: { kind: 'cancelled', reason: 'gone' }, ...end });
    expect(await store.findJob(deepest)).toMatchObject({ state: 'cancelled', cancelReason: 'enough' });
    expect(await store.claimJobs({ ...me, max: 9, at: T0 + 99 })).toEqual([]);
  });

  it('explains what a job waits for', async () => {
    const { store } = subject;
    expect(await store.explainJob(5, T0)).toBeUndefined();
    const done = await running();
    await store.finishRun(done.fence, { outcome: completed(), ...end });
    await store.saveQueue({ name: 'q', concurrency: 1, paused: false });
    await running({ queue: 'q' });
    await store.insertJob(newJob({ queue: 'q', priority: 5 }));
    await store.insertJob(newJob({ queue: 'q' }));
    const { job } = await store.insertJob(newJob({ queue: 'q' }));
    await store.insertJob(newJob({ queue: 'q' }));
    expect(await store.explainJob(job.uuid, T0)).toEqual({
      job,
      queue: { name: 'q', concurrency: 1, paused: false },
      ahead: 2,
      running: 1,
      waits: [],
      meanRunMs: 10,
    });
    const id = await waiting([timer('t', T0 + 99)]);
    const explained = await store.explainJob(id, T0);
    expect([explained?.ahead, explained?.waits]).toEqual([undefined, [timer('t', T0 + 99)]]);
  });
}
