import { expect, it } from 'vitest';
import { begun, completed, failed, line, me, newJob, step, T0 } from './samples.ts';
import type { Subject } from './suite.ts';

export function runSpecs(subject: Subject): void {
  const running = async (change = {}) => {
    const { job, claim } = await subject.store.insertJob(newJob(change), { claim: me });
    return { id: job.id, fence: claim!.fence };
  };
  const end = { at: T0 + 10, maxInterruptions: 3 };

  it('keeps the result, the run and the files of a completed job', async () => {
    const { store } = subject;
    const { id, fence } = await running();
    const file = {
      name: 'out.csv',
      direction: 'out' as const,
      contentType: 'text/csv',
      blob: 'e'.repeat(64),
      bytes: 9,
    };
    const outcome = { ...completed('[1]'), files: [file] };
    expect(await store.finishRun(fence, { outcome, ...end })).toBe('completed');
    const job = await store.findJob(id);
    expect(job).toMatchObject({ state: 'completed', output: { json: '[1]' }, finishedAt: T0 + 10 });
    expect(job?.lease).toBeUndefined();
    expect(await store.listRuns(id)).toEqual([
      { job: id, token: 1, attempt: 1, owner: me.owner, startedAt: T0, endedAt: T0 + 10, outcome: 'completed' },
    ]);
    expect(await store.listFiles(id)).toEqual([{ ...file, createdAt: T0 + 10 }]);
  });

  it('keeps the error of a failed job, in the job and in the run', async () => {
    const { id, fence } = await running();
    const outcome = failed('No such table.');
    expect(await subject.store.finishRun(fence, { outcome, ...end })).toBe('failed');
    expect((await subject.store.findJob(id))?.error).toEqual(outcome.error);
    expect((await subject.store.listRuns(id))[0]?.error).toEqual(outcome.error);
  });

  it('queues a failed job again for its retry time', async () => {
    const { store } = subject;
    const { id, fence } = await running();
    expect(await store.finishRun(fence, { outcome: failed(), ...end, retryAt: T0 + 500 })).toBe('queued');
    expect(await store.findJob(id)).toMatchObject({ state: 'queued', runAt: T0 + 500, attempt: 1 });
    expect(await store.nextDue()).toBe(T0 + 500);
    expect(await store.claimJobs({ ...me, max: 1, at: T0 + 499 })).toEqual([]);
    const [claim] = await store.claimJobs({ ...me, max: 1, at: T0 + 500 });
    expect(claim?.job).toMatchObject({ attempt: 2, token: 2, startedAt: T0 });
  });

  it.each([
    [
      'waiting',
      {
        kind: 'waiting',
        waits: [{ key: 'w', name: 'w', type: 'wait', createdAt: T0, kind: 'timer', wakeAt: T0 + 99 }],
      },
    ],
    ['interrupted', { kind: 'interrupted', reason: 'draining', blame: false }],
    ['to be retried', failed()],
  ] as const)('turns a run that is %s into cancelled when a cancel was requested', async (kind, outcome) => {
    const { id, fence } = await running();
    const asked = await subject.store.cancelJob(id, { reason: 'enough', at: T0 + 1 });
    expect(asked).toMatchObject({
      outcome: 'requested',
      running: [id],
      job: { state: 'running', cancelRequestedAt: T0 + 1 },
    });
    const retry = kind === 'to be retried' ? { retryAt: T0 + 20 } : {};
    const waits = outcome.kind === 'waiting' ? { ...outcome, waits: [...outcome.waits] } : outcome;
    expect(await subject.store.finishRun(fence, { outcome: waits, ...end, ...retry })).toBe('cancelled');
    expect(await subject.store.findJob(id)).toMatchObject({ state: 'cancelled', cancelReason: 'enough' });
    expect(await subject.store.nextDue()).toBeUndefined();
  });

  it('keeps the run and the journal of a further attempt that waits', async () => {
    const { store } = subject;
    const { id, fence } = await running();
    await store.finishRun(fence, { outcome: failed(), retryAt: T0 + 20, ...end });
    const claim = async (at: number) => (await store.claimJobs({ ...me, max: 1, at }))[0]!;
    const second = await claim(T0 + 20);
    await store.checkpoint(second.fence, [step('/do/0/a')]);
    const wait = {
      key: '/do/1/w',
      name: 'w',
      type: 'wait',
      createdAt: T0 + 21,
      kind: 'timer' as const,
      wakeAt: T0 + 30,
    };
    await store.finishRun(second.fence, { ...end, outcome: { kind: 'waiting', waits: [wait] }, at: T0 + 22 });
    expect((await store.listRuns(id)).map(({ outcome }) => outcome)).toEqual(['failed', 'waiting']);
    await store.passTime(T0 + 30);
    const third = await claim(T0 + 31);
    expect(third.job.attempt).toBe(2);
    expect(third.journal.map(({ key }) => key)).toEqual(['/do/0/a', '/do/1/w']);
    await store.finishRun(third.fence, { outcome: completed(), ...end, at: T0 + 32 });
    expect((await store.listRuns(id)).map(({ token, attempt, outcome }) => [token, attempt, outcome])).toEqual([
      [1, 1, 'failed'],
      [2, 2, 'waiting'],
      [3, 2, 'completed'],
    ]);
  });

  it('lets a result stand that came before the cancel was heard', async () => {
    const { id, fence } = await running();
    await subject.store.cancelJob(id, { reason: 'enough', at: T0 + 1 });
    expect(await subject.store.finishRun(fence, { outcome: completed(), ...end })).toBe('completed');
  });

  it('counts an interruption only when the run is to blame, and follows onInterrupted either way', async () => {
    const { store } = subject;
    const { id, fence } = await running();
    await store.finishRun(fence, { outcome: { kind: 'interrupted', reason: 'draining', blame: false }, ...end });
    expect(await store.findJob(id)).toMatchObject({ state: 'queued', interruptions: 0, attempt: 1 });
    const [again] = await store.claimJobs({ ...me, max: 1, at: T0 + 11 });
    const lost = { kind: 'interrupted' as const, reason: 'thread lost', blame: true };
    await store.finishRun(again!.fence, { outcome: lost, ...end });
    expect(await store.findJob(id)).toMatchObject({ state: 'queued', interruptions: 1 });
    const careful = await running({ onInterrupted: 'fail', queue: 'other' });
    expect(await store.finishRun(careful.fence, { outcome: { ...lost, blame: false }, ...end })).toBe('failed');
  });

  it('changes nothing for a stale fence', async () => {
    const { store } = subject;
    const { id, fence } = await running();
    await store.rescueJobs({ owner: 'server-2', orphans: true, at: T0 + 1, maxInterruptions: 3 });
    const [claim] = await store.claimJobs({ owner: 'server-2', leaseMs: 1_000, max: 1, at: T0 + 2 });
    const before = await store.findJob(id);
    expect(await store.finishRun(fence, { outcome: completed(), ...end })).toBeUndefined();
    expect(await store.checkpoint(fence, [step('late')], [line('late')])).toBe(false);
    expect(await store.findJob(id)).toEqual(before);
    expect(await store.listSteps(id)).toEqual([]);
    expect((await store.readLog(id, { limit: 10 })).lines).toEqual([]);
    expect(await store.finishRun(claim!.fence, { outcome: completed(), ...end })).toBe('completed');
    expect(await store.finishRun(claim!.fence, { outcome: failed(), ...end })).toBeUndefined();
    expect(await store.finishRun({ job: 999, token: 1 }, { outcome: failed(), ...end })).toBeUndefined();
  });

  it('keeps the first outcome of a step and its place in the journal', async () => {
    const { store } = subject;
    const { id, fence } = await running();
    await store.checkpoint(fence, [begun('a'), begun('b')]);
    await store.checkpoint(fence, [begun('a', 2)], [line('one'), line('two')]);
    await store.checkpoint(fence, [step('b'), step('a', { attempt: 2, output: { json: '1' } })]);
    await store.checkpoint(fence, [begun('a', 3), step('a', { output: { json: '2' } })]);
    expect((await store.listSteps(id)).map(({ key, state, attempt, output }) => [key, state, attempt, output])).toEqual(
      [
        ['a', 'completed', 2, { json: '1' }],
        ['b', 'completed', 1, { json: '"done"' }],
      ],
    );
    expect((await store.readLog(id, { limit: 9 })).lines.map(({ text }) => text)).toEqual(['one', 'two']);
  });

  it('refuses cancel of a final job, and of none', async () => {
    const { id, fence } = await running();
    await subject.store.finishRun(fence, { outcome: completed(), ...end });
    const by = { reason: 'x', at: T0 };
    await expect(subject.store.cancelJob(id, by)).rejects.toMatchObject({ code: 'conflict' });
    await expect(subject.store.cancelJob(777, by)).rejects.toMatchObject({ code: 'not-found' });
    expect((await subject.store.findJob(id))?.state).toBe('completed');
  });
}
