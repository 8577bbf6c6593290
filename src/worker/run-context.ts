import { errorFrom, fail, isMillraceError, type Problem, toProblem } from '../model/errors.ts';
import { HOPS_LABEL, readHops } from '../model/hops.ts';
import type { Json } from '../model/json.ts';
import type { JournalEntry, LogLine, Wait } from '../model/run.ts';
import { startTimer } from '../model/timers.ts';
import type { Outbound } from '../outbound/index.ts';
import type { Branch, RunContext, RunJob, StepInfo } from '../runtime.ts';
import { abandon, type BranchState, createActivity, createBranch } from './branch.ts';
import { createMask } from './mask.ts';
import { type Ask, CHILD_WAIT, type ProcessReply } from './protocol.ts';

/** A journal entry with its output at hand. */
export type RecalledEntry = Omit<JournalEntry, 'output'> & { output?: Json };

/** What a run context needs of its thread. */
export interface RunPorts {
  clock: () => number;
  outbound: Outbound;
  ask(
    ask: Ask,
    options?: { signal?: AbortSignal; onOutput?: (stream: 'stdout' | 'stderr', text: string) => void },
  ): Promise<unknown>;
  begun(entry: JournalEntry): void;
  log(line: LogLine): void;
  /** Marks the thread as busy with this run. */
  touch(): void;
}

export interface StartedRun {
  context: RunContext;
  /** Settles with all open waits once nothing of the run can go on. */
  suspended: Promise<Wait[]>;
  /** Tells every part of the run to stop. */
  stop(reason: unknown): void;
  /** Settles when no effect is under way any more. */
  quiet(): Promise<void>;
}

/** How long a run may keep its thread before others get a turn, in milliseconds. */
const TURN_MS = 5;

/** Makes the context of one run: the journal of earlier runs answers first, everything new goes through `ports`. */
export function createRunContext(
  job: RunJob,
  recalled: readonly RecalledEntry[],
  openWaits: readonly Wait[],
  ports: RunPorts,
  secrets: readonly Json[] = [],
): StartedRun {
  const journal = new Map<string, RecalledEntry>(recalled.map((entry) => [entry.key, entry]));
  const earlier = new Map(openWaits.map((wait) => [wait.key, wait]));
  const pending = new Map<string, Wait>();
  const effects = new Set<Promise<unknown>>();
  const mask = createMask();
  for (const secret of secrets) mask.add(secret);
  let suspend: (waits: Wait[]) => void = () => {};
  const suspended = new Promise<Wait[]>((resolve) => {
    suspend = resolve;
  });
  let released = false;
  const activity = createActivity(() => {
    released = true;
    suspend([...pending.values()]);
  });
  /** Time of the last journaled event that the run has passed. */
  let passed = job.attempt > 1 ? attemptBegin(recalled, openWaits, ports.clock()) : job.startedAt;
  let turnEnd = performance.now() + TURN_MS;

  const root = createBranch();
  const hops = readHops(job.labels[HOPS_LABEL]);
  const outbound: Outbound = { ...ports.outbound, request: (request) => ports.outbound.request({ hops, ...request }) };

  /** Answers from the journal, if the key is there with an outcome. */
  const recall = (key: string): { output: Json } | undefined => {
    const entry = journal.get(key);
    if (!entry || entry.state === 'begun') return undefined;
    passed = Math.max(passed, entry.endedAt ?? passed);
    if (entry.state === 'failed') throw errorFrom(entry.error ?? toProblem(undefined));
    return { output: entry.output ?? null };
  };

  const commit = async (entry: RecalledEntry): Promise<void> => {
    const { output, ...rest } = entry;
    await ports.ask({
      kind: 'commit',
      entry: rest,
      ...(output === undefined ? {} : { output: JSON.stringify(output) }),
    });
    journal.set(entry.key, entry);
    passed = Math.max(passed, entry.endedAt ?? passed);
  };

  const contextOf = (branch: BranchState): RunContext => {
    const mustStop = () => {
      if (branch.dead) throw branch.reason;
    };

    const step = async <T extends Json>(
      key: string,
      info: StepInfo,
      effect: Parameters<RunContext['step']>[2],
    ): Promise<T> => {
      if (info.type === CHILD_WAIT) throw fail('invariant', `${CHILD_WAIT} is no type of a step.`);
      ports.touch();
      mustStop();
      const known = recall(key);
      if (known) return known.output as T;
      const attempt = (journal.get(key)?.attempt ?? 0) + 1;
      const startedAt = ports.clock();
      const begun = { key, ...info, state: 'begun' as const, attempt, startedAt };
      journal.set(key, begun);
      ports.begun(begun);
      const work = effect({ attempt, idempotencyKey: `${job.uuid}:${key}`, signal: branch.signal });
      const settled = work.then(
        () => {},
        () => {},
      );
      effects.add(settled);
      try {
        const output = ((await work) ?? null) as T;
        mustStop();
        await commit({ ...begun, state: 'completed', output, endedAt: ports.clock() });
        return output;
      } catch (error) {
        // What was stopped has no outcome: a later run does it again.
        mustStop();
        if (isLost(error)) throw error;
        await commit({ ...begun, state: 'failed', error: problemOf(error), endedAt: ports.clock() });
        throw error;
      } finally {
        effects.delete(settled);
        ports.touch();
      }
    };

    const wait: RunContext['wait'] = (key, info, spec) => {
      ports.touch();
      mustStop();
      const known = recall(key);
      if (known) return Promise.resolve(known.output);
      const type = spec.kind === 'job' ? CHILD_WAIT : info.type;
      const open: Wait = earlier.get(key) ?? { key, name: info.name, type, createdAt: ports.clock(), ...spec };
      return new Promise<Json>((resolve, reject) => {
        pending.set(key, open);
        const asking = new AbortController();
        let clearTimer = () => {};
        const leave = () => {
          pending.delete(key);
          clearTimer();
          asking.abort();
          offEnd();
        };
        const answer = async (output: Json) => {
          if (branch.dead || released || !pending.has(key)) return;
          leave();
          branch.active = true;
          activity.change(1);
          try {
            await commit({
              key,
              name: info.name,
              type,
              state: 'completed',
              attempt: 1,
              output,
              startedAt: open.createdAt,
              endedAt: ports.clock(),
            });
            resolve(output);
          } catch (error) {
            reject(error);
          }
        };
        const offEnd = onEnd(branch, (reason) => {
          leave();
          reject(reason);
        });
        branch.active = false;
        activity.change(-1);
        if (released) return;
        // Something else goes on meanwhile, so an answer that comes now is taken now.
        const { wakeAt } = open as { wakeAt?: number };
        if (open.kind === 'timer' && wakeAt !== undefined) {
          clearTimer = startTimer(wakeAt - ports.clock(), () => void answer(null));
        } else if (open.kind === 'job') {
          ports.ask({ kind: 'child-result', child: open.child }, { signal: asking.signal }).then(
            (output) => void answer(output as Json),
            () => {},
          );
        }
      });
    };

    /** Starts inner branches; this one does not count meanwhile. */
    const open = <T>(branches: readonly Branch<T>[]) => {
      branch.active = false;
      activity.change(branches.length - 1);
      return branches.map((run) => {
        const inner = createBranch(branch);
        return { inner, result: startBranch(run, contextOf(inner)) };
      });
    };
    /** Ends inner branches; this one counts again in place of the one that settled. */
    const close = (started: { inner: BranchState }[], settled: BranchState, reason: unknown) => {
      settled.active = false;
      branch.inner.delete(settled);
      branch.active = !branch.dead;
      let held = 0;
      for (const { inner } of started) {
        if (inner === settled || !branch.inner.delete(inner)) continue;
        held += abandon(inner, reason);
      }
      if (held > 0) activity.change(-held);
    };

    const all = <T>(branches: readonly Branch<T>[]): Promise<T[]> =>
      new Promise<T[]>((resolve, reject) => {
        if (branches.length === 0) return resolve([]);
        const values: T[] = [];
        let left = branches.length;
        let done = false;
        const offEnd = onEnd(branch, reject);
        const started = open(branches);
        started.forEach(({ inner, result }, index) => {
          result.then(
            (value) => {
              if (done || inner.dead) return;
              values[index] = value;
              left -= 1;
              if (left > 0) {
                inner.active = false;
                branch.inner.delete(inner);
                activity.change(-1);
                return;
              }
              done = true;
              offEnd();
              close(started, inner, undefined);
              resolve(values);
            },
            (error) => {
              if (done || inner.dead) return;
              done = true;
              offEnd();
              close(started, inner, error);
              reject(error);
            },
          );
        });
      });

    const race = <T>(key: string, branches: readonly Branch<T>[]): Promise<{ index: number; value: T }> =>
      new Promise((resolve, reject) => {
        const known = journal.get(key)?.output as { index: number } | undefined;
        const only = known && branches[known.index] ? known.index : undefined;
        let done = false;
        const offEnd = onEnd(branch, reject);
        const started = open(only === undefined ? branches : [branches[only]!]);
        const win = (index: number, inner: BranchState, settle: () => void) => {
          if (done || inner.dead) return;
          done = true;
          offEnd();
          if (only === undefined) {
            // Goes ahead of every later entry on the same way, so nothing can be kept that a lost race contradicts.
            const at = ports.clock();
            void commit({
              key,
              name: key,
              type: 'race',
              state: 'completed',
              attempt: 1,
              output: { index },
              startedAt: at,
              endedAt: at,
            }).catch(() => {});
          }
          close(started, inner, fail('conflict', 'Another branch was first.'));
          settle();
        };
        started.forEach(({ inner, result }, at) => {
          const index = only ?? at;
          result.then(
            (value) => win(index, inner, () => resolve({ index, value })),
            (error) => win(index, inner, () => reject(error)),
          );
        });
      });

    return {
      job,
      get signal() {
        return branch.signal;
      },
      now: () => passed,
      step,
      wait,
      all,
      race,
      async submitChild(key, info, child) {
        const made = await step(
          key,
          info,
          async () => (await ports.ask({ kind: 'submit-child', key, name: info.name, child })) as Json,
        );
        return made as unknown as { id: number; uuid: string };
      },
      async cancelChild(id, reason) {
        await ports.ask({ kind: 'cancel-child', child: id, reason });
      },
      log: (line) => {
        ports.touch();
        ports.log({ at: ports.clock(), ...line, text: mask.hide(line.text) });
      },
      async process(request, options) {
        const reply = (await ports.ask({ kind: 'process', process: request }, options)) as ProcessReply;
        return { ...reply, files: reply.files.map((file) => ({ ...file, path: '' })) };
      },
      outbound,
      async secret(name) {
        const value = (await ports.ask({ kind: 'secret', name })) as Json;
        mask.add(value);
        return value;
      },
      async breathe() {
        ports.touch();
        mustStop();
        if (performance.now() < turnEnd) return;
        await new Promise((resolve) => setImmediate(resolve));
        turnEnd = performance.now() + TURN_MS;
        ports.touch();
        mustStop();
      },
    };
  };

  return {
    context: contextOf(root),
    suspended,
    stop: (reason) => void abandon(root, reason),
    quiet: async () => void (await Promise.all(effects)),
  };
}

/**
 * When a further attempt began: its waits and timeouts count from there, not from the begin of the job. Its journal
 * began empty, so that the first thing in it tells.
 */
function attemptBegin(recalled: readonly RecalledEntry[], openWaits: readonly Wait[], now: number): number {
  let begin = now;
  for (const { startedAt } of recalled) begin = Math.min(begin, startedAt);
  for (const { createdAt } of openWaits) begin = Math.min(begin, createdAt);
  return begin;
}

/** Listens for the end of a branch; call the answer to stop listening. */
function onEnd({ signal }: BranchState, listener: (reason: unknown) => void): () => void {
  const onAbort = () => listener(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  return () => signal.removeEventListener('abort', onAbort);
}

const startBranch = async <T>(run: Branch<T>, context: RunContext): Promise<T> => run(context);

const problemOf = (error: unknown): Problem =>
  isMillraceError(error)
    ? toProblem(error)
    : toProblem(fail('step-failed', error instanceof Error ? error.message : String(error)));

/** True when the run is no longer ours: its lease went to another, or the main thread said stop. */
const isLost = (error: unknown): boolean => isMillraceError(error) && error.options.extra?.['lost'] === true;
