import type { Problem } from '../../model/errors.ts';
import { type Fence, isFinal, type JobState } from '../../model/job.ts';
import type { Payload } from '../../model/payload.ts';
import type { JournalEntry, Wait } from '../../model/run.ts';
import type { Base } from './base.ts';
import type { EventWriter, Publishing } from './events.ts';
import type { JournalWriter } from './journal.ts';
import { dueOf, orNull, payloadColumns, type WaitRow } from './rows.ts';
import type { RunSums } from './workflow-runs.ts';

/** How a job ends. */
export type End =
  | { state: 'completed'; output: Payload }
  | { state: 'failed'; error: Problem }
  | { state: 'cancelled'; reason: string };

/** An answer to a wait, as it goes into the journal. */
export type Answer = Pick<JournalEntry, 'output' | 'error'> & { held?: { blob: string; bytes: number } };

/** The moves between states that several verbs share, with all that belongs to them in the same transaction. */
export interface Moves {
  /** To a final state: answers whoever waits for it, and ends the children it waits for. Answers running ones asked to end. */
  end(job: number, end: End, at: number): number[];
  /**
   * As `end`, for the usual run that completed its job: in one statement. False: the run does not hold the job any more,
   * or the job publishes its end.
   */
  complete(fence: Fence, output: Payload, at: number): boolean;
  /** Back into the queue. */
  requeue(job: number, how: { resume: boolean; runAt?: number; blamed: boolean }, at: number): void;
  /** To `waiting`, or straight back into the queue when one of the waits is answered already. */
  wait(job: number, waits: readonly Wait[], at: number): JobState;
  /** Answers one wait, and queues its job if it was waiting. */
  answer(wait: WaitRow, answer: Answer, at: number): void;
  /** Ends what is not running, and asks what is running to end. */
  cancel(job: number, reason: string, at: number): number[];
}

/** When a job that has begun is over a limit; its scalar min() would be NULL where one of the two is. */
const ends = `CASE WHEN since_start_ms IS NULL THEN created_at + total_ms
  WHEN total_ms IS NULL THEN started_at + since_start_ms
  ELSE min(created_at + total_ms, started_at + since_start_ms) END`;

export function createMoves(base: Base, journal: JournalWriter, sums: RunSums, events: EventWriter): Moves {
  const ending = `UPDATE jobs SET state = ?, output = ?, output_blob = ?, output_bytes = ?, error = ?, finished_at = ?,
       cancel_reason = coalesce(?, cancel_reason), delayed = 0, resume = 0, expires_at = NULL, lease_expires_at = NULL
     WHERE id = ?`;
  // Two statements, so that a job that publishes nothing pays nothing for those that do.
  const end = base.write(`${ending} AND publish IS NULL`);
  const endPublishing = base.write<Publishing>(`${ending} RETURNING publish, workflow, owner`);
  const complete = base.write(
    `UPDATE jobs SET state = 'completed', output = ?, output_blob = ?, output_bytes = ?, finished_at = ?,
       expires_at = NULL, lease_expires_at = NULL
     WHERE id = ? AND token = ? AND state = 'running' AND publish IS NULL`,
  );
  const requeue = base.write<{ expires_at: number | null }>(
    `UPDATE jobs SET state = 'queued', resume = ?, run_at = coalesce(?, run_at), delayed = ?,
       interruptions = interruptions + ?, lease_expires_at = NULL, expires_at = ${ends}
     WHERE id = ? RETURNING expires_at`,
  );
  const park = base.write<{ expires_at: number | null }>(
    `UPDATE jobs SET state = 'waiting', lease_expires_at = NULL, expires_at = ${ends} WHERE id = ?
     RETURNING expires_at`,
  );
  const wake = base.write(`UPDATE jobs SET state = 'queued', resume = 1 WHERE id = ? AND state = 'waiting'`);
  const request = base.write(
    `UPDATE jobs SET cancel_requested_at = ?, cancel_reason = ? WHERE id = ? AND cancel_requested_at IS NULL`,
  );
  const find = base.read<{ state: JobState }>('SELECT state FROM jobs WHERE id = ?');
  const waitsOf = base.read<WaitRow>('SELECT * FROM waits WHERE job = ?');
  const waitsOn = base.read<WaitRow>('SELECT * FROM waits WHERE child = ?');
  const dropWaits = base.write('DELETE FROM waits WHERE job = ?');
  const dropWait = base.write('DELETE FROM waits WHERE job = ? AND key = ?');
  const addWait = base.write('INSERT INTO waits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const answered = base.read(`SELECT 1 FROM journal WHERE job = ? AND key = ? AND state <> 'begun'`);
  const begunAt = base.read<{ attempt: number }>('SELECT attempt FROM journal WHERE job = ? AND key = ?');
  const findChild = base.read<ChildRow>(
    `SELECT state, output, output_blob, output_bytes, error, cancel_reason FROM jobs WHERE id = ?`,
  );

  const record = (
    job: number,
    wait: Pick<WaitRow, 'key' | 'name' | 'type' | 'created_at'>,
    answer: Answer,
    at: number,
  ) => {
    const { held, ...outcome } = answer;
    const entry: JournalEntry = {
      key: wait.key,
      name: wait.name,
      type: wait.type,
      state: answer.error ? 'failed' : 'completed',
      attempt: begunAt.get(job, wait.key)?.attempt ?? 1,
      startedAt: wait.created_at,
      endedAt: at,
      ...outcome,
    };
    journal.put(job, entry, held);
    base.announce({ kind: 'step', job, key: wait.key, at });
  };

  /** What the end of a job means to others. `waited`: it may have had waits of its own. */
  const afterEnd = (job: number, how: End, at: number, waited: boolean): number[] => {
    sums.ended(job, at);
    base.announce({ kind: 'job', job, state: how.state, final: true, at });
    const open = waited ? waitsOf.all(job) : [];
    if (open.length > 0) dropWaits.run(job);
    for (const wait of waitsOn.all(job)) moves.answer(wait, childAnswer(how), at);
    const reason = how.state === 'cancelled' ? how.reason : `Job ${job}, which waited for it, has ended.`;
    return open.flatMap((wait) => (wait.child === null ? [] : moves.cancel(wait.child, reason, at)));
  };

  const moves: Moves = {
    end(job, how, at) {
      const output = payloadColumns(how.state === 'completed' ? how.output : undefined);
      const error = how.state === 'failed' ? JSON.stringify(how.error) : null;
      const values = [how.state, ...output, error, at, how.state === 'cancelled' ? how.reason : null, job];
      if (end.run(...values) === 0) {
        const publishing = endPublishing.get(...values);
        if (publishing) events.publish(job, how.state, publishing, at);
      }
      return afterEnd(job, how, at, true);
    },

    complete({ job, token }, output, at) {
      if (complete.run(...payloadColumns(output), at, job, token) === 0) return false;
      afterEnd(job, { state: 'completed', output }, at, token > 1);
      return true;
    },

    requeue(job, { resume, runAt, blamed }, at) {
      const delayed = runAt !== undefined && runAt > at;
      const row = requeue.get(resume ? 1 : 0, orNull(runAt), delayed ? 1 : 0, blamed ? 1 : 0, job);
      base.announce({
        kind: 'job',
        job,
        state: 'queued',
        final: false,
        at,
        ...dueOf(delayed ? runAt : null, orNull(row?.expires_at)),
      });
    },

    wait(job, waits, at) {
      dropWaits.run(job);
      let open = waits.length;
      for (const wait of waits) {
        const end = wait.kind === 'job' ? endOf(findChild.get(wait.child)) : undefined;
        if (end) record(job, { ...wait, created_at: wait.createdAt }, childAnswer(end), at);
        if (end || answered.get(job, wait.key)) {
          open--;
          continue;
        }
        const wakeAt = wait.kind === 'job' ? null : orNull(wait.wakeAt);
        const childId = wait.kind === 'job' ? wait.child : null;
        const match = wait.kind === 'signal' ? wait.match : null;
        addWait.run(job, wait.key, wait.kind, wait.createdAt, wakeAt, childId, match, wait.name, wait.type);
      }
      if (open < waits.length) {
        moves.requeue(job, { resume: true, blamed: false }, at);
        return 'queued';
      }
      const row = park.get(job);
      const wakes = waits.map((wait) => (wait.kind === 'job' ? null : orNull(wait.wakeAt)));
      const due = dueOf(orNull(row?.expires_at), ...wakes);
      base.announce({ kind: 'job', job, state: 'waiting', final: false, at, ...due });
      return 'waiting';
    },

    answer(wait, answer, at) {
      dropWait.run(wait.job, wait.key);
      record(wait.job, wait, answer, at);
      if (wake.run(wait.job) === 0) return;
      base.announce({ kind: 'job', job: wait.job, state: 'queued', final: false, at });
    },

    cancel(id, reason, at) {
      const state = find.get(id)?.state;
      if (state === undefined || isFinal(state)) return [];
      if (state !== 'running') return moves.end(id, { state: 'cancelled', reason }, at);
      if (request.run(at, reason, id) > 0) base.announce({ kind: 'cancel', job: id, at });
      return [id];
    },
  };
  return moves;
}

interface ChildRow {
  state: JobState;
  output: string | null;
  output_blob: string | null;
  output_bytes: number | null;
  error: string | null;
  cancel_reason: string | null;
}

/** How a child ended; undefined while it goes on. One that is gone never answers, so it counts as cancelled. */
function endOf(row: ChildRow | undefined): End | undefined {
  if (!row) return { state: 'cancelled', reason: 'The job is not there any more.' };
  if (row.state === 'failed') return { state: 'failed', error: JSON.parse(row.error ?? 'null') };
  if (row.state === 'cancelled') return { state: 'cancelled', reason: row.cancel_reason ?? '' };
  if (row.state !== 'completed') return undefined;
  return {
    state: 'completed',
    output:
      row.output_blob === null
        ? { json: row.output ?? 'null' }
        : { blob: row.output_blob, bytes: row.output_bytes ?? 0 },
  };
}

/** What a parent's wait on a child is answered with: `ChildAnswer` of model/run.ts as JSON text. */
function childAnswer(end: End): Answer {
  if (end.state === 'failed') return { output: { json: JSON.stringify({ state: 'failed', error: end.error }) } };
  if (end.state === 'cancelled')
    return { output: { json: JSON.stringify({ state: 'cancelled', reason: end.reason }) } };
  const { output } = end;
  if ('json' in output) return { output: { json: `{"state":"completed","output":${output.json}}` } };
  return { output: { json: JSON.stringify({ state: 'completed', outputBlob: output }) }, held: output };
}
