import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Change } from '../../src/model/change.ts';
import { fail } from '../../src/model/errors.ts';
import type { NewJob } from '../../src/model/job.ts';
import type { JsonObject } from '../../src/model/json.ts';
import type { Store } from '../../src/store.ts';
import { createPoolBench, type PoolBench } from '../support/pool.ts';

describe('a job that begins before it is stored', () => {
  let bench: PoolBench;
  beforeAll(async () => {
    bench = await createPoolBench();
  });
  afterEach(() => bench.stop());
  afterAll(() => bench.remove());

  const newId = async () => {
    const id = await bench.store.newJobId();
    return { id, uuid: bench.store.jobUuid(id) };
  };
  const launch = async (input: JsonObject, more?: Partial<NewJob>) => {
    expect(bench.pool.reserveInTurn()).toBe(true);
    return bench.pool.launch(bench.job(input, more), await newId());
  };
  /** A job that ends at once is asked for until one does: threads, and machines, may be too slow at times. */
  const launchToEnd = async (input: JsonObject) => {
    let job = await launch(input);
    for (let tries = 1; job.state === 'running' && tries < 50; tries++) job = await launch(input);
    return job;
  };
  /** Not before nothing may be queued any more: right after the start, jobs of the last server may be. */
  const start = async (...how: Parameters<PoolBench['start']>) => {
    await bench.start(...how);
    await expect
      .poll(() => {
        const free = bench.pool.reserveInTurn();
        if (free) bench.pool.release();
        return free;
      })
      .toBe(true);
  };

  it('is answered with its end where that comes at once, as it is on disk then', async () => {
    await start('one');
    const heard: Change[] = [];
    const stop = bench.store.watch((changes) => void heard.push(...changes));
    const job = await launchToEnd({ do: 'answer', n: 1 });
    stop();
    expect(job).toMatchObject({ state: 'completed', attempt: 1, output: { json: '{"do":"answer","n":1}' } });
    expect(await bench.store.findJob(job.id)).toEqual(job);
    // One write, and so one change.
    const own = heard.filter((change) => change.kind === 'job' && change.job === job.id);
    expect(own).toEqual([{ kind: 'job', job: job.id, state: 'completed', final: true, at: job.finishedAt }]);
  });

  it('is answered with its failure', async () => {
    await start('one');
    const job = await launchToEnd({ do: 'fail' });
    expect(job).toMatchObject({ state: 'failed', error: { detail: 'It failed, as it was asked to.' } });
    expect(await bench.store.findJob(job.id)).toEqual(job);
  });

  it('is answered as running after a while, and held like any other', async () => {
    await start('one');
    const job = await launch({ do: 'busy' });
    expect(job).toMatchObject({ state: 'running', attempt: 1, lease: { owner: 'one' } });
    expect(bench.pool.held()).toEqual([{ job: job.id, token: 1 }]);
    const { outcome } = await bench.store.cancelJob(job.id, { reason: 'enough', at: Date.now() });
    expect(outcome).toBe('requested');
    expect(await bench.ended(job.id)).toMatchObject({ state: 'cancelled', attempt: 1 });
  });

  it('is on disk before its first step begins', async () => {
    const mark = join(tmpdir(), `millrace-mark-${process.pid}`);
    const seen: [string, boolean][] = [];
    const slow = (store: Store): Store => ({
      ...store,
      async insertJob(...how) {
        seen.push(['before', existsSync(mark)]);
        await sleep(150);
        const inserted = await store.insertJob(...how);
        seen.push(['stored', existsSync(mark)]);
        return inserted;
      },
    });
    await start('one', { through: slow });
    const job = await launch({ do: 'mark', file: mark });
    expect(job.state).toBe('running');
    expect((await bench.ended(job.id)).state).toBe('completed');
    expect(existsSync(mark)).toBe(true);
    expect(seen).toEqual([
      ['before', false],
      ['stored', false],
    ]);
    expect((await bench.store.listSteps(job.id)).map(({ key, state }) => [key, state])).toEqual([
      ['/mark', 'completed'],
    ]);
  });

  it.each<[string, JsonObject]>([
    ['at its end', { do: 'answer' }],
    ['before its first step', { do: 'mark' }],
    ['while it computes', { do: 'busy' }],
  ])('is refused, and leaves nothing, where it cannot be stored %s', async (_when, input) => {
    const mark = join(tmpdir(), `millrace-never-${process.pid}`);
    const refuse = async () => {
      throw fail('disk-full', 'The disk is full.');
    };
    await start('one', { through: (store) => ({ ...store, insertJob: refuse, insertEnded: refuse }) });
    const id = await newId();
    expect(bench.pool.reserveInTurn()).toBe(true);
    const launched = bench.pool.launch(bench.job({ ...input, file: mark }), id);
    await expect(launched).rejects.toMatchObject({ code: 'disk-full' });
    await expect.poll(() => bench.pool.counts().running).toBe(0);
    expect(await bench.store.findJob(id.id)).toBeUndefined();
    expect(await bench.store.listSteps(id.id)).toEqual([]);
    expect(existsSync(mark)).toBe(false);
    // Its slot is free again: all four are.
    expect(Array.from({ length: 5 }, () => bench.pool.reserve())).toEqual([true, true, true, true, false]);
    for (let slot = 0; slot < 4; slot++) bench.pool.release();
  });

  it('keeps the lines of its log, however many', async () => {
    await start('one');
    const job = await launchToEnd({ do: 'talk', lines: 1_500 });
    const { lines } = await bench.store.readLog(job.id, { limit: 2_000 });
    expect(lines.map(({ text }) => text)).toEqual(Array.from({ length: 1_500 }, (_, n) => `line ${n}`));
  });

  it.each(['exit', 'hang'])('is stored and tried again where it does "%s" to its thread', async (bad) => {
    await start('one');
    const job = await launch({ do: bad });
    expect(await bench.ended(job.id)).toMatchObject({ state: 'failed', error: { code: 'interrupted' } });
    expect((await bench.store.listRuns(job.id)).length).toBeGreaterThan(1);
  });

  it('is handed back where the server stops meanwhile', async () => {
    await start('one');
    const launched = launch({ do: 'steps', count: 3, ms: 400 });
    await sleep(20);
    expect(await bench.stop(1_500)).toEqual([]);
    const { id } = await launched;
    await start('two');
    expect(await bench.ended(id)).toMatchObject({ state: 'completed', interruptions: 0 });
  });

  it('does not overtake what may be queued', async () => {
    await start('one');
    bench.pool.wake();
    expect(bench.pool.reserveInTurn()).toBe(false);
    expect(bench.pool.reserve()).toBe(true);
    bench.pool.release();
    // There was nothing.
    await expect.poll(() => bench.pool.reserveInTurn()).toBe(true);
    bench.pool.release();
  });
});
