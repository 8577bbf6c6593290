import type { Problem } from '../../model/errors.ts';
import type { JobState } from '../../model/job.ts';
import type { Outcome } from '../../model/run.ts';
import type { Store } from '../../store.ts';
import { type Settled, settle } from '../outcome.ts';
import type { Base, Sync } from './base.ts';
import type { FileWriter } from './files.ts';
import type { JournalWriter } from './journal.ts';
import type { LogWriter } from './logs.ts';
import type { Moves } from './moves.ts';
import { type JobRow, type RunRow, runOf } from './rows.ts';

/** The part of a running job's row that its end needs. */
type Running = Pick<
  JobRow,
  | 'id'
  | 'token'
  | 'attempt'
  | 'claimed_at'
  | 'lease_owner'
  | 'cancel_requested_at'
  | 'cancel_reason'
  | 'on_interrupted'
  | 'interruptions'
>;

export interface RunWriter {
  /** Moves the job to what its run settled on, and writes down the run; answers the state it came to. */
  finish(job: Running, kind: Outcome['kind'], settled: Settled, at: number, error?: Problem): JobState;
}

export function createRuns(base: Base, moves: Moves): RunWriter {
  const record = base.write('INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  return {
    finish(job, kind, settled, at, error) {
      // A run that ended its job as it ended itself is told by the job's own row; one that waits has ended nothing.
      if (kind !== settled.state || kind === 'waiting') {
        const problem = error ? JSON.stringify(error) : null;
        record.run(job.id, job.token, job.attempt, job.claimed_at, at, job.lease_owner, kind, problem);
      }
      if (settled.state === 'waiting') return moves.wait(job.id, settled.waits, at);
      if (settled.state === 'queued') moves.requeue(job.id, settled, at);
      else moves.end(job.id, settled, at);
      return settled.state;
    },
  };
}

interface RunParts {
  runs: RunWriter;
  moves: Moves;
  journal: JournalWriter;
  files: FileWriter;
  logs: LogWriter;
}

export function runWrites(
  base: Base,
  { runs, moves, journal, files, logs }: RunParts,
): Sync<Pick<Store, 'checkpoint' | 'finishRun'>> {
  const running = base.read<Running>(
    `SELECT id, token, attempt, claimed_at, lease_owner, cancel_requested_at, cancel_reason, on_interrupted,
       interruptions
     FROM jobs WHERE id = ? AND token = ? AND state = 'running'`,
  );
  const progressed = base.write('UPDATE jobs SET interruptions = 0 WHERE id = ?');
  return {
    checkpoint({ job, token }, entries, lines = []) {
      const row = running.get(job, token);
      if (!row) return false;
      // What gets on is not what brings its server down: only being cut off again and again at one place
      // counts. One that begins anew each time gets on nowhere.
      if (row.interruptions > 0 && row.on_interrupted === 'resume' && entries.some(({ state }) => state !== 'begun'))
        progressed.run(job);
      if (lines.length > 0) logs.append(job, lines);
      for (const entry of entries) {
        journal.put(job, entry);
        base.announce({ kind: 'step', job, key: entry.key, at: entry.endedAt ?? entry.startedAt });
      }
      return true;
    },

    finishRun(fence, { outcome, at, ...end }) {
      // Nothing that happened to the job meanwhile makes another end of it, so its row need not be looked at before.
      if (outcome.kind === 'completed' && !outcome.files && moves.complete(fence, outcome.output, at)) {
        return 'completed';
      }
      const job = running.get(fence.job, fence.token);
      if (!job) return undefined;
      const settled = settle(
        {
          onInterrupted: job.on_interrupted,
          interruptions: job.interruptions,
          ...(job.cancel_requested_at === null ? {} : { cancelReason: job.cancel_reason ?? '' }),
        },
        { outcome, ...end },
      );
      if ('files' in outcome && outcome.files) files.put(job.id, outcome.files, at);
      return runs.finish(job, outcome.kind, settled, at, outcome.kind === 'failed' ? outcome.error : undefined);
    },
  };
}

export function runReads(base: Base): Sync<Pick<Store, 'listRuns'>> {
  const list = base.read<RunRow>(
    `SELECT job, token, attempt, started_at, ended_at, owner, outcome, error FROM runs WHERE job = :job
     UNION ALL
     SELECT id, token, attempt, claimed_at, finished_at, lease_owner, state, error FROM jobs
     WHERE id = :job AND finished_at IS NOT NULL AND token > 0
       AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.job = jobs.id AND runs.token = jobs.token)
     ORDER BY token`,
  );
  return { listRuns: (job) => list.all({ job }).map(runOf) };
}
