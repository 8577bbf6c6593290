import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { NewJob } from '../../src/model/job.ts';
import { madeJob } from '../../src/model/made-job.ts';
import { openStore } from '../../src/stores/index.ts';
import { isUsual, packEnded, packJob, unpackEnded, unpackJob } from '../../src/stores/sqlite/packed.ts';
import { completed, failed, line, newJob, T0 } from './samples.ts';

/** Names of the members that a job may lack. */
type Optional = { [Name in keyof NewJob]-?: undefined extends NewJob[Name] ? Name : never }[keyof NewJob];

/** One value for each, all of them needed here: a member that `NewJob` gains does not compile before it has one. */
const optional: Required<Pick<NewJob, Optional>> = {
  businessKey: 'order-7',
  origin: { address: '192.0.2.1' },
  retry: { count: 1, delayMs: 1, backoff: 'constant', maxDelayMs: 1, jitter: 0 },
  runAt: T0 + 5,
  parent: { job: 1, step: '/do/0/a' },
  retryOf: 1,
  series: 1,
  seriesCreatedAt: T0 - 5,
  publish: { completed: ['done'], attributes: { room: '7' } },
  discard: true,
};
/** The same for members that every job has, each other than usual where it can be. */
const full: Required<Omit<NewJob, Optional>> = {
  workflow: '/Other',
  version: 'b'.repeat(64),
  input: { json: '{"rows":4}' },
  owner: 'ben',
  queue: 'other',
  priority: 7,
  labels: { a: 'b' },
  dialect: 'fme',
  limits: { runMs: 5 },
  onInterrupted: 'fail',
  createdAt: T0 + 1,
  start: false,
  files: [{ name: 'in.csv', direction: 'in', contentType: 'text/csv', blob: 'c'.repeat(64), bytes: 3 }],
};
const changes = Object.entries({ ...optional, ...full }).map(([name, value]) => [name, { [name]: value }] as const);
/** Through text, as between the threads. */
const sent = (job: NewJob): NewJob => unpackJob(JSON.parse(JSON.stringify(packJob(job))));

describe('between the threads', () => {
  it('a job that has nothing but what every job has is usual', () => {
    expect(isUsual(newJob())).toBe(true);
    expect(sent(newJob())).toEqual(newJob());
  });

  it.each(changes)('nothing is lost of a job with its own %s', (_name, change) => {
    expect(sent(newJob(change))).toEqual(newJob(change));
  });

  it.each(Object.keys(optional))('a job with %s is none of the usual ones', (name) => {
    expect(isUsual(newJob({ [name]: optional[name as Optional] }))).toBe(false);
  });
});

describe('an end between the threads', () => {
  const run = { id: 7, owner: 'server-1', startedAt: T0, endedAt: T0 + 5 };
  type Ended = Parameters<typeof packEnded>;
  const sentEnd = (...ended: Ended) =>
    unpackEnded(...(JSON.parse(JSON.stringify(packEnded(...ended))) as Parameters<typeof unpackEnded>));
  it.each<[string, Ended]>([
    ['completed', [newJob(), { ...run, outcome: completed() }]],
    ['completed, of an unusual job', [newJob({ ...full, ...optional }), { ...run, outcome: completed() }]],
    [
      'completed with an output that is a file',
      [newJob(), { ...run, outcome: { kind: 'completed', output: { blob: 'f'.repeat(64), bytes: 9 } } }],
    ],
    ['completed with files', [newJob(), { ...run, outcome: { ...completed(), files: full.files } }]],
    ['failed', [newJob(), { ...run, outcome: failed() }]],
    ['cancelled', [newJob(), { ...run, outcome: { kind: 'cancelled', reason: 'x' } }]],
  ])('loses nothing: %s', (_name, [job, ran]) => {
    for (const lines of [[], [line('a')]]) {
      const [kept, ended, log = []] = sentEnd(job, ran, lines);
      expect([kept, ended, log]).toEqual([job, ran, lines]);
    }
  });
});

describe('a job with everything', () => {
  const { files, start: _start, ...kept } = full;

  it('has all of it when it is answered', () => {
    expect(madeJob({ ...full, ...optional }, 7, 'uuid')).toMatchObject({ ...kept, ...optional, state: 'loaded' });
  });

  it('has all of it when it is read back', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-packed-'));
    const { store } = await openStore(folder);
    const parent = await store.insertJob(newJob());
    await store.saveQueue({ name: full.queue, paused: false });
    const own = { ...optional, parent: { job: parent.job.id, step: '/do/0/a' } };
    const { series: _series, seriesCreatedAt: _at, ...first } = own;
    const { job } = await store.insertJob({ ...full, ...first });
    expect(await store.findJob(job.id)).toMatchObject({ ...kept, ...first, state: 'loaded' });
    expect(await store.listFiles(job.id)).toMatchObject(files);
    await store.cancelJob(job.id, { reason: 'x', at: T0 + 9 });
    const series = { series: job.id, seriesCreatedAt: T0 + 1 };
    const { parent: _parent, ...alone } = own;
    const next = await store.insertJob({ ...full, ...alone, ...series });
    expect(await store.findJob(next.job.id)).toMatchObject({ ...kept, ...alone, ...series });
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
});
