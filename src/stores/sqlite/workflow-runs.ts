import type { WorkflowRuns } from '../../model/workflow.ts';
import type { Store } from '../../store.ts';
import type { Base, Sync } from './base.ts';

/** Ends that one call takes into the sums: some milliseconds of work. */
const SLICE = 2_000;

/** Keeps sums of the runs that ended, and a mark: all that ended up to it is in them, nothing that ended later. */
export interface RunSums {
  /** A job ended; it is counted at once when the mark is past that time already, because the clock was set back. */
  ended(job: number, at: number): void;
  /** Moves the mark towards a time; true when it did not get there. */
  moveTo(at: number): boolean;
}

/** Jobs that ran and ended, whether they can still be seen or not, narrowed by a condition on `finished_at`. */
const ended = (when: string): string =>
  `SELECT workflow, 1 AS runs, max(0, finished_at - started_at) AS elapsed_ms FROM jobs INDEXED BY jobs_finished
   WHERE finished_at IS NOT NULL AND started_at IS NOT NULL AND ${when}
   UNION ALL
   SELECT workflow, 1, max(0, finished_at - started_at) FROM history INDEXED BY history_finished
   WHERE started_at IS NOT NULL AND ${when}`;

const marked = `coalesce((SELECT value FROM meta WHERE key = 'runs_summed'), -1)`;

export function createRunSums(base: Base): RunSums {
  const readMark = base.read<{ at: number }>(`SELECT ${marked} AS at`);
  const writeMark = base.write(`INSERT OR REPLACE INTO meta VALUES ('runs_summed', ?)`);
  const addTo = (from: string) =>
    base.write(
      `INSERT INTO workflow_runs SELECT workflow, sum(runs), sum(elapsed_ms) FROM (${from}) WHERE true GROUP BY workflow
       ON CONFLICT DO UPDATE SET runs = runs + excluded.runs, elapsed_ms = elapsed_ms + excluded.elapsed_ms`,
    );
  const addBetween = addTo(ended('finished_at > :mark AND finished_at <= :at'));
  const addOne = addTo(
    `SELECT workflow, 1 AS runs, max(0, finished_at - started_at) AS elapsed_ms FROM jobs
     WHERE id = :job AND started_at IS NOT NULL
     UNION ALL SELECT workflow, 1, max(0, finished_at - started_at) FROM history
     WHERE id = :job AND started_at IS NOT NULL`,
  );
  const nth = (index: string, table: string) =>
    base.read<{ at: number }>(
      `SELECT finished_at AS at FROM ${table} INDEXED BY ${index}
       WHERE finished_at IS NOT NULL AND finished_at > ? AND finished_at <= ? ORDER BY finished_at LIMIT 1 OFFSET ?`,
    );
  const inTurn = [nth('jobs_finished', 'jobs'), nth('history_finished', 'history')];
  /** The mark, or a later time where a transaction that moved it was undone. */
  let latest = readMark.get()?.at ?? -1;

  return {
    ended(job, at) {
      if (at > latest || at > (readMark.get()?.at ?? -1)) return;
      addOne.run({ job });
    },
    moveTo(at) {
      const mark = readMark.get()?.at ?? -1;
      if (inTurn.every((statement) => statement.get(mark, at, 0) === undefined)) return false;
      const ends = inTurn.map((statement) => statement.get(mark, at, SLICE - 1)?.at ?? at);
      const next = Math.min(...ends);
      addBetween.run({ mark, at: next });
      writeMark.run(next);
      latest = Math.max(latest, next);
      return next < at;
    },
  };
}

export const sumWrites = (sums: RunSums): Sync<Pick<Store, 'sumRuns'>> => ({ sumRuns: sums.moveTo });

export function runCounts(base: Base): Sync<Pick<Store, 'countRuns'>> {
  const counts = base.read<WorkflowRuns>(
    `SELECT workflow, sum(runs) AS runs, sum(elapsed_ms) AS elapsedMs FROM (
       SELECT workflow, runs, elapsed_ms FROM workflow_runs UNION ALL ${ended(`finished_at > ${marked}`)})
     WHERE workflow IN (SELECT value FROM json_each(?)) GROUP BY workflow ORDER BY workflow`,
  );
  return { countRuns: (workflows) => counts.all(JSON.stringify(workflows)) };
}
