import { fail } from '../model/errors.ts';
import type { Branch, RunContext } from '../runtime.ts';
import { abandon, type BranchState, createBranch, onEnd } from './branch.ts';
import { commit, type RunState } from './run-state.ts';

/** Makes the context of an inner branch. */
export type ContextOf = (branch: BranchState) => RunContext;

interface Started<T> {
  inner: BranchState;
  result: Promise<T>;
}

/** `RunContext.all` for one branch. */
export function runAll<T>(
  run: RunState,
  branch: BranchState,
  branches: readonly Branch<T>[],
  contextOf: ContextOf,
): Promise<T[]> {
  return new Promise<T[]>((resolve, reject) => {
    if (branches.length === 0) return resolve([]);
    const values: T[] = [];
    let left = branches.length;
    let done = false;
    const offEnd = onEnd(branch, reject);
    const started = open(run, branch, branches, contextOf);
    started.forEach(({ inner, result }, index) => {
      result.then(
        (value) => {
          if (done || inner.dead) return;
          values[index] = value;
          left -= 1;
          if (left > 0) {
            inner.active = false;
            branch.inner.delete(inner);
            run.activity.change(-1);
            return;
          }
          done = true;
          offEnd();
          close(run, branch, started, inner, undefined);
          resolve(values);
        },
        (error) => {
          if (done || inner.dead) return;
          done = true;
          offEnd();
          close(run, branch, started, inner, error);
          reject(error);
        },
      );
    });
  });
}

/** `RunContext.race` for one branch. */
export function runRace<T>(
  run: RunState,
  branch: BranchState,
  key: string,
  branches: readonly Branch<T>[],
  contextOf: ContextOf,
): Promise<{ index: number; value: T }> {
  return new Promise((resolve, reject) => {
    const known = run.journal.get(key)?.output as { index: number } | undefined;
    const only = known && branches[known.index] ? known.index : undefined;
    let done = false;
    const offEnd = onEnd(branch, reject);
    const started = open(run, branch, only === undefined ? branches : [branches[only]!], contextOf);
    const win = (index: number, inner: BranchState, settle: () => void) => {
      if (done || inner.dead) return;
      done = true;
      offEnd();
      // Goes ahead of every later entry on the same way, so nothing can be kept that a lost race contradicts.
      if (only === undefined) void commitWinner(run, key, index);
      close(run, branch, started, inner, fail('conflict', 'Another branch was first.'));
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
}

async function commitWinner(run: RunState, key: string, index: number): Promise<void> {
  const at = run.ports.clock();
  const times = { startedAt: at, endedAt: at };
  const entry = { key, name: key, type: 'race', state: 'completed' as const, attempt: 1, output: { index }, ...times };
  await commit(run, entry).catch(() => {});
}

/** Starts inner branches; the outer one does not count meanwhile. */
function open<T>(
  run: RunState,
  branch: BranchState,
  branches: readonly Branch<T>[],
  contextOf: ContextOf,
): Started<T>[] {
  branch.active = false;
  run.activity.change(branches.length - 1);
  return branches.map((start) => {
    const inner = createBranch(branch);
    return { inner, result: startBranch(start, contextOf(inner)) };
  });
}

/** Ends inner branches; the outer one counts again in place of the one that settled. */
function close<T>(
  run: RunState,
  branch: BranchState,
  started: readonly Started<T>[],
  settled: BranchState,
  reason: unknown,
): void {
  settled.active = false;
  branch.inner.delete(settled);
  branch.active = !branch.dead;
  let held = 0;
  for (const { inner } of started) {
    if (inner === settled || !branch.inner.delete(inner)) continue;
    held += abandon(inner, reason);
  }
  if (held > 0) run.activity.change(-held);
}

const startBranch = async <T>(start: Branch<T>, context: RunContext): Promise<T> => start(context);
