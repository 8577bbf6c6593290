import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createPoolBench, type PoolBench } from '../support/pool.ts';

describe('the worker pool', () => {
  let bench: PoolBench;
  beforeAll(async () => {
    bench = await createPoolBench();
  });
  afterEach(() => bench.stop());
  afterAll(() => bench.remove());

  it('takes queued jobs and records their output', async () => {
    await bench.start('one');
    const ids = await Promise.all(Array.from({ length: 40 }, (_, n) => bench.submit({ do: 'answer', n })));
    const jobs = await Promise.all(ids.map((id) => bench.ended(id)));
    expect(jobs.map(({ state }) => state)).toEqual(ids.map(() => 'completed'));
    expect(jobs.map(({ output }) => output)).toEqual(
      ids.map((_, n) => ({ json: JSON.stringify({ do: 'answer', n }) })),
    );
    // The end is in the file a moment before the pool hears of it.
    await expect.poll(() => bench.pool.counts().running).toBe(0);
  });

  it('records why a job failed, and tries it again as its policy says', async () => {
    await bench.start('one');
    const failed = await bench.ended(await bench.submit({ do: 'fail' }));
    expect(failed).toMatchObject({
      state: 'failed',
      error: { code: 'workflow-failed', detail: 'It failed, as it was asked to.' },
    });
    const retry = { count: 3, delayMs: 30, backoff: 'constant' as const, maxDelayMs: 30, jitter: 0 };
    const flaky = await bench.ended(await bench.submit({ do: 'flaky' }, { retry }));
    expect(flaky).toMatchObject({ state: 'completed', attempt: 3 });
    const runs = await bench.store.listRuns(flaky.id);
    expect(runs.map(({ outcome, attempt }) => [outcome, attempt])).toEqual([
      ['failed', 1],
      ['failed', 2],
      ['completed', 3],
    ]);
  });

  it('holds nothing for a waiting job and wakes it in time', async () => {
    await bench.start('one', { slots: 1 });
    await bench.ended(await bench.submit({ do: 'answer' }));
    const begun = Date.now();
    const waiting = await bench.submit({ do: 'wait', ms: 600 });
    await expect.poll(async () => (await bench.store.findJob(waiting))?.state, { timeout: 30_000 }).toBe('waiting');
    await expect.poll(() => bench.pool.counts().running).toBe(0);
    expect((await bench.ended(await bench.submit({ do: 'answer' }))).state).toBe('completed');
    const woken = await bench.ended(waiting);
    expect(woken.state).toBe('completed');
    expect(woken.finishedAt! - begun).toBeGreaterThanOrEqual(600);
    expect(woken.finishedAt! - begun).toBeLessThan(2_000);
  });

  it.each([
    'hang',
    'exit',
  ])('survives a run that does "%s": it fails after some tries, its neighbours go on from their journals', async (bad) => {
    await bench.start('one');
    const neighbour = await bench.submit({ do: 'steps', count: 4, ms: 700 });
    await expect
      .poll(async () => (await bench.store.listSteps(neighbour)).filter(({ state }) => state === 'completed').length, {
        timeout: 30_000,
      })
      .toBeGreaterThan(0);
    const culprit = await bench.ended(await bench.submit({ do: bad }), 30_000);
    expect(culprit).toMatchObject({ state: 'failed', error: { code: 'interrupted' } });
    const done = await bench.ended(neighbour, 20_000);
    expect(done.state).toBe('completed');
    expect(done.interruptions).toBe(0);
    // A step that was under way was begun again; no finished one was.
    const attempts = (JSON.parse((done.output as { json: string }).json) as { attempt: number }[]).map(
      ({ attempt }) => attempt,
    );
    expect(attempts[0]).toBe(1);
    expect((await bench.ended(await bench.submit({ do: 'answer' }))).state).toBe('completed');
  });

  it('goes on after an error in a thread that no run caught', async () => {
    await bench.start('one');
    const stray = await bench.submit({ do: 'late' });
    const neighbour = await bench.ended(await bench.submit({ do: 'steps', count: 3, ms: 50 }));
    expect(neighbour).toMatchObject({ state: 'completed', interruptions: 0 });
    await bench.store.cancelJob(stray, { reason: 'done with it', at: Date.now() });
    expect(await bench.ended(stray)).toMatchObject({ state: 'cancelled', interruptions: 0 });
  });

  it('fails a run that overflows its stack, and nothing else', async () => {
    await bench.start('one');
    expect(await bench.ended(await bench.submit({ do: 'deep' }))).toMatchObject({
      state: 'failed',
      error: { code: 'limit-exceeded' },
    });
  });

  it('cancels a run that listens at once, and one that does not after the grace time', async () => {
    await bench.start('one', { graceMs: 500 });
    for (const [behaviour, atMost] of [
      ['busy', 3_000],
      ['deaf', 8_000],
    ] as const) {
      const id = await bench.submit({ do: behaviour });
      await expect.poll(async () => (await bench.store.findJob(id))?.state, { timeout: 30_000 }).toBe('running');
      await new Promise((resolve) => setTimeout(resolve, 200));
      const { outcome } = await bench.store.cancelJob(id, { reason: 'not wanted any more', at: Date.now() });
      expect(outcome).toBe('requested');
      expect(await bench.ended(id, atMost)).toMatchObject({ state: 'cancelled', cancelReason: 'not wanted any more' });
    }
  });

  it('cancels a job at the limit that counts from its first run, where its limits say so', async () => {
    await bench.start('one');
    const job = await bench.ended(
      await bench.submit({ do: 'busy' }, { limits: { sinceStartMs: 300, onLimit: 'cancel' } }),
    );
    expect(job).toMatchObject({
      state: 'cancelled',
      cancelReason: 'The job was not final 0.3 s after its first run began.',
    });
    expect(job.finishedAt! - job.startedAt!).toBeGreaterThanOrEqual(300);
  });

  it('ends a run at its time limit, whatever it does', async () => {
    await bench.start('one');
    const job = await bench.ended(await bench.submit({ do: 'busy' }, { limits: { runMs: 300 } }));
    expect(job).toMatchObject({ state: 'failed', error: { code: 'run-time-exceeded', limitSeconds: 0.3 } });
  });

  it('never runs more of a queue at once than it allows', async () => {
    await bench.start('one');
    await bench.store.saveQueue({ name: 'narrow', concurrency: 1, paused: false });
    bench.pool.limit(['narrow']);
    const ids = await Promise.all(
      [1, 2, 3].map(() => bench.submit({ do: 'steps', count: 1, ms: 150 }, { queue: 'narrow' })),
    );
    const jobs = await Promise.all(ids.map((id) => bench.ended(id)));
    const spans = jobs
      .map(({ startedAt, finishedAt }) => [startedAt!, finishedAt!] as const)
      .toSorted((a, b) => a[0] - b[0]);
    for (const [index, [begin]] of spans.entries())
      if (index > 0) expect(begin).toBeGreaterThanOrEqual(spans[index - 1]![1]);
  });

  it('hands back what does not finish in time when it stops; the next server goes on from the journal', async () => {
    await bench.start('one');
    const id = await bench.submit({ do: 'steps', count: 6, ms: 400 });
    await expect
      .poll(async () => (await bench.store.listSteps(id)).filter(({ state }) => state === 'completed').length, {
        timeout: 30_000,
      })
      .toBeGreaterThanOrEqual(2);
    expect(await bench.stop(1_000)).toEqual([]);
    await bench.start('two');
    const done = await bench.ended(id);
    expect(done).toMatchObject({ state: 'completed', attempt: 1, interruptions: 0 });
    const attempts = (JSON.parse((done.output as { json: string }).json) as { attempt: number }[]).map(
      ({ attempt }) => attempt,
    );
    expect(attempts.slice(0, 2)).toEqual([1, 1]);
    expect(attempts.filter((attempt) => attempt > 1).length).toBeLessThanOrEqual(1);
  });
});
