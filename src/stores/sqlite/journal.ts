import type { JournalEntry } from '../../model/run.ts';
import type { Store } from '../../store.ts';
import type { Base, Sync } from './base.ts';
import { entryOf, type JournalRow, orNull, payloadColumns } from './rows.ts';

export interface JournalWriter {
  /** An outcome that is there already stays: the first one counts. Its place is that of the first write of its key. */
  put(job: number, entry: JournalEntry, heldBlob?: { blob: string; bytes: number }): void;
  /** Forgets the journal of an attempt when a new one begins. */
  clear(job: number): void;
  /** Takes over the completed steps of another job. */
  copy(from: number, to: number): void;
}

export function createJournal(base: Base): JournalWriter {
  const put = base.write(
    `INSERT INTO journal (job, key, name, type, state, attempt, started_at, ended_at, output, output_blob, output_bytes, error)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (job, key) DO UPDATE SET
       name = excluded.name, type = excluded.type, state = excluded.state, attempt = excluded.attempt,
       started_at = excluded.started_at, ended_at = excluded.ended_at, output = excluded.output,
       output_blob = excluded.output_blob, output_bytes = excluded.output_bytes, error = excluded.error
     WHERE journal.state = 'begun'`,
  );
  const clear = base.write('DELETE FROM journal WHERE job = ?');
  // Who won a race is decided anew, and a child that did not complete is not waited for again.
  const copy = base.write(
    `INSERT INTO journal (job, key, name, type, state, attempt, started_at, ended_at, output, output_blob, output_bytes, error)
     SELECT ?, key, name, type, state, attempt, started_at, ended_at, output, output_blob, output_bytes, error
     FROM journal AS step WHERE job = ? AND state = 'completed' AND type <> 'race'
       AND NOT (type = 'wait:job' AND json_extract(output, '$.state') <> 'completed')
       AND NOT EXISTS (SELECT 1 FROM jobs WHERE parent_job = step.job AND parent_step = step.key AND state <> 'completed')
     ORDER BY id`,
  );
  return {
    put(job, entry, heldBlob) {
      const [json, blob, bytes] = payloadColumns(entry.output);
      put.run(
        job,
        entry.key,
        entry.name,
        entry.type,
        entry.state,
        entry.attempt,
        entry.startedAt,
        entry.state === 'begun' ? null : (entry.endedAt ?? entry.startedAt),
        entry.state === 'completed' ? json : null,
        entry.state === 'completed' ? (heldBlob?.blob ?? blob) : null,
        entry.state === 'completed' ? (heldBlob?.bytes ?? bytes) : null,
        orNull(entry.error && JSON.stringify(entry.error)),
      );
    },
    clear: (job) => void clear.run(job),
    copy: (from, to) => void copy.run(to, from),
  };
}

export function journalReads(base: Base): Sync<Pick<Store, 'listSteps'>> {
  const list = base.read<JournalRow>('SELECT * FROM journal WHERE job = ? ORDER BY id');
  return { listSteps: (job) => list.all(job).map(entryOf) };
}
