import { expect, it } from 'vitest';
import { completed, failed, me, newJob, T0 } from './samples.ts';
import type { Subject } from './suite.ts';

const workflow = '/Examples/Sample';

export function catalogueSpecs(subject: Subject): void {
  /** A job that is running, begun at `T0`. */
  const begin = async (change: Parameters<typeof newJob>[0] = {}) => {
    const { claim } = await subject.store.insertJob(newJob(change), { claim: me });
    return claim!;
  };
  const end = (
    fence: { job: number; token: number },
    outcome: ReturnType<typeof completed | typeof failed>,
    at: number,
  ) => subject.store.finishRun(fence, { outcome, at, maxInterruptions: 3 });

  it('counts the runs that ended a job, whatever the end, and how long they took', async () => {
    const { store } = subject;
    expect(await store.countRuns([workflow])).toEqual([]);
    const [first, second, third] = [await begin(), await begin(), await begin({ workflow: '/Other' })];
    await Promise.all([
      end(first.fence, completed(), T0 + 10),
      end(second.fence, failed(), T0 + 30),
      end(third.fence, completed(), T0 + 5),
    ]);
    expect(await store.countRuns([workflow, '/Other', '/None'])).toEqual([
      { workflow, runs: 2, elapsedMs: 40 },
      { workflow: '/Other', runs: 1, elapsedMs: 5 },
    ]);
    const run = { id: await store.newJobId(), owner: me.owner, startedAt: T0, endedAt: T0 + 60 };
    await store.recordExecution(newJob(), { ...run, outcome: completed() });
    expect(await store.countRuns([workflow])).toEqual([{ workflow, runs: 3, elapsedMs: 100 }]);
    await subject.reopen();
    expect(await subject.store.countRuns([workflow])).toEqual([{ workflow, runs: 3, elapsedMs: 100 }]);
  });

  it('counts a run once: not while it waits or is tried again, not when it is told twice, not what never began', async () => {
    const { store } = subject;
    const { fence } = await begin();
    await end({ ...fence, token: 7 }, completed(), T0 + 1);
    await store.finishRun(fence, { outcome: failed(), at: T0 + 2, retryAt: T0 + 3, maxInterruptions: 3 });
    const never = await store.insertJob(newJob({ workflow: '/Never', start: false }));
    await store.cancelJob(never.job.id, { reason: 'x', at: T0 + 4 });
    expect(await store.countRuns([workflow, '/Never'])).toEqual([]);
    const [again] = await store.claimJobs({ ...me, max: 1, at: T0 + 5 });
    await end(again!.fence, completed(), T0 + 20);
    await end(again!.fence, completed(), T0 + 25);
    expect(await store.countRuns([workflow])).toEqual([{ workflow, runs: 1, elapsedMs: 20 }]);
  });

  it('keeps the counts when another call of the same moment fails, and when jobs are discarded or pruned', async () => {
    const { store } = subject;
    const [first, second] = [await begin(), await begin()];
    const wrong = { ...newJob(), priority: 5_000 };
    const calls = await Promise.allSettled([
      end(first.fence, completed(), T0 + 10),
      store.insertJob(wrong),
      end(second.fence, completed(), T0 + 10),
    ]);
    expect(calls.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await store.discardJob(first.job.id, T0 + 20);
    await store.pruneJobs({ before: T0 + 1_000, keysBefore: 0, max: 10 });
    expect(await store.countRuns([workflow])).toEqual([{ workflow, runs: 2, elapsedMs: 20 }]);
  });

  it('loses and doubles none of many, when they are summed up, it is opened again or the clock is set back', async () => {
    const expected = { workflow, runs: 0, elapsedMs: 0 };
    for (const size of [1, 200, 1, 4_100, 3]) {
      const fences = await Promise.all(Array.from({ length: size }, () => begin()));
      await Promise.all(
        fences.map(({ fence }, index) => {
          // In one millisecond, in order, and now and then before what has ended already.
          const took = index % 50 === 49 ? 1 : 1_000 + (index >> 2);
          expected.runs += 1;
          expected.elapsedMs += took;
          return end(fence, completed(), T0 + took);
        }),
      );
      expect(await subject.store.countRuns([workflow])).toEqual([expected]);
      while (await subject.store.sumRuns(T0 + 1_000 + (size >> 3)));
      expect(await subject.store.countRuns([workflow])).toEqual([expected]);
      await subject.reopen();
      expect(await subject.store.countRuns([workflow])).toEqual([expected]);
    }
  });

  it('keeps one note a path, and forgets those below a folder with it', async () => {
    const { store } = subject;
    const folder = { path: '/A/', author: 'ada', at: T0, description: 'Of the tutorial.' };
    const inIt = { path: '/A/b', author: 'ben', at: T0, hash: 'a'.repeat(64) };
    const beside = { path: '/A0', author: 'ada', at: T0 };
    for (const note of [{ ...folder, description: 'Old.' }, folder, inIt, beside]) await store.saveNote(note);
    expect(await store.listNotes(['/A/', '/A/b', '/A0', '/A'])).toEqual([folder, inIt, beside]);
    await store.deleteNote('/A/b');
    await store.deleteNote('/A/b');
    expect(await store.listNotes(['/A/b'])).toEqual([]);
    await store.saveNote(inIt);
    await store.deleteNote('/A/');
    expect(await store.listNotes(['/A/', '/A/b', '/A0'])).toEqual([beside]);
  });

  it('takes notes along to another path, those below a folder with it, in place of what was noted there', async () => {
    const { store } = subject;
    const note = (path: string, author: string) => ({ path, author, at: T0 });
    for (const path of ['/A/', '/A/b', '/A/B/', '/A0', '/f']) await store.saveNote(note(path, 'ada'));
    for (const path of ['/Z/old', '/g']) await store.saveNote(note(path, 'ben'));
    await store.moveNote('/A/', '/Z/');
    await store.moveNote('/f', '/g');
    await store.moveNote('/g', '/g');
    await store.moveNote('/none', '/A0');
    const paths = ['/A/', '/A/b', '/A/B/', '/A0', '/f', '/g', '/Z/', '/Z/b', '/Z/B/', '/Z/old'];
    expect(await store.listNotes(paths)).toEqual(['/Z/', '/Z/B/', '/Z/b', '/g'].map((path) => note(path, 'ada')));
  });

  it('begins the jobs of a queue with a higher priority first, then those with a higher one of their own', async () => {
    const { store } = subject;
    await store.saveQueue({ name: 'a', paused: false, priority: 4 });
    await store.saveQueue({ name: 'z', paused: false, priority: 9 });
    expect((await store.listQueues()).map(({ priority }) => priority)).toEqual([4, undefined, 9]);
    const order = [
      ['a', 100],
      ['default', 0],
      ['default', 1],
      ['z', -5],
    ] as const;
    for (const [queue, priority] of order) await store.insertJob(newJob({ queue, priority }));
    const claims = await store.claimJobs({ ...me, max: 10, at: T0 });
    expect(claims.map(({ job }) => `${job.queue} ${job.priority}`)).toEqual([
      'z -5',
      'default 1',
      'default 0',
      'a 100',
    ]);
  });
}
