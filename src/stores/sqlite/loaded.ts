import { fail } from '../../model/errors.ts';
import type { Job } from '../../model/job.ts';
import type { LoadedChange, Store } from '../../store.ts';
import type { Base, Sync } from './base.ts';
import type { FileWriter } from './files.ts';
import { createFindRow } from './find-row.ts';
import type { Keys } from './keys.ts';
import { deadline } from './new-row.ts';
import { dueOf, type JobRow, jobOf, payloadColumns } from './rows.ts';

/** What becomes of jobs that wait for their start. */
export function loadedWrites(
  base: Base,
  { keys, files }: { keys: Keys; files: FileWriter },
): Sync<Pick<Store, 'startJob' | 'changeLoadedJob'>> {
  const { get } = createFindRow(base);
  const start = base.write(
    `UPDATE jobs SET state = 'queued', run_at = CASE WHEN run_at > :at THEN run_at ELSE :at END, delayed = :delayed,
       expires_at = :expires WHERE id = :id`,
  );
  const setInput = base.write('UPDATE jobs SET input = ?, input_blob = ?, input_bytes = ? WHERE id = ?');

  const loaded = (row: JobRow, doing: string): void => {
    if (row.state !== 'loaded') {
      throw fail('conflict', `Job ${row.id} is ${row.state}; only a loaded job can be ${doing}.`);
    }
  };
  const change = (row: JobRow, { input, files: given }: LoadedChange, at: number): void => {
    setInput.run(...payloadColumns(input), row.id);
    files.dropInputs(row.id);
    files.put(row.id, given, at);
  };
  /** The answer to an earlier start with the same key. */
  const earlier = (known: LoadedChange | undefined): Job | undefined => {
    const id = known?.idempotency && keys.job(known.idempotency);
    return id === undefined ? undefined : jobOf(get(id), base.uuids);
  };

  return {
    startJob(ref, at, asked) {
      const known = earlier(asked);
      if (known) return known;
      const row = get(ref);
      loaded(row, 'started');
      if (asked) change(row, asked, at);
      if (asked?.idempotency) keys.put(asked.idempotency, row.id, at);
      const runAt = Math.max(row.run_at ?? at, at);
      const expires = deadline({ ...row, run_at: runAt });
      start.run({ id: row.id, at, delayed: runAt > at ? 1 : 0, expires });
      const due = dueOf(runAt > at ? runAt : null, expires);
      base.announce({ kind: 'job', job: row.id, state: 'queued', final: false, at, ...due });
      return jobOf(get(row.id), base.uuids);
    },
    changeLoadedJob(ref, at, asked) {
      const row = get(ref);
      loaded(row, 'changed');
      change(row, asked, at);
      return jobOf(get(row.id), base.uuids);
    },
  };
}
