import type { ExecutedRun, Store } from '../../store.ts';
import type { Base, Sync } from './base.ts';
import type { FileWriter } from './files.ts';
import { createHistory } from './history.ts';
import type { LogWriter } from './logs.ts';
import { createInsert, newRow } from './new-row.ts';
import { isUsual, type PackedExecution } from './packed.ts';
import { type JobRow, payloadColumns } from './rows.ts';
import type { RunSums } from './workflow-runs.ts';

/** Of jobs that came to their end before anything of them was stored. */
export interface EndedWrites extends Sync<Pick<Store, 'insertEnded'>> {
  recordExecution(...execution: PackedExecution): void;
}

export function endedWrites(
  base: Base,
  { files, logs, sums }: { files: FileWriter; logs: LogWriter; sums: RunSums },
): EndedWrites {
  const insert = createInsert(base);
  const remember = createHistory(base);
  const tell = (job: number, state: ExecutedRun['outcome']['kind'], at: number): void => {
    sums.ended(job, at);
    base.announce({ kind: 'job', job, state, final: true, at });
  };
  return {
    insertEnded(job, run, lines = []) {
      const row = newRow(run.id, job, null);
      end(row, run);
      insert(row, isUsual(job));
      files.put(run.id, job.files, job.createdAt);
      if ('files' in run.outcome && run.outcome.files) files.put(run.id, run.outcome.files, run.endedAt);
      if (lines.length > 0) logs.append(run.id, lines);
      tell(run.id, run.outcome.kind, run.endedAt);
    },
    recordExecution(id, state, createdAt, startedAt, endedAt, ...about) {
      remember(id, state, 1, createdAt, startedAt, endedAt, endedAt, ...about);
      tell(id, state, endedAt);
    },
  };
}

/** A first run with its end, as the row of a job that was never stored before. */
function end(row: JobRow, { owner, startedAt, endedAt, outcome }: ExecutedRun): void {
  row.state = outcome.kind;
  row.delayed = 0;
  row.attempt = 1;
  row.token = 1;
  row.started_at = startedAt;
  row.claimed_at = startedAt;
  row.finished_at = endedAt;
  row.expires_at = null;
  row.lease_owner = owner;
  if (outcome.kind === 'completed') [row.output, row.output_blob, row.output_bytes] = payloadColumns(outcome.output);
  else if (outcome.kind === 'failed') row.error = JSON.stringify(outcome.error);
  else row.cancel_reason = outcome.reason;
}
