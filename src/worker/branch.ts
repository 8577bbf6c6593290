import { setMaxListeners } from 'node:events';

/**
 * Counts what of a run can still go on. A run starts with one activity; branches add theirs; a wait gives one up until
 * it is answered. When none is left, everything waits, and the run can be let go: `idle` is called once.
 */
export interface Activity {
  /** Takes or gives back so many. */
  change(by: number): void;
}

export function createActivity(idle: () => void): Activity {
  let active = 1;
  return {
    change(by) {
      active += by;
      if (active === 0) idle();
    },
  };
}

/** One branch of a run: its own signal, and whether it still counts. */
export interface BranchState {
  /** Inner branches that were started and have not settled. */
  inner: Set<BranchState>;
  /** False while it waits or runs inner branches. */
  active: boolean;
  /** True once its result is of no interest any more. */
  dead: boolean;
  /** Why it is dead. */
  reason?: unknown;
  /** See `signalOf`. */
  controller?: AbortController;
}

export function createBranch(parent?: BranchState): BranchState {
  const branch: BranchState = { inner: new Set(), active: true, dead: false };
  if (parent) parent.inner.add(branch);
  return branch;
}

/**
 * The signal that ends with a branch. Made when somebody asks for it: most branches never have an effect to tell. A
 * function, not a getter: an object literal with a getter has a hidden class of its own each time, which is old from the
 * start and keeps all that the getter can see until the next full collection.
 */
export function signalOf(branch: BranchState): AbortSignal {
  if (!branch.controller) {
    branch.controller = new AbortController();
    // A branch may hold any number of waits at once, each of which listens for its end.
    setMaxListeners(0, branch.controller.signal);
    if (branch.dead) branch.controller.abort(branch.reason);
  }
  return branch.controller.signal;
}

/** Ends a branch and all below it; answers how many activities they still held. */
export function abandon(branch: BranchState, reason: unknown): number {
  branch.dead = true;
  branch.reason = reason;
  let held = branch.active ? 1 : 0;
  branch.active = false;
  for (const inner of branch.inner) held += abandon(inner, reason);
  branch.inner.clear();
  branch.controller?.abort(reason);
  return held;
}

/** Throws why a branch has ended, if it has. */
export function mustStop(branch: BranchState): void {
  if (branch.dead) throw branch.reason;
}

/** Listens for the end of a branch; call the answer to stop listening. */
export function onEnd(branch: BranchState, listener: (reason: unknown) => void): () => void {
  const signal = signalOf(branch);
  const onAbort = () => listener(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  return () => signal.removeEventListener('abort', onAbort);
}
