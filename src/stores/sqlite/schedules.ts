import { fail } from '../../model/errors.ts';
import type { Schedule, SchedulePlan } from '../../model/schedule.ts';
import type { Store } from '../../store.ts';
import type { Base, Sync } from './base.ts';
import type { Discards } from './discards.ts';
import type { JobWrites } from './jobs.ts';
import { type JobRow, orNull, payloadColumns, payloadOf } from './rows.ts';

interface ScheduleRow {
  id: string;
  owner: string;
  enabled: 0 | 1;
  next_at: number | null;
  failures: number;
  created_at: number;
  updated_at: number;
  last_run_at: number | null;
  last_job: number | null;
  input: string | null;
  input_blob: string | null;
  input_bytes: number | null;
  plan: string;
}

const scheduleOf = (row: ScheduleRow): Schedule => ({
  ...(JSON.parse(row.plan) as Omit<SchedulePlan, 'enabled'>),
  id: row.id,
  owner: row.owner,
  enabled: row.enabled === 1,
  input: payloadOf(row.input, row.input_blob, row.input_bytes) ?? { json: 'null' },
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  failures: row.failures,
  ...(row.next_at === null ? {} : { nextAt: row.next_at }),
  ...(row.last_run_at === null ? {} : { lastRunAt: row.last_run_at }),
  ...(row.last_job === null ? {} : { lastJob: row.last_job }),
});

function planOf(plan: SchedulePlan): string {
  const { name, category, description, workflow, timing, skipIfRunning } = plan;
  const { retry, queue, limits, publish, discard, dialect, notes } = plan;
  const about = { name, category, description, workflow, timing, skipIfRunning };
  return JSON.stringify({ ...about, retry, queue, limits, publish, discard, dialect, notes });
}

type Verbs = 'saveSchedule' | 'deleteSchedule' | 'fireSchedule' | 'settleSchedules';

export function scheduleWrites(
  base: Base,
  { insertJob, discards }: { insertJob: JobWrites['insertJob']; discards: Discards },
): Sync<Pick<Store, Verbs>> {
  const find = base.read<ScheduleRow>('SELECT * FROM schedules WHERE id = ?');
  const save = base.write(
    `INSERT INTO schedules (id, owner, enabled, next_at, failures, created_at, updated_at, input, input_blob, input_bytes, plan)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET enabled = excluded.enabled, next_at = excluded.next_at, failures = excluded.failures,
       updated_at = excluded.updated_at, input = excluded.input, input_blob = excluded.input_blob,
       input_bytes = excluded.input_bytes, plan = excluded.plan`,
  );
  const taken = base.read(
    `SELECT 1 FROM schedules WHERE id <> ? AND json_extract(plan, '$.name') = ?
     AND json_extract(plan, '$.category') IS ? LIMIT 1`,
  );
  const remove = base.write('DELETE FROM schedules WHERE id = ?');
  const move = base.write('UPDATE schedules SET next_at = ? WHERE id = ?');
  const ran = base.write('UPDATE schedules SET last_run_at = ?, last_job = ? WHERE id = ?');
  const counted = base.write('UPDATE schedules SET failures = ?, enabled = ? WHERE id = ?');
  const busy = base.read(
    `SELECT 1 FROM schedule_jobs JOIN jobs ON jobs.id = schedule_jobs.job
     WHERE schedule = ? AND finished_at IS NULL LIMIT 1`,
  );
  const remember = base.write('INSERT INTO schedule_jobs VALUES (?, ?)');
  const forget = base.write('DELETE FROM schedule_jobs WHERE job = ?');
  const open = base.read<{ job: number }>('SELECT job FROM schedule_jobs ORDER BY job');
  // A job that was discarded before its end was counted is in the history; one that was pruned since is nowhere.
  const ended = base.read<{ job: number; schedule: string; state: JobRow['state'] | null }>(
    `SELECT s.job, s.schedule, coalesce(j.state, h.state) AS state
     FROM schedule_jobs s LEFT JOIN jobs j ON j.id = s.job LEFT JOIN history h ON h.id = s.job
     WHERE j.id IS NULL OR j.finished_at IS NOT NULL ORDER BY s.job`,
  );
  const findJob = base.read<JobRow>('SELECT * FROM jobs WHERE id = ?');

  const failed = (row: ScheduleRow, maxFailures: number): { failures: number; disabled: boolean } => {
    const failures = row.failures + 1;
    const disabled = maxFailures >= 0 && failures >= maxFailures;
    counted.run(failures, disabled ? 0 : row.enabled, row.id);
    return { failures, disabled };
  };

  return {
    saveSchedule(schedule, before, { uniqueName } = { uniqueName: false }) {
      const row = find.get(schedule.id);
      if (!before && row) throw fail('exists', `There is a schedule ${schedule.id} already.`);
      const { name, category } = schedule;
      if (uniqueName && name !== undefined && taken.get(schedule.id, name, category ?? null)) {
        throw fail('exists', `There is a schedule ${name} in the same category already.`);
      }
      if (before && (row?.updated_at !== before.updatedAt || row.next_at !== orNull(before.nextAt))) return false;
      const { id, owner, enabled, nextAt, failures, createdAt, updatedAt } = schedule;
      const about = [id, owner, enabled ? 1 : 0, orNull(nextAt), failures, createdAt, updatedAt];
      save.run(...about, ...payloadColumns(schedule.input), planOf(schedule));
      return true;
    },

    deleteSchedule(id) {
      if (remove.run(id) === 0) throw fail('not-found', `There is no schedule ${id}.`);
    },

    fireSchedule({ id, dueAt, updatedAt, nextAt, at, ...how }) {
      const row = find.get(id);
      if (row?.updated_at !== updatedAt) return { outcome: 'stale' };
      if (dueAt !== undefined) {
        if (row.enabled !== 1 || row.next_at !== dueAt) return { outcome: 'stale' };
        move.run(orNull(nextAt), id);
      }
      if (how.job === undefined) return { outcome: 'failed', ...failed(row, how.maxFailures) };
      if (how.skipIfRunning && busy.get(id)) return { outcome: 'skipped' };
      const made = insertJob(how.job);
      const job = 'id' in made ? made.id : made.job.id;
      remember.run(job, id);
      ran.run(at, job, id);
      return { outcome: 'fired', job };
    },

    settleSchedules({ at, maxFailures }) {
      const settled = ended.all().map(({ job, schedule, state }) => {
        forget.run(job);
        const row = find.get(schedule)!;
        const { discard } = scheduleOf(row);
        const jobRow = findJob.get(job);
        const unwanted = state === 'completed' ? discard.onSuccess : state === 'failed' && discard.onFailure;
        if (jobRow && unwanted) discards.discard(jobRow, at);
        if (state === 'failed') return { schedule, job, state, ...failed(row, maxFailures) };
        if (state === 'completed') counted.run(0, row.enabled, schedule);
        const failures = state === 'completed' ? 0 : row.failures;
        return { schedule, job, state: state ?? ('gone' as const), failures, disabled: false };
      });
      return { settled, open: open.all().map(({ job }) => job) };
    },
  };
}

export function scheduleReads(
  base: Base,
): Sync<Pick<Store, 'findSchedule' | 'listSchedules' | 'dueSchedules' | 'nextSchedule'>> {
  const find = base.read<ScheduleRow>('SELECT * FROM schedules WHERE id = ?');
  const list = base.read<ScheduleRow>('SELECT * FROM schedules ORDER BY created_at, id');
  const listOf = base.read<ScheduleRow>('SELECT * FROM schedules WHERE owner = ? ORDER BY created_at, id');
  const due = base.read<ScheduleRow>(
    `SELECT * FROM schedules INDEXED BY schedules_due WHERE enabled = 1 AND next_at IS NOT NULL AND next_at <= ?
     ORDER BY next_at LIMIT ?`,
  );
  const next = base.read<{ at: number | null }>(
    'SELECT min(next_at) AS at FROM schedules INDEXED BY schedules_due WHERE enabled = 1 AND next_at IS NOT NULL',
  );
  return {
    findSchedule(id) {
      const row = find.get(id);
      return row && scheduleOf(row);
    },
    listSchedules: (owner) => (owner === undefined ? list.all() : listOf.all(owner)).map(scheduleOf),
    dueSchedules: (at, max) => due.all(at, max).map(scheduleOf),
    nextSchedule: () => next.get()?.at ?? undefined,
  };
}
