import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isFinal, type JobState } from '../../src/model/job.ts';
import type { Outcome } from '../../src/model/run.ts';
import type { Store } from '../../src/store.ts';
import { checkInvariants, recordHistory } from './invariants.ts';
import { completed, failed, me, newJob, T0 } from './samples.ts';
import type { Subject } from './suite.ts';

/** What a job should be, told without a database. */
interface Model {
  id: number;
  state: JobState;
  priority: number;
  runAt: number;
  token: number;
  attempt: number;
  resume: boolean;
  cancel: boolean;
  /** When its one wait is over; a signal has none. */
  wakeAt?: number;
}

interface World {
  jobs: Model[];
  now: number;
}

type Step = (world: World, store: Store) => Promise<void>;

const topics = { completed: ['good'], failed: ['bad', 'worse'], cancelled: ['bad'] };
const LIMIT = 2;
const queue = 'model';
const ready = ({ jobs, now }: World): Model[] =>
  jobs
    .filter((job) => job.state === 'queued' && job.runAt <= now)
    .sort((a, b) => b.priority - a.priority || a.id - b.id);
const runningIn = ({ jobs }: World): number => jobs.filter((job) => job.state === 'running').length;
const pick = ({ jobs }: World, index: number): Model | undefined => jobs[index % Math.max(1, jobs.length)];

const begin = (job: Model): void => {
  job.state = 'running';
  job.token++;
  if (!job.resume) job.attempt++;
  job.resume = false;
};

const insert =
  (priority: number, delay: number, start: boolean, claim: boolean): Step =>
  async (world, store) => {
    const runAt = world.now + delay;
    const first = ready(world)[0];
    const { job, claim: got } = await store.insertJob(
      newJob({
        queue,
        priority,
        start,
        createdAt: world.now,
        ...(delay ? { runAt } : {}),
        // Every second one publishes its end.
        ...(world.jobs.length % 2 === 0 ? {} : { publish: topics }),
      }),
      claim ? { claim: me } : {},
    );
    const model: Model = {
      id: job.id,
      state: start ? 'queued' : 'loaded',
      priority,
      runAt,
      token: 0,
      attempt: 0,
      resume: false,
      cancel: false,
    };
    const atOnce =
      claim && start && !delay && runningIn(world) < LIMIT && (first === undefined || first.priority < priority);
    expect(got !== undefined, 'claimed at once').toBe(atOnce);
    if (atOnce) begin(model);
    world.jobs.push(model);
  };

const claim =
  (max: number): Step =>
  async (world, store) => {
    const expected = ready(world).slice(0, Math.min(max, LIMIT - runningIn(world)));
    const claims = await store.claimJobs({ ...me, max, at: world.now });
    expect(claims.map((one) => one.job.id)).toEqual(expected.map((job) => job.id));
    for (const job of expected) begin(job);
  };

const finish =
  (index: number, kind: Outcome['kind'] | 'retry', stale: boolean): Step =>
  async (world, store) => {
    const job = pick(world, index);
    if (!job) return;
    const wait = { key: `w${job.token}`, name: 'w', type: 'wait', createdAt: world.now };
    const wakeAt = world.now + 50;
    const outcomes: Record<typeof kind, Outcome> = {
      completed: completed(),
      failed: failed(),
      retry: failed(),
      cancelled: { kind: 'cancelled', reason: 'x' },
      waiting: { kind: 'waiting', waits: [{ ...wait, kind: 'timer', wakeAt }] },
      interrupted: { kind: 'interrupted', reason: 'x', blame: false },
    };
    const retry = kind === 'retry' ? { retryAt: world.now + 30 } : {};
    const fence = { job: job.id, token: job.token - (stale ? 1 : 0) };
    const state = await store.finishRun(fence, {
      outcome: outcomes[kind],
      at: world.now,
      maxInterruptions: 99,
      ...retry,
    });
    if (job.state !== 'running' || stale) {
      expect(state, 'a stale fence changes nothing').toBeUndefined();
      return;
    }
    const later = kind === 'retry' || kind === 'waiting' || kind === 'interrupted';
    if (later && job.cancel) job.state = 'cancelled';
    else if (kind === 'retry') Object.assign(job, { state: 'queued', runAt: world.now + 30, resume: false });
    else if (kind === 'interrupted') Object.assign(job, { state: 'queued', resume: true });
    else job.state = kind;
    if (job.state === 'waiting') job.wakeAt = wakeAt;
    expect(state).toBe(job.state);
  };

const cancel =
  (index: number): Step =>
  async (world, store) => {
    const job = pick(world, index);
    if (!job) return;
    const asked = store.cancelJob(job.id, { reason: 'x', at: world.now });
    if (isFinal(job.state)) return expect(asked).rejects.toMatchObject({ code: 'conflict' });
    expect((await asked).outcome).toBe(job.state === 'running' ? 'requested' : 'cancelled');
    if (job.state === 'running') job.cancel = true;
    else job.state = 'cancelled';
  };

const start =
  (index: number): Step =>
  async (world, store) => {
    const job = pick(world, index);
    if (!job) return;
    const asked = store.startJob(job.id, world.now);
    if (job.state !== 'loaded') return expect(asked).rejects.toMatchObject({ code: 'conflict' });
    expect((await asked).state).toBe('queued');
    Object.assign(job, { state: 'queued', runAt: Math.max(job.runAt, world.now) });
  };

const pass =
  (ms: number): Step =>
  async (world, store) => {
    world.now += ms;
    const due = world.jobs.filter((job) => job.state === 'waiting' && job.wakeAt! <= world.now);
    expect((await store.passTime(world.now)).woken).toBe(due.length);
    for (const job of due) Object.assign(job, { state: 'queued', resume: true });
  };

const rescue: Step = async (world, store) => {
  const lost = world.jobs.filter((job) => job.state === 'running');
  const rescued = await store.rescueJobs({ owner: 'server-2', orphans: true, at: world.now, maxInterruptions: 99 });
  expect(rescued.map(({ job }) => job).sort((a, b) => a - b)).toEqual(lost.map((job) => job.id));
  for (const job of lost) Object.assign(job, job.cancel ? { state: 'cancelled' } : { state: 'queued', resume: true });
};

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.integer({ min: -1, max: 1 }),
        fc.constantFrom(0, 0, 40),
        fc.constantFrom(true, true, false),
        fc.boolean(),
      )
      .map((args) => insert(...args)),
  },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 3 }).map(claim) },
  {
    weight: 5,
    arbitrary: fc
      .tuple(
        fc.nat(9),
        fc.constantFrom(
          'completed' as const,
          'failed' as const,
          'retry' as const,
          'cancelled' as const,
          'waiting' as const,
          'interrupted' as const,
        ),
        fc.constantFrom(false, false, false, true),
      )
      .map((args) => finish(...args)),
  },
  { weight: 2, arbitrary: fc.nat(9).map(cancel) },
  { weight: 1, arbitrary: fc.nat(9).map(start) },
  { weight: 3, arbitrary: fc.constantFrom(0, 10, 60).map(pass) },
  { weight: 1, arbitrary: fc.constant(rescue) },
);

export function modelSpecs(subject: Subject): void {
  it('moves jobs as a model of them does, whatever verbs come in whatever order', async () => {
    const { store } = subject;
    await store.saveQueue({ name: queue, concurrency: LIMIT, paused: false });
    const history = recordHistory(store);
    await fc.assert(
      fc
        .asyncProperty(fc.array(steps, { minLength: 5, maxLength: 40 }), async (sequence) => {
          const world: World = { jobs: [], now: T0 };
          for (const step of sequence) await step(world, store);
          for (const job of world.jobs) {
            const { state, token, attempt } = (await store.findJob(job.id))!;
            expect({ state, token, attempt }).toEqual({ state: job.state, token: job.token, attempt: job.attempt });
          }
        })
        .afterEach(async () => {
          // The next sequence begins in an empty queue.
          await store.rescueJobs({ owner: 'nobody', orphans: true, at: T0, maxInterruptions: 99 });
          const { items } = await store.listJobs({
            order: 'newest',
            limit: 100,
            queue,
            states: ['loaded', 'queued', 'waiting'],
          });
          for (const job of items) await store.cancelJob(job.id, { reason: 'over', at: T0 });
        }),
      { numRuns: 80 },
    );
    await checkInvariants(store, { changes: history.changes });
  });
}
