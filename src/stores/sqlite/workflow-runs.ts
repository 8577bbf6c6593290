import type { Store, WorkflowRuns } from '../../store.ts';
import type { Base, Sync } from './base.ts';

/** Counts runs that ended their job. */
export interface RunCounter {
  /** One more run, of so many milliseconds. A job that never began has none. */
  count(workflow: string, startedAt: number | null, endedAt: number): void;
}

/**
 * Gathers what ended within a transaction and writes one row a workflow at its end: many jobs that end together cost the
 * same as one.
 */
export function createRunCounter(base: Base): RunCounter {
  const add = base.write(
    `INSERT INTO workflow_runs VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET runs = runs + excluded.runs, elapsed_ms = elapsed_ms + excluded.elapsed_ms`,
  );
  const gathered = new Map<string, { runs: number; elapsedMs: number }>();
  base.gather({
    write() {
      for (const [workflow, { runs, elapsedMs }] of gathered) add.run(workflow, runs, elapsedMs);
      gathered.clear();
    },
    drop: () => gathered.clear(),
  });
  return {
    count(workflow, startedAt, endedAt) {
      if (startedAt === null) return;
      const elapsedMs = Math.max(0, endedAt - startedAt);
      const known = gathered.get(workflow);
      if (known === undefined) gathered.set(workflow, { runs: 1, elapsedMs });
      else {
        known.runs += 1;
        known.elapsedMs += elapsedMs;
      }
    },
  };
}

export function runCounts(base: Base): Sync<Pick<Store, 'countRuns'>> {
  const counts = base.read<WorkflowRuns>(
    `SELECT workflow, runs, elapsed_ms AS elapsedMs FROM workflow_runs
     WHERE workflow IN (SELECT value FROM json_each(?)) ORDER BY workflow`,
  );
  return { countRuns: (workflows) => counts.all(JSON.stringify(workflows)) };
}
