import { setTimeout as sleep } from 'node:timers/promises';
import { markerName } from './environment.ts';
import { environmentVariable, hasProc, isZombie, type ProcEntry, readProcesses, workingFolder } from './proc.ts';

/** The root of a tree of processes: a child in a group of its own, and what tells its descendants. */
export interface Tree {
  pid: number;
  /** Its start, as `ProcEntry.start`; descendants cannot be older. Undefined where there is no `/proc`. */
  start: number | undefined;
  /** Value of the marker variable that all descendants inherit. */
  marker: string;
  /** Its private folder: a descendant that cleared its environment still betrays itself by working there. */
  folder: string;
  /** Descendants seen so far, pid to start, so that one is known again after its parents are gone. */
  seen: Map<number, number>;
}

/**
 * The living members of a tree among all processes: the group, the session, children of members, those seen before
 * and, with `search`, also those that only the marker or the folder tells (they called setsid and were orphaned).
 */
export function members(tree: Tree, all: readonly ProcEntry[], search: boolean): ProcEntry[] {
  const found = new Map<number, ProcEntry>();
  const candidates = all.filter((entry) => entry.pid !== process.pid && entry.start >= (tree.start ?? 0));
  // By age: a parent is older than its children, so that one pass is enough.
  candidates.sort((a, b) => a.start - b.start || a.pid - b.pid);
  for (const entry of candidates) {
    const belongs =
      entry.group === tree.pid ||
      entry.session === tree.pid ||
      found.has(entry.parent) ||
      tree.seen.get(entry.pid) === entry.start ||
      (search && !isZombie(entry) && isMarked(tree, entry.pid));
    if (!belongs) continue;
    found.set(entry.pid, entry);
    tree.seen.set(entry.pid, entry.start);
  }
  return [...found.values()].filter((entry) => !isZombie(entry));
}

function isMarked(tree: Tree, pid: number): boolean {
  if (environmentVariable(pid, markerName) === tree.marker) return true;
  const folder = workingFolder(pid);
  return folder !== undefined && (folder === tree.folder || folder.startsWith(`${tree.folder}/`));
}

/** Sends a signal to a whole process group; false when there is no such group any more. */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  return send(-pid, signal);
}

/** Sends a signal; false when nobody is there or we may not. */
export function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * Kills a tree and answers when it is gone. A process that the kernel holds in the middle of an operation, or that
 * became another user's, cannot be killed: `onStuck` hears of it every ten seconds, and of the second kind only once
 * before the wait is given up.
 */
export async function killTree(tree: Tree, onStuck: (pids: number[]) => void): Promise<void> {
  signalGroup(tree.pid, 'SIGKILL');
  let warnAt = performance.now() + 10_000;
  for (let round = 0; ; round += 1) {
    const alive = hasProc ? members(tree, await readProcesses(), true).map((entry) => entry.pid) : aliveGroup(tree.pid);
    if (alive.length === 0) return;
    const ours = alive.filter((pid) => send(pid, 'SIGKILL') || send(pid, 0));
    if (ours.length === 0 && round > 0 && alive.every(isForeign)) return onStuck(alive);
    if (performance.now() > warnAt) {
      onStuck(alive);
      warnAt += 10_000;
    }
    await sleep(Math.min(50, 2 + round * 4));
  }
}

/** Without `/proc` all we can ask is whether the group has members. */
const aliveGroup = (pid: number): number[] => (signalGroup(pid, 'SIGKILL') ? [pid] : []);

/** True for a process that lives but may not be signalled: it changed its user. */
function isForeign(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
