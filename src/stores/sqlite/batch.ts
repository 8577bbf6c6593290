import type { Change } from '../../model/change.ts';
import type { Base } from './base.ts';
import { isStorageFailure } from './failures.ts';

/** One verb call, numbered by the caller. */
export type Call = [number: number, verb: string, args: unknown[]];

/** What came of a call: its value, or what it threw. */
export type Result = { number: number; value?: unknown; error?: unknown };

export type VerbTable = Record<string, (...args: never[]) => unknown>;

/**
 * Runs calls in one transaction and answers each: on disk when it returns. A call that throws fails alone. A failure of
 * the disk fails all of them, and nothing of them is kept.
 */
export function createBatch(
  base: Base,
  verbs: VerbTable,
): (calls: readonly Call[]) => { results: Result[]; changes: Change[] } {
  const begin = base.db.prepare('BEGIN IMMEDIATE');
  const commit = base.db.prepare('COMMIT');
  const rollback = base.db.prepare('ROLLBACK');
  const savepoint = base.db.prepare('SAVEPOINT call');
  const release = base.db.prepare('RELEASE call');
  const undo = base.db.prepare('ROLLBACK TO call');

  const call = ([number, name, args]: Call): Result => {
    const verb = verbs[name] as (...args: unknown[]) => unknown;
    return { number, value: verb(...args) };
  };

  /** Without a savepoint per call; undefined when a call threw after it had written. */
  const straight = (calls: readonly Call[]): Result[] | undefined => {
    const results: Result[] = [];
    for (const one of calls) {
      const before = base.writes();
      try {
        results.push(call(one));
      } catch (error) {
        if (isStorageFailure(error)) throw error;
        if (base.writes() !== before) return undefined;
        results.push({ number: one[0], error });
      }
    }
    return results;
  };

  const guarded = (one: Call): { result: Result; changes: Change[] } => {
    savepoint.run();
    try {
      const result = call(one);
      release.run();
      return { result, changes: base.takeChanges() };
    } catch (error) {
      if (isStorageFailure(error)) throw error;
      undo.run();
      release.run();
      base.takeChanges();
      return { result: { number: one[0], error }, changes: [] };
    }
  };

  return (calls) => {
    try {
      begin.run();
      let results = straight(calls);
      let changes = base.takeChanges();
      if (!results) {
        rollback.run();
        begin.run();
        const done = calls.map(guarded);
        results = done.map(({ result }) => result);
        changes = done.flatMap((one) => one.changes);
      }
      commit.run();
      return { results, changes };
    } catch (error) {
      base.takeChanges();
      // SQLite has rolled back by itself after some errors.
      if (base.db.inTransaction) rollback.run();
      return { results: calls.map(([number]) => ({ number, error })), changes: [] };
    }
  };
}
