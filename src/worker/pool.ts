import type { Service } from '../lifecycle.ts';
import { fail, isMillraceError, toProblem } from '../model/errors.ts';
import type { JobLimits, NewJob } from '../model/job.ts';
import type { Log } from '../model/log.ts';
import { isBlob, type Payload } from '../model/payload.ts';
import type { ChildAnswer, Claim, Outcome } from '../model/run.ts';
import type { WorkflowVersion } from '../model/workflow.ts';
import { type ActiveRun, type FinalOutcome, limitProblem, outcomeOf, type StopReason } from './active-run.ts';
import { CHILD_WAIT, type RunEnd, type RunOrder, type SentPayload } from './protocol.ts';
import { answer, type RequestParts, storeText } from './requests.ts';
import { nextRetryAt } from './retry.ts';
import { createWorker, type RunMessage, type Worker, type WorkerSettings } from './worker.ts';

export interface PoolSettings {
  /** Name of this server in leases. */
  owner: string;
  workers: number;
  /** Runs at a time per worker. */
  slots: number;
  leaseMs: number;
  /** From the order to stop until the thread is ended, in milliseconds. */
  graceMs: number;
  hangMs: number;
  maxInterruptions: number;
  entry: URL;
  outbound: WorkerSettings['outbound'];
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
  /** Takes a free slot, to be filled by `dispatch` or `execute` or given back by `release`. */
  reserve(): boolean;
  release(): void;
  /** Runs a job that was claimed for a reserved slot. */
  dispatch(claim: Claim): void;
  /**
   * Runs a job that is not stored, in a reserved slot, under a reserved id. It is stored when it needs a journal or when
   * `store` is called; then `stored` is told, and its end is found in the store.
   */
  execute(job: NewJob, id: { id: number; uuid: string }): Execution;
  /** Looks for due jobs soon. */
  wake(): void;
  stopRun(job: number, reason: StopReason): void;
  /** Names the queues with a limit of their own: an end in one of them makes room in it. */
  limit(queues: readonly string[]): void;
  /** Fences of the runs that hold a lease. */
  held(): { job: number; token: number }[];
  counts(): { slots: number; running: number };
  /** True once it takes no more work. */
  draining(): boolean;
}

/** A synchronous run under way. */
export interface Execution {
  /** Its end, as long as it was never stored; a stored one ends in the store and this settles with undefined. */
  ended: Promise<FinalOutcome | undefined>;
  /** Makes an ordinary job of it; settles when it is on disk, or with its end where that came first. */
  store(): Promise<FinalOutcome | undefined>;
}

export function createPool(parts: PoolParts): Pool {
  const { store, settings, clock, log } = parts;
  const active = new Map<number, ActiveRun>();
  const capacity = settings.workers * settings.slots;
  let workers: Worker[] = [];
  let taken = 0;
  let draining = false;
  let claiming = false;
  let wanted = false;
  /** False once a claim found nothing: until a job is queued again, a free slot is no reason to ask. */
  let backlog = true;
  let unwatch = () => {};
  let limited: ReadonlySet<string> = new Set();

  const persist = async <T>(write: () => Promise<T>): Promise<T> => {
    for (let delay = 50; ; delay = Math.min(delay * 2, 1_000)) {
      try {
        return await write();
      } catch (error) {
        if (!isMillraceError(error) || (error.code !== 'disk-full' && error.code !== 'store-unavailable')) throw error;
        await new Promise((resolve) => setTimeout(resolve, delay));
      }
    }
  };

  const promote = async (run: ActiveRun): Promise<void> => {
    const { unstored } = run;
    if (!unstored) return;
    unstored.promoting ??= persist(() =>
      store.insertJob(unstored.job, {
        promote: {
          id: run.claim.job.id,
          startedAt: run.claim.job.startedAt ?? clock(),
          owner: settings.owner,
          leaseMs: settings.leaseMs,
          at: clock(),
        },
      }),
    ).then(async () => {
      delete run.unstored;
      if (unstored.log.length > 0) await store.appendLog(run.claim.job.id, unstored.log).catch(() => {});
    });
    await unstored.promoting;
  };
  const requestParts: RequestParts = { ...parts, promote, persist };

  // --- taking work

  const claim = async (): Promise<void> => {
    if (claiming || draining) return;
    claiming = true;
    try {
      while (wanted && !draining && taken < capacity) {
        wanted = false;
        const free = capacity - taken;
        taken += free;
        let claims: Claim[] = [];
        try {
          claims = await store.claimJobs({
            owner: settings.owner,
            leaseMs: settings.leaseMs,
            max: Math.min(free, 256),
            at: clock(),
          });
        } finally {
          taken -= free - claims.length;
        }
        for (const claimed of claims) dispatch(claimed);
        if (claims.length > 0) wanted = true;
        else if (!wanted) backlog = false;
      }
    } catch (error) {
      log.warn({ err: error }, 'no jobs could be claimed; trying again');
      setTimeout(wake, 500).unref();
    } finally {
      claiming = false;
    }
  };

  let scheduled = false;
  function wake(): void {
    wanted = true;
    backlog = true;
    if (scheduled || claiming || draining) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      void claim();
    });
  }

  const leastLoaded = (): Worker => workers.reduce((best, worker) => (worker.load < best.load ? worker : best));

  function dispatch(claimed: Claim): void {
    const worker = leastLoaded();
    worker.load += 1;
    begin({ claim: claimed, worker, requests: new Map(), timers: [] });
  }

  function begin(run: ActiveRun): void {
    const { job, fence } = run.claim;
    active.set(job.id, run);
    setLimits(run, job.limits);
    const order = () => run.worker.send({ kind: 'run', run: orderOf(run.claim, fence.token, clock) });
    if (run.worker.knows(job.version)) {
      order();
      return;
    }
    parts
      .version(job.version)
      .then((version) => {
        if (active.get(job.id) !== run || run.ending) return;
        if (!version) throw fail('internal', `Version ${job.version} of ${job.workflow} is not in the store.`);
        const { hash, runtime, source } = version;
        run.worker.define({ kind: 'define', version: hash, runtime, source, file: job.workflow });
        order();
      })
      .catch((error) => settle(run, { kind: 'failed', error: toProblem(error) }));
  }

  const orderOf = ({ job, journal, waits, files }: Claim, token: number, now: () => number): RunOrder => ({
    job: {
      id: job.id,
      uuid: job.uuid,
      workflow: job.workflow,
      version: job.version,
      owner: job.owner,
      ...(job.businessKey === undefined ? {} : { businessKey: job.businessKey }),
      labels: job.labels,
      dialect: job.dialect,
      attempt: job.attempt,
      createdAt: job.createdAt,
      startedAt: job.startedAt ?? now(),
      files: files.map(({ name, contentType, bytes }) => ({ name, contentType, bytes })),
    },
    input: sent(job.input),
    token,
    journal: journal.map(({ output, ...entry }) => {
      if (output === undefined) return entry;
      return { ...entry, output: entry.type === CHILD_WAIT ? sentAnswer(output) : sent(output) };
    }),
    waits,
  });
  /** What the store answered a wait on a child with; a long output is still a file. */
  const sentAnswer = (payload: Payload): SentPayload => {
    if (isBlob(payload)) return sent(payload);
    const answer = JSON.parse(payload.json) as ChildAnswer;
    return 'outputBlob' in answer ? { childOutput: parts.blobs.path(answer.outputBlob.blob) } : payload;
  };
  const sent = (payload: Payload): SentPayload =>
    isBlob(payload) ? { path: parts.blobs.path(payload.blob) } : payload;

  function setLimits(run: ActiveRun, { runMs, totalMs }: JobLimits): void {
    if (runMs !== undefined)
      run.timers.push(setTimeout(() => stop(run, { kind: 'limit', error: limitProblem('run', runMs) }), runMs));
    if (totalMs === undefined) return;
    const rest = Math.max(0, run.claim.job.createdAt + totalMs - clock());
    if (rest < 2_000_000_000)
      run.timers.push(setTimeout(() => stop(run, { kind: 'limit', error: limitProblem('total', totalMs) }), rest));
  }

  // --- ending work

  function stop(run: ActiveRun, reason: StopReason): void {
    if (run.stop) return;
    run.stop = reason;
    run.worker.send({ kind: 'abort', job: run.claim.job.id, reason: stopText(reason) });
    for (const { controller } of run.requests.values()) controller.abort(fail('interrupted', stopText(reason)));
    run.timers.push(
      setTimeout(() => {
        if (active.get(run.claim.job.id) === run && !run.ending)
          run.worker.replace(`job ${run.claim.job.id} did not stop within ${settings.graceMs} ms`);
      }, settings.graceMs),
    );
  }

  async function ended(run: ActiveRun, end: RunEnd): Promise<void> {
    let output: Outcome | undefined;
    if (end.kind === 'completed')
      output = { kind: 'completed', output: await persist(() => storeText(parts.blobs, end.output)) };
    else if (end.kind === 'waiting') output = { kind: 'waiting', waits: end.waits };
    else if (end.kind === 'failed') output = { kind: 'failed', error: end.error };
    await settle(run, outcomeOf(run.stop, end, output));
  }

  /** Records the outcome once nothing of the run is alive any more; frees the slot. */
  async function settle(run: ActiveRun, outcome: Outcome | undefined): Promise<void> {
    if (run.ending) return;
    run.ending = true;
    for (const timer of run.timers) clearTimeout(timer);
    const { job, fence } = run.claim;
    for (const { controller } of run.requests.values()) controller.abort(fail('interrupted', 'The run has ended.'));
    if (run.requests.size > 0) await Promise.all([...run.requests.values()].map(({ settled }) => settled));
    if (run.worker.load > 0) run.worker.load -= 1;
    release();
    try {
      if (run.unstored && !run.unstored.promoting && outcome && isEnd(outcome)) {
        await persist(() =>
          store.recordExecution(run.unstored!.job, {
            id: job.id,
            owner: settings.owner,
            startedAt: job.startedAt ?? clock(),
            endedAt: clock(),
            outcome,
          }),
        );
        run.ended?.(outcome);
      } else if (outcome) {
        await promote(run);
        const at = clock();
        const retryAt =
          outcome.kind === 'failed' && run.stop?.kind !== 'limit' ? nextRetryAt(job, at, parts.random) : undefined;
        const state = await persist(() =>
          store.finishRun(fence, {
            outcome,
            at,
            maxInterruptions: settings.maxInterruptions,
            ...(retryAt === undefined ? {} : { retryAt }),
          }),
        );
        if (!state)
          log.warn(
            { job: job.id, token: fence.token },
            "the outcome of a run came too late: its job is another worker's",
          );
      }
    } catch (error) {
      log.error({ err: error, job: job.id }, 'the outcome of a run could not be recorded');
    } finally {
      if (active.get(job.id) === run) active.delete(job.id);
      run.ended?.(undefined);
      // A queue with a limit has room again only now that the end is recorded.
      if (limited.has(job.queue)) wake();
    }
  }

  function release(): void {
    taken -= 1;
    if (backlog) wake();
  }

  // --- what threads say

  const eventsOf = (index: number) => ({
    message(message: RunMessage): void {
      if (message.kind === 'drop') {
        for (const run of active.values())
          if (run.worker.index === index)
            run.requests.get(message.request)?.controller.abort(fail('interrupted', 'The step was stopped.'));
        return;
      }
      const run = active.get(message.job);
      if (!run || run.worker.index !== index) return;
      switch (message.kind) {
        case 'begun':
          void promote(run)
            .then(() => persist(() => store.checkpoint(run.claim.fence, [message.entry])))
            .catch((error) => log.warn({ err: error, job: message.job }, 'the begin of a step was not recorded'));
          return;
        case 'log':
          if (run.unstored)
            run.unstored.log.push(...message.lines.slice(0, Math.max(0, 1_000 - run.unstored.log.length)));
          else
            void store
              .appendLog(message.job, message.lines)
              .catch((error) => log.warn({ err: error, job: message.job }, 'log lines were not kept'));
          return;
        case 'request': {
          const controller = new AbortController();
          const settled = answer(requestParts, run, message.ask, controller.signal, (stream, text) =>
            run.worker.send({ kind: 'output', request: message.request, stream, text }),
          ).then((reply) => {
            run.requests.delete(message.request);
            if (active.get(message.job) === run) run.worker.send({ kind: 'reply', request: message.request, ...reply });
          });
          run.requests.set(message.request, { controller, settled });
          if (run.stop) controller.abort(fail('interrupted', stopText(run.stop)));
          return;
        }
        case 'end':
          if (message.token === run.claim.fence.token) void ended(run, message.end);
          return;
      }
    },
    lost(reason: string, current: number | undefined): void {
      for (const run of [...active.values()]) {
        if (run.worker.index !== index || run.ending) continue;
        run.stop ??= { kind: 'thread', reason, blame: run.claim.job.id === current };
        void settle(run, outcomeOf(run.stop, undefined, undefined));
      }
    },
  });

  return {
    name: 'workers',
    start() {
      workers = Array.from({ length: settings.workers }, (_, index) =>
        createWorker(
          { index, entry: settings.entry, outbound: settings.outbound, hangMs: settings.hangMs, log },
          eventsOf(index),
        ),
      );
      unwatch = store.watch((changes) => {
        for (const change of changes) {
          if (change.kind === 'job' && change.state === 'queued') wake();
          else if (change.kind === 'cancel') {
            const run = active.get(change.job);
            if (run) stop(run, { kind: 'cancel', reason: 'Cancelled on request.' });
          }
        }
      });
      wake();
    },
    async stop(deadlineMs) {
      draining = true;
      const end = performance.now() + deadlineMs - Math.min(settings.graceMs + 500, deadlineMs / 2);
      while (active.size > 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
      for (const run of active.values()) stop(run, { kind: 'drain' });
      const last = performance.now() + settings.graceMs + 1_000;
      while (active.size > 0 && performance.now() < last) await new Promise((resolve) => setTimeout(resolve, 20));
      unwatch();
      await Promise.all(workers.map((worker) => worker.stop()));
    },
    reserve() {
      if (draining || taken >= capacity) return false;
      taken += 1;
      return true;
    },
    release,
    dispatch,
    execute(job, { id, uuid }) {
      const startedAt = clock();
      const worker = leastLoaded();
      worker.load += 1;
      const claimed: Claim = {
        job: { ...job, id, uuid, state: 'running', startedAt, attempt: 1, interruptions: 0, token: 1 },
        fence: { job: id, token: 1 },
        journal: [],
        waits: [],
        files: [],
      };
      const run: ActiveRun = { claim: claimed, worker, requests: new Map(), timers: [], unstored: { job, log: [] } };
      const finished = new Promise<FinalOutcome | undefined>((resolve) => {
        run.ended = resolve;
      });
      begin(run);
      return {
        ended: finished,
        async store() {
          if (run.ending && run.unstored && !run.unstored.promoting) return finished;
          await promote(run);
          return undefined;
        },
      };
    },
    wake,
    limit(queues) {
      limited = new Set(queues);
      wake();
    },
    stopRun(job, reason) {
      const run = active.get(job);
      if (run) stop(run, reason);
    },
    held: () => [...active.values()].filter((run) => !run.unstored).map((run) => run.claim.fence),
    counts: () => ({ slots: capacity, running: active.size }),
    draining: () => draining,
  };
}

const isEnd = (outcome: Outcome): outcome is FinalOutcome =>
  outcome.kind === 'completed' || outcome.kind === 'failed' || outcome.kind === 'cancelled';

const stopText = (reason: StopReason): string => {
  switch (reason.kind) {
    case 'cancel':
      return reason.reason;
    case 'limit':
      return reason.error.detail ?? 'A time limit ended.';
    case 'drain':
      return 'The server is stopping.';
    case 'thread':
      return reason.reason;
    case 'lease':
      return 'The job was given to another worker.';
  }
};
