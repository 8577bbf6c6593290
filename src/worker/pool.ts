import type { Service } from '../lifecycle.ts';
import { fail, toProblem } from '../model/errors.ts';
import type { Job, NewJob } from '../model/job.ts';
import type { Log } from '../model/log.ts';
import { madeJob } from '../model/made-job.ts';
import { inlinePayload, type Payload } from '../model/payload.ts';
import { createRegistry } from '../model/registry.ts';
import type { Claim, Outcome } from '../model/run.ts';
import { startTimer } from '../model/timers.ts';
import type { WorkflowVersion } from '../model/workflow.ts';
import type { ActiveRun, FinalOutcome, Unstored } from './active-run.ts';
import { createClaimer } from './claimer.ts';
import { type CrewSettings, createCrew } from './crew.ts';
import { orderText } from './order.ts';
import { createPersist } from './persist.ts';
import type { RunEnd } from './protocol.ts';
import { createRecorder } from './record.ts';
import { type RequestParts, storeText } from './requests.ts';
import { createRunMessages } from './run-messages.ts';
import { limitProblem, outcomeOf, type StopReason, stopText } from './stop-reason.ts';
import type { Worker } from './worker.ts';

export interface PoolSettings extends CrewSettings {
  /** Name of this server in leases. */
  owner: string;
  /** Runs at a time per worker. */
  slots: number;
  leaseMs: number;
  /** From the order to stop until the thread is ended, in milliseconds. */
  graceMs: number;
  maxInterruptions: number;
}

export interface PoolParts extends Omit<RequestParts, 'promote' | 'persist'> {
  settings: PoolSettings;
  /** The definition a job keeps. */
  version(hash: string): Promise<WorkflowVersion | undefined>;
  random: () => number;
  log: Log;
}

/** All workers: takes due jobs off the queues, runs them, records how they ended. */
export interface Pool extends Service {
  /** Lets the first thread load its modules while other parts start; `start` does it otherwise. */
  warm(): void;
  /** Takes a free slot, to be filled by `dispatch`, `launch` or `execute`, or given back by `release`. */
  reserve(): boolean;
  /** The same for a job that must not overtake: false also while others may be queued. */
  reserveInTurn(): boolean;
  release(): void;
  /** Runs a job that was claimed for a reserved slot. */
  dispatch(claim: Claim): void;
  /**
   * Runs a new job in a reserved slot, under an id of its own, and answers it once it is on disk: with its end where that
   * comes at once, which is then its only write; else as running, before anything that others notice is done.
   */
  launch(job: NewJob, id: { id: number; uuid: string }): Promise<Job>;
  /** Runs a job that is not stored, in a reserved slot, under a reserved id. It is stored once it needs a journal. */
  execute(job: NewJob, id: { id: number; uuid: string }): Execution;
  /** Looks for due jobs soon. */
  wake(): void;
  stopRun(job: number, reason: StopReason): void;
  /** Names the queues with a limit of their own: an end in one of them makes room in it. */
  limit(queues: readonly string[]): void;
  /** Fences of the runs that hold a lease. */
  held(): { job: number; token: number }[];
  /** Numbers of the jobs that run now, stored or not. */
  running(): number[];
  /** Changes how many slots there are on all threads together; what runs runs on. */
  resize(slots: number): void;
  counts(): { slots: number; running: number };
  /** True once it takes no more work. */
  draining(): boolean;
}

/**
 * How long a submit may wait for the end of its run before the job is stored as running, in milliseconds: long enough for
 * a run that does nothing but compute, on a busy server too.
 */
const LONGEST_UNSTORED_MS = 100;

/** A synchronous run under way. */
export interface Execution {
  /** Its end, as long as it was never stored; a stored one ends in the store and this settles with undefined. */
  ended: Promise<FinalOutcome | undefined>;
  /** Makes an ordinary job of it; settles when it is on disk, or with its end where that came first. */
  store(): Promise<FinalOutcome | undefined>;
}

export function createPool(parts: PoolParts): Pool {
  const { store, settings, clock, log } = parts;
  const active = createRegistry<ActiveRun>();
  let draining = false;
  let stopped = false;
  let unwatch = () => {};
  let limited: ReadonlySet<string> = new Set();

  const persist = createPersist(() => stopped);
  const recorder = createRecorder({ ...parts, persist });
  const hear = createRunMessages({ ...parts, promote: recorder.promote, persist, find: active.get, ended });
  const crew = createCrew(settings, { message: hear, lost }, log);
  const slots = settings.workers * settings.slots;
  const claimer = createClaimer({ store, by: settings, slots, clock, log, begin: dispatch });

  function dispatch(claim: Claim): void {
    begin({ claim, worker: crew.take(), requests: new Map(), timers: [] });
  }

  function begin(run: ActiveRun): void {
    const { id, version, limits, createdAt, startedAt } = run.claim.job;
    active.set(id, run);
    const { runMs, totalMs, sinceStartMs } = limits;
    const over = (which: Parameters<typeof limitProblem>[0], ms: number): StopReason => ({
      kind: 'limit',
      error: limitProblem(which, ms),
      cancel: limits.onLimit === 'cancel',
    });
    if (runMs !== undefined) endAfter(run, runMs, over('run', runMs));
    if (totalMs !== undefined) endAfter(run, createdAt + totalMs - clock(), over('total', totalMs));
    if (sinceStartMs !== undefined) {
      endAfter(run, (startedAt ?? createdAt) + sinceStartMs - clock(), over('start', sinceStartMs));
    }
    if (run.worker.knows(version)) order(run);
    else define(run).catch((error) => settle(run, { kind: 'failed', error: toProblem(error) }));
  }

  /** Gives the thread the definition before the run. */
  async function define(run: ActiveRun): Promise<void> {
    const { version: hash, workflow } = run.claim.job;
    const version = await parts.version(hash);
    if (!version) throw fail('internal', `Version ${hash} of ${workflow} is not in the store.`);
    if (run.ending) return;
    if (run.stop) return settle(run, outcomeOf(run.stop, undefined, undefined));
    run.worker.define({
      kind: 'define',
      version: hash,
      runtime: version.runtime,
      source: version.source,
      file: workflow,
    });
    order(run);
  }

  const order = ({ worker, claim, unstored }: ActiveRun): void =>
    worker.sendText(orderText(claim, parts.blobs, unstored === undefined));

  const endAfter = (run: ActiveRun, ms: number, reason: StopReason): void =>
    void run.timers.push(startTimer(ms, () => stop(run, reason)));

  /** Asks a run to stop; after the grace time its thread is ended. */
  function stop(run: ActiveRun, reason: StopReason): void {
    if (run.stop || run.ending) return;
    run.stop = reason;
    const { id } = run.claim.job;
    run.worker.send({ kind: 'abort', job: id, reason: stopText(reason) });
    for (const { controller } of run.requests.values()) controller.abort(fail('interrupted', stopText(reason)));
    const force = () => run.worker.replace(`job ${id} did not stop within ${settings.graceMs} ms`);
    run.timers.push(startTimer(settings.graceMs, force));
  }

  /** The first run of a job that is not stored, as if it had been claimed. */
  function unstoredRun(job: NewJob, { id, uuid }: { id: number; uuid: string }, unstored: Unstored): ActiveRun {
    const running = madeJob(job, id, uuid);
    running.state = 'running';
    running.startedAt = clock();
    running.attempt = 1;
    running.token = 1;
    const claim: Claim = { job: running, fence: { job: id, token: 1 }, journal: [], waits: [], files: [] };
    return { claim, worker: crew.take(), requests: new Map(), timers: [], unstored };
  }

  /** Without a promise of its own where the output is short: that is nearly every run. */
  function ended(run: ActiveRun, end: RunEnd): Promise<void> {
    run.worker.load -= 1;
    const settleWith = (own: Outcome | undefined) => settle(run, outcomeOf(run.stop, end, own));
    if (end.kind !== 'completed') return settleWith(ownOutcome(end));
    const short = inlinePayload(end.output);
    if (short !== undefined) return settleWith({ kind: 'completed', output: short });
    return storeLong(end.output).then((output) => settleWith({ kind: 'completed', output }));
  }

  const storeLong = (text: string): Promise<Payload> => persist(() => storeText(parts.blobs, text));

  function ownOutcome(end: Exclude<RunEnd, { kind: 'completed' }>): Outcome | undefined {
    if (end.kind === 'waiting') return { kind: 'waiting', waits: end.waits };
    if (end.kind === 'failed') return { kind: 'failed', error: end.error };
    return undefined;
  }

  /** Records the outcome once nothing of the run is alive any more; frees the slot. */
  async function settle(run: ActiveRun, outcome: Outcome | undefined): Promise<void> {
    if (run.ending) return;
    run.ending = true;
    const { job } = run.claim;
    for (const clear of run.timers) clear();
    for (const { controller } of run.requests.values()) controller.abort(fail('interrupted', 'The run has ended.'));
    if (run.requests.size > 0) await Promise.all([...run.requests.values()].map(({ settled }) => settled));
    claimer.release();
    try {
      if (outcome) await recorder.end(run, outcome);
    } catch (error) {
      log.error({ err: error, job: job.id }, 'the outcome of a run could not be recorded');
    } finally {
      if (active.get(job.id) === run) active.delete(job.id);
      run.ended?.(undefined);
      // A queue with a limit has room again only now that the end is recorded.
      if (limited.has(job.queue)) claimer.wake();
    }
  }

  function lost(worker: Worker, reason: string, current: number | undefined): void {
    for (const run of active.values()) {
      if (run.worker !== worker || run.ending) continue;
      run.stop ??= { kind: 'thread', reason, blame: run.claim.job.id === current };
      void settle(run, outcomeOf(run.stop, undefined, undefined));
    }
  }

  /** Settles when no run is left, or after `ms` milliseconds. */
  async function untilIdle(ms: number): Promise<void> {
    for (const end = performance.now() + ms; active.size() > 0 && performance.now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  return {
    name: 'workers',
    warm: crew.start,
    start() {
      crew.start();
      unwatch = store.watch((changes) => {
        for (const change of changes) {
          if (change.kind === 'job' && change.state === 'queued') claimer.wake();
          else if (change.kind === 'cancel')
            this.stopRun(change.job, { kind: 'cancel', reason: 'Cancelled on request.' });
        }
      });
      claimer.wake();
    },
    async stop(deadlineMs) {
      draining = true;
      claimer.close();
      await untilIdle(deadlineMs - Math.min(settings.graceMs + 500, deadlineMs / 2));
      for (const run of active.values()) stop(run, { kind: 'drain' });
      await untilIdle(settings.graceMs + 1_000);
      stopped = true;
      unwatch();
      await crew.stop();
    },
    reserve: claimer.reserve,
    reserveInTurn: claimer.reserveInTurn,
    release: claimer.release,
    dispatch,
    launch: (job, id) =>
      new Promise((resolve, reject) => {
        const refused = (error: unknown): void => {
          reject(error);
          stop(run, { kind: 'refused' });
        };
        const run = unstoredRun(job, id, { job, log: [], submit: { stored: resolve, refused } });
        // Whoever submitted it is told of a failure there.
        run.timers.push(startTimer(LONGEST_UNSTORED_MS, () => void recorder.promote(run).catch(() => {})));
        begin(run);
      }),
    execute(job, id) {
      const run = unstoredRun(job, id, { job, log: [] });
      const end = new Promise<FinalOutcome | undefined>((resolve) => {
        run.ended = resolve;
      });
      begin(run);
      return {
        ended: end,
        async store() {
          if (run.ending && run.unstored && !run.unstored.promoting) return end;
          await recorder.promote(run);
          return undefined;
        },
      };
    },
    wake: claimer.wake,
    limit(queues) {
      limited = new Set(queues);
      claimer.wake();
    },
    stopRun(job, reason) {
      const run = active.get(job);
      if (run) stop(run, reason);
    },
    held: () =>
      active
        .values()
        .filter((run) => !run.unstored)
        .map((run) => run.claim.fence),
    running: () => active.values().map(({ claim }) => claim.job.id),
    resize: claimer.resize,
    counts: () => ({ slots: claimer.slots(), running: active.size() }),
    draining: () => draining,
  };
}
