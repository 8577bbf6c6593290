import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startAll, stopAll } from '../../src/lifecycle.ts';
import { createTimekeeper } from '../../src/maintenance/timekeeper.ts';
import { isFinal, type Job, type NewJob } from '../../src/model/job.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { createProcessPool, defaultProcessLimits } from '../../src/processes/index.ts';
import type { Store } from '../../src/store.ts';
import { openStore } from '../../src/stores/index.ts';
import { createLeases } from '../../src/worker/leases.ts';
import { createPool, type Pool } from '../../src/worker/pool.ts';
import { newJob } from '../stores/samples.ts';
import { probeRuntime } from '../support/probe-runtime.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const clock = Date.now;
const version = { hash: 'a'.repeat(64), runtime: 'probe', source: '', info: probeRuntime.parse('', '').info };

describe('the worker pool', () => {
  let folder: string;
  let store: Store;
  let pool: Pool;
  let services: Service[];

  /** Starts everything that stands between a stored job and its end, on the same folder each time. */
  const start = async (owner: string, options: { workers?: number; slots?: number; graceMs?: number } = {}) => {
    const opened = await openStore(folder);
    store = opened.store;
    await store.saveVersion(version, clock());
    const processes = createProcessPool({
      workFolder: join(folder, 'work'),
      concurrency: 1,
      warm: 0,
      reuse: 0,
      limits: defaultProcessLimits,
      environment: {},
      log() {},
    });
    pool = createPool({
      ...opened,
      processes,
      clock,
      log: quiet,
      random: () => 0,
      version: (hash) => store.findVersion(hash),
      submitChild: async () => ({ id: 0, uuid: '' }),
      cancelChild: async () => {},
      secret: async () => null,
      maxFileBytes: 1_000,
      settings: {
        owner,
        workers: options.workers ?? 1,
        slots: options.slots ?? 4,
        leaseMs: 10_000,
        graceMs: options.graceMs ?? 1_000,
        hangMs: 2_000,
        maxInterruptions: 2,
        entry: new URL('../support/probe-thread.ts', import.meta.url),
        outbound: { private: 'refuse', allow: [], maxBytes: 1, timeoutMs: 1, maxRedirects: 0, userAgent: 'test' },
      },
    });
    const settings = { owner, leaseMs: 10_000, maxInterruptions: 2 };
    services = [
      { name: 'store', stop: () => store.close() },
      processes,
      pool,
      createLeases({ store, pool, settings, clock, log: quiet }),
      createTimekeeper({ store, clock, log: quiet }),
    ];
    await startAll(services);
  };
  const stop = (deadlineMs = 5_000) => stopAll(services, deadlineMs);

  const submit = async (input: JsonObject, more?: Partial<NewJob>) => {
    const asked = { workflow: '/probe', version: version.hash, input: { json: JSON.stringify(input) } };
    return (await store.insertJob(newJob({ ...asked, createdAt: clock(), ...more }))).job.id;
  };
  const ended = async (id: number, withinMs = 30_000): Promise<Job> => {
    let job = await store.findJob(id);
    for (const end = Date.now() + withinMs; job && !isFinal(job.state) && Date.now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      job = await store.findJob(id);
    }
    return job!;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-pool-'));
  });
  afterEach(() => stop());
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('takes queued jobs and records their output', async () => {
    await start('one');
    const ids = await Promise.all(Array.from({ length: 40 }, (_, n) => submit({ do: 'answer', n })));
    const jobs = await Promise.all(ids.map((id) => ended(id)));
    expect(jobs.map(({ state }) => state)).toEqual(ids.map(() => 'completed'));
    expect(jobs.map(({ output }) => output)).toEqual(
      ids.map((_, n) => ({ json: JSON.stringify({ do: 'answer', n }) })),
    );
    // The end is in the file a moment before the pool hears of it.
    await expect.poll(() => pool.counts().running).toBe(0);
  });

  it('records why a job failed, and tries it again as its policy says', async () => {
    await start('one');
    const failed = await ended(await submit({ do: 'fail' }));
    expect(failed).toMatchObject({
      state: 'failed',
      error: { code: 'workflow-failed', detail: 'It failed, as it was asked to.' },
    });
    const retry = { count: 3, delayMs: 30, backoff: 'constant' as const, maxDelayMs: 30, jitter: 0 };
    const flaky = await ended(await submit({ do: 'flaky' }, { retry }));
    expect(flaky).toMatchObject({ state: 'completed', attempt: 3 });
    const runs = await store.listRuns(flaky.id);
    expect(runs.map(({ outcome, attempt }) => [outcome, attempt])).toEqual([
      ['failed', 1],
      ['failed', 2],
      ['completed', 3],
    ]);
  });

  it('holds nothing for a waiting job and wakes it in time', async () => {
    await start('one', { slots: 1 });
    await ended(await submit({ do: 'answer' }));
    const begun = clock();
    const waiting = await submit({ do: 'wait', ms: 600 });
    await expect.poll(async () => (await store.findJob(waiting))?.state, { timeout: 30_000 }).toBe('waiting');
    await expect.poll(() => pool.counts().running).toBe(0);
    expect((await ended(await submit({ do: 'answer' }))).state).toBe('completed');
    const woken = await ended(waiting);
    expect(woken.state).toBe('completed');
    expect(woken.finishedAt! - begun).toBeGreaterThanOrEqual(600);
    expect(woken.finishedAt! - begun).toBeLessThan(2_000);
  });

  it.each([
    'hang',
    'exit',
  ])('survives a run that does "%s": it fails after some tries, its neighbours go on from their journals', async (bad) => {
    await start('one');
    const neighbour = await submit({ do: 'steps', count: 4, ms: 700 });
    await expect
      .poll(async () => (await store.listSteps(neighbour)).filter(({ state }) => state === 'completed').length, {
        timeout: 30_000,
      })
      .toBeGreaterThan(0);
    const culprit = await ended(await submit({ do: bad }), 30_000);
    expect(culprit).toMatchObject({ state: 'failed', error: { code: 'interrupted' } });
    const done = await ended(neighbour, 20_000);
    expect(done.state).toBe('completed');
    expect(done.interruptions).toBe(0);
    // A step that was under way was begun again; no finished one was.
    const attempts = (JSON.parse((done.output as { json: string }).json) as { attempt: number }[]).map(
      ({ attempt }) => attempt,
    );
    expect(attempts[0]).toBe(1);
    expect((await ended(await submit({ do: 'answer' }))).state).toBe('completed');
  });

  it('goes on after an error in a thread that no run caught', async () => {
    await start('one');
    const stray = await submit({ do: 'late' });
    const neighbour = await ended(await submit({ do: 'steps', count: 3, ms: 50 }));
    expect(neighbour).toMatchObject({ state: 'completed', interruptions: 0 });
    await store.cancelJob(stray, { reason: 'done with it', at: clock() });
    expect(await ended(stray)).toMatchObject({ state: 'cancelled', interruptions: 0 });
  });

  it('fails a run that overflows its stack, and nothing else', async () => {
    await start('one');
    expect(await ended(await submit({ do: 'deep' }))).toMatchObject({
      state: 'failed',
      error: { code: 'limit-exceeded' },
    });
  });

  it('cancels a run that listens at once, and one that does not after the grace time', async () => {
    await start('one', { graceMs: 500 });
    for (const [behaviour, atMost] of [
      ['busy', 3_000],
      ['deaf', 8_000],
    ] as const) {
      const id = await submit({ do: behaviour });
      await expect.poll(async () => (await store.findJob(id))?.state, { timeout: 30_000 }).toBe('running');
      await new Promise((resolve) => setTimeout(resolve, 200));
      const { outcome } = await store.cancelJob(id, { reason: 'not wanted any more', at: clock() });
      expect(outcome).toBe('requested');
      expect(await ended(id, atMost)).toMatchObject({ state: 'cancelled', cancelReason: 'not wanted any more' });
    }
  });

  it('cancels a job at the limit that counts from its first run, where its limits say so', async () => {
    await start('one');
    const job = await ended(await submit({ do: 'busy' }, { limits: { sinceStartMs: 300, onLimit: 'cancel' } }));
    expect(job).toMatchObject({
      state: 'cancelled',
      cancelReason: 'The job was not final 0.3 s after its first run began.',
    });
    expect(job.finishedAt! - job.startedAt!).toBeGreaterThanOrEqual(300);
  });

  it('ends a run at its time limit, whatever it does', async () => {
    await start('one');
    const job = await ended(await submit({ do: 'busy' }, { limits: { runMs: 300 } }));
    expect(job).toMatchObject({ state: 'failed', error: { code: 'run-time-exceeded', limitSeconds: 0.3 } });
  });

  it('never runs more of a queue at once than it allows', async () => {
    await start('one');
    await store.saveQueue({ name: 'narrow', concurrency: 1, paused: false });
    pool.limit(['narrow']);
    const ids = await Promise.all([1, 2, 3].map(() => submit({ do: 'steps', count: 1, ms: 150 }, { queue: 'narrow' })));
    const jobs = await Promise.all(ids.map((id) => ended(id)));
    const spans = jobs
      .map(({ startedAt, finishedAt }) => [startedAt!, finishedAt!] as const)
      .toSorted((a, b) => a[0] - b[0]);
    for (const [index, [begin]] of spans.entries())
      if (index > 0) expect(begin).toBeGreaterThanOrEqual(spans[index - 1]![1]);
  });

  it('hands back what does not finish in time when it stops; the next server goes on from the journal', async () => {
    await start('one');
    const id = await submit({ do: 'steps', count: 6, ms: 400 });
    await expect
      .poll(async () => (await store.listSteps(id)).filter(({ state }) => state === 'completed').length, {
        timeout: 30_000,
      })
      .toBeGreaterThanOrEqual(2);
    expect(await stop(1_000)).toEqual([]);
    await start('two');
    const done = await ended(id);
    expect(done).toMatchObject({ state: 'completed', attempt: 1, interruptions: 0 });
    const attempts = (JSON.parse((done.output as { json: string }).json) as { attempt: number }[]).map(
      ({ attempt }) => attempt,
    );
    expect(attempts.slice(0, 2)).toEqual([1, 1]);
    expect(attempts.filter((attempt) => attempt > 1).length).toBeLessThanOrEqual(1);
  });
});
