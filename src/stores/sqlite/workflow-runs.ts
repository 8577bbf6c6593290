import type { Store, WorkflowRuns } from '../../store.ts';
import type { Base, Sync } from './base.ts';

/** Counts runs that ended their job. */
export interface RunCounter {
  /** One more. A job that never began has none. */
  count(job: { id: number; workflow: string; started_at: number | null }, endedAt: number): void;
  /** Writes the counts with this transaction: jobs they come from are about to go. */
  keep(): void;
  of(workflow: string): WorkflowRuns | undefined;
}

/** Ends that are not written down yet, at most. So many jobs are looked at when the store is opened. */
const MOST_UNWRITTEN = 2_048;

interface Entry extends WorkflowRuns {
  /** Not as it is written down. */
  changed: boolean;
}

/** What the written counts hold: all jobs that ended before `at`, and of those that ended at it these. */
interface Counted {
  at: number;
  ids: number[];
}

/**
 * Counts in memory, so that the end of a job costs an addition, and writes the counts down with every so manieth end.
 * What ended since is found again by its time of end when the store is opened: an end that is not later than all
 * counted ones, because the clock was set back, has the counts written down with it.
 */
export function createRunCounter(base: Base): RunCounter {
  const counts = new Map<string, Entry>();
  /** Of the transaction under way, to be taken back if it is. */
  const added: Entry[] = [];
  const addedMs: number[] = [];
  let ends = 0;
  let due = false;
  let written = false;
  let last: Counted = JSON.parse(
    base.read<{ value: string }>(`SELECT value FROM meta WHERE key = 'runs_counted'`).get()?.value ??
      '{"at":0,"ids":[]}',
  );
  let writtenAt = last.at;

  const save = base.write('INSERT OR REPLACE INTO workflow_runs VALUES (?, ?, ?)');
  const mark = base.write(`INSERT OR REPLACE INTO meta VALUES ('runs_counted', ?)`);

  const note = (id: number, workflow: string, startedAt: number, endedAt: number): void => {
    let entry = counts.get(workflow);
    if (entry === undefined) {
      entry = { workflow, runs: 0, elapsedMs: 0, changed: false };
      counts.set(workflow, entry);
    }
    const elapsedMs = Math.max(0, endedAt - startedAt);
    entry.runs += 1;
    entry.elapsedMs += elapsedMs;
    entry.changed = true;
    added.push(entry);
    addedMs.push(elapsedMs);
    ends += 1;
    if (endedAt > last.at) last = { at: endedAt, ids: [id] };
    else if (endedAt === last.at) last.ids.push(id);
  };

  const kept = base.read<WorkflowRuns>('SELECT workflow, runs, elapsed_ms AS elapsedMs FROM workflow_runs');
  for (const { workflow, runs, elapsedMs } of kept.all())
    counts.set(workflow, { workflow, runs, elapsedMs, changed: false });
  const { at, ids } = last;
  const since = base.read<{ id: number; workflow: string; started_at: number; finished_at: number }>(
    `SELECT id, workflow, started_at, finished_at FROM jobs INDEXED BY jobs_finished
     WHERE finished_at IS NOT NULL AND finished_at >= :at AND started_at IS NOT NULL
     UNION ALL
     SELECT id, workflow, started_at, finished_at FROM history INDEXED BY history_finished
     WHERE finished_at >= :at AND started_at IS NOT NULL
     ORDER BY finished_at`,
  );
  const counted = new Set(ids);
  for (const job of since.all({ at }))
    if (job.finished_at > at || !counted.has(job.id)) note(job.id, job.workflow, job.started_at, job.finished_at);
  added.length = 0;
  addedMs.length = 0;

  base.gather({
    position: () => added.length,
    undo(to) {
      while (added.length > to) {
        const entry = added.pop()!;
        entry.runs -= 1;
        entry.elapsedMs -= addedMs.pop()!;
        ends -= 1;
      }
      written = false;
    },
    write() {
      if (!due && ends < MOST_UNWRITTEN) return;
      for (const { workflow, runs, elapsedMs, changed } of counts.values())
        if (changed) save.run(workflow, runs, elapsedMs);
      mark.run(JSON.stringify(last));
      written = true;
    },
    done() {
      added.length = 0;
      addedMs.length = 0;
      if (!written) return;
      for (const entry of counts.values()) entry.changed = false;
      writtenAt = last.at;
      ends = 0;
      due = false;
      written = false;
    },
  });

  return {
    count({ id, workflow, started_at }, endedAt) {
      if (started_at === null) return;
      if (endedAt <= writtenAt) due = true;
      note(id, workflow, started_at, endedAt);
    },
    keep() {
      due = true;
    },
    of(workflow) {
      const entry = counts.get(workflow);
      return entry === undefined || entry.runs === 0
        ? undefined
        : { workflow, runs: entry.runs, elapsedMs: entry.elapsedMs };
    },
  };
}

/** They are told by the thread that counts them, from memory. */
export const runCounts = (counter: RunCounter): Sync<Pick<Store, 'countRuns'>> => ({
  countRuns: (workflows) => workflows.flatMap((workflow) => counter.of(workflow) ?? []),
});
