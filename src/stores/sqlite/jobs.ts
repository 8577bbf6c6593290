import { fail } from '../../model/errors.ts';
import { isFinal, type NewJob } from '../../model/job.ts';
import type { ClaimRequest, Inserted, InsertOptions, JobRef, Store } from '../../store.ts';
import type { Made } from '../inserted.ts';
import type { Base, Sync } from './base.ts';
import type { FileWriter } from './files.ts';
import type { Ids } from './ids.ts';
import type { JournalWriter } from './journal.ts';
import type { Keys } from './keys.ts';
import type { Moves } from './moves.ts';
import type { QueueReader } from './queues.ts';
import { dueOf, entryOf, type JobRow, type JournalRow, jobOf, orNull, payloadColumns } from './rows.ts';

/** What the verbs of jobs are built from. */
export interface JobParts {
  ids: Ids;
  keys: Keys;
  files: FileWriter;
  journal: JournalWriter;
  moves: Moves;
  queues: QueueReader;
}

/** `insertJob` answers no more of a new job than its caller cannot know: see `insertedOf`. */
interface JobWrites
  extends Sync<Pick<Store, 'recordExecution' | 'reserveJobIds' | 'startJob' | 'discardJob' | 'cancelJob'>> {
  insertJob(job: NewJob, options?: InsertOptions): Inserted | Made;
}

/** Finds the row behind an id or UUID. */
export type FindRow = (ref: JobRef) => JobRow | undefined;

export function createFindRow(base: Base): FindRow {
  const find = base.read<JobRow>('SELECT * FROM jobs WHERE id = ?');
  return (ref) => {
    const id = typeof ref === 'number' ? ref : base.uuids.idOf(ref);
    return id === undefined || !Number.isSafeInteger(id) ? undefined : find.get(id);
  };
}

export function jobReads(base: Base): Sync<Pick<Store, 'findJob'>> {
  const find = createFindRow(base);
  return {
    findJob(ref) {
      const row = find(ref);
      return row && jobOf(row, base.uuids);
    },
  };
}

export function jobWrites(base: Base, { ids, keys, files, journal, moves, queues }: JobParts): JobWrites {
  const insertInto = (names: readonly string[]) =>
    base.write(`INSERT INTO jobs (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`);
  const insert = insertInto(columns);
  const insertPlain = insertInto(plainColumns);
  const findRow = createFindRow(base);
  const before = base.read(
    `SELECT 1 FROM jobs INDEXED BY jobs_ready WHERE state = 'queued' AND delayed = 0 AND queue = ? AND priority >= ? LIMIT 1`,
  );
  const dueBefore = base.read(
    `SELECT 1 FROM jobs INDEXED BY jobs_delayed
     WHERE state = 'queued' AND delayed = 1 AND run_at <= ? AND queue = ? AND priority >= ? LIMIT 1`,
  );
  const findChild = base.read<{ id: number }>(
    'SELECT id FROM jobs WHERE parent_job = ? AND parent_step = ? AND parent_attempt = ?',
  );
  const stepsOf = base.read<JournalRow>('SELECT * FROM journal WHERE job = ? ORDER BY id');
  const start = base.write(
    `UPDATE jobs SET state = 'queued', run_at = CASE WHEN run_at > :at THEN run_at ELSE :at END, delayed = :delayed,
       expires_at = :expires WHERE id = :id`,
  );
  // A caller whose answer was lost on the way says it again.
  const remember = base.write('INSERT OR IGNORE INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const remove = base.write('DELETE FROM jobs WHERE id = ?');

  const get = (ref: JobRef): JobRow => {
    const row = findRow(ref);
    if (!row) throw fail('not-found', `There is no job ${ref}.`);
    return row;
  };

  /** Whether a job may begin at once: a place in its queue, and nobody in front of it. */
  const mayBegin = (job: NewJob): boolean =>
    job.start &&
    (job.runAt === undefined || job.runAt <= job.createdAt) &&
    queues.room(job.queue) > 0 &&
    !before.get(job.queue, job.priority) &&
    !dueBefore.get(job.createdAt, job.queue, job.priority);

  const earlier = (job: NewJob, { idempotency }: InsertOptions): Inserted | undefined => {
    const known = idempotency && keys.find(idempotency);
    if (!known) return undefined;
    if (known.fingerprint !== idempotency.fingerprint) {
      throw fail('idempotency-conflict', `The key ${idempotency.key} came with another request before.`);
    }
    const row = findRow(known.job);
    if (row) return { job: jobOf(row, base.uuids), replayed: true };
    throw fail('conflict', `The job ${known.job} that this idempotency key made for ${job.workflow} was discarded.`);
  };

  /** The attempt of the parent that a child belongs to; a later attempt has children of its own. */
  const parentAttempt = (parent: { job: number; step: string }): number => {
    const row = findRow(parent.job);
    if (!row || isFinal(row.state) || row.cancel_requested_at !== null) {
      throw fail(
        'conflict',
        `Job ${parent.job} starts no more jobs: it ${row ? 'has ended or is about to' : 'is gone'}.`,
      );
    }
    return row.attempt;
  };

  return {
    insertJob(job, options = {}) {
      const known = earlier(job, options);
      if (known) return known;
      const promoted = options.promote && findRow(options.promote.id);
      if (promoted) return { job: jobOf(promoted, base.uuids), replayed: true };
      const attempt = job.parent && parentAttempt(job.parent);
      const child = job.parent && findChild.get(job.parent.job, job.parent.step, attempt);
      if (child) return { job: jobOf(get(child.id), base.uuids), replayed: true };

      const row = newRow(options.promote?.id ?? ids.next(), job, attempt ?? null);
      const claim = options.promote ?? (options.claim && mayBegin(job) ? options.claim : undefined);
      if (options.promote) begin(row, options.promote, options.promote.startedAt, options.promote.at);
      else if (claim) begin(row, claim, job.createdAt, job.createdAt);
      if (rareColumns.every((column) => row[column] === null)) {
        insertPlain.run(...plainColumns.map((column) => row[column]));
      } else insert.run(...columns.map((column) => row[column]));
      files.put(row.id, job.files, job.createdAt);
      if (options.keepSteps && job.retryOf !== undefined) journal.copy(job.retryOf, row.id);
      if (options.idempotency) keys.put(options.idempotency, row.id, job.createdAt);
      const due = dueOf(row.delayed === 1 ? row.run_at : null, row.expires_at);
      base.announce({
        kind: 'job',
        job: row.id,
        state: row.state,
        queue: row.queue,
        final: false,
        at: job.createdAt,
        ...due,
      });
      if (!claim) return { id: row.id };
      return { id: row.id, journal: options.keepSteps ? stepsOf.all(row.id).map(entryOf) : [] };
    },

    recordExecution(job, run) {
      const error = run.outcome.kind === 'failed' ? run.outcome.error.code : null;
      const { kind } = run.outcome;
      const times = [1, job.createdAt, run.startedAt, run.endedAt, run.endedAt];
      remember.run(run.id, kind, ...times, job.workflow, job.version, job.owner, job.queue, job.dialect, error);
      base.announce({ kind: 'job', job: run.id, state: kind, queue: job.queue, final: true, at: run.endedAt });
    },

    reserveJobIds(count) {
      const first = ids.next();
      for (let taken = 1; taken < count; taken++) ids.next();
      return first;
    },

    startJob(ref, at) {
      const row = get(ref);
      if (row.state !== 'loaded') {
        throw fail('conflict', `Job ${row.id} is ${row.state}; only a loaded job can be started.`);
      }
      const runAt = Math.max(row.run_at ?? at, at);
      const expires = deadline({ ...row, run_at: runAt });
      start.run({ id: row.id, at, delayed: runAt > at ? 1 : 0, expires });
      const due = dueOf(runAt > at ? runAt : null, expires);
      base.announce({ kind: 'job', job: row.id, state: 'queued', queue: row.queue, final: false, at, ...due });
      return jobOf(get(row.id), base.uuids);
    },

    discardJob(ref, at) {
      const row = get(ref);
      if (!isFinal(row.state)) {
        throw fail('conflict', `Job ${row.id} is ${row.state}; cancel it first, only a final job can be discarded.`);
      }
      const code = row.error === null ? null : ((JSON.parse(row.error) as { code?: string }).code ?? null);
      const times = [row.attempt, row.created_at, row.started_at, row.finished_at, at];
      ids.keep();
      remember.run(row.id, row.state, ...times, row.workflow, row.version, row.owner, row.queue, row.dialect, code);
      remove.run(row.id);
    },

    cancelJob(ref, { reason, at }) {
      const row = get(ref);
      if (isFinal(row.state)) throw fail('conflict', `Job ${row.id} is ${row.state} already.`);
      const running = moves.cancel(row.id, reason, at);
      const job = jobOf(get(row.id), base.uuids);
      return { job, outcome: job.state === 'cancelled' ? 'cancelled' : 'requested', running };
    },
  };
}

/** A claim, as the row of a job that was never claimed before. */
function begin(row: JobRow, claim: ClaimRequest, startedAt: number, at: number): void {
  row.state = 'running';
  row.delayed = 0;
  row.attempt = 1;
  row.token = 1;
  row.started_at = startedAt;
  row.claimed_at = startedAt;
  row.lease_owner = claim.owner;
  row.lease_expires_at = at + claim.leaseMs;
}

/** When a job that is not running has used up a limit: the queue limit counts from the moment it is due to its first run. */
export function deadline(
  row: Pick<JobRow, 'created_at' | 'run_at' | 'started_at' | 'queue_ms' | 'total_ms' | 'since_start_ms'>,
): number | null {
  const ends = [];
  if (row.total_ms !== null) ends.push(row.created_at + row.total_ms);
  if (row.queue_ms !== null && row.started_at === null)
    ends.push(Math.max(row.created_at, row.run_at ?? 0) + row.queue_ms);
  if (row.since_start_ms !== null && row.started_at !== null) ends.push(row.started_at + row.since_start_ms);
  return ends.length > 0 ? Math.min(...ends) : null;
}

function newRow(id: number, job: NewJob, parentAttempt: number | null): JobRow {
  const [input, inputBlob, inputBytes] = payloadColumns(job.input);
  const row: JobRow = {
    id,
    state: job.start ? 'queued' : 'loaded',
    priority: job.priority,
    delayed: job.start && job.runAt !== undefined && job.runAt > job.createdAt ? 1 : 0,
    resume: 0,
    attempt: 0,
    interruptions: 0,
    token: 0,
    created_at: job.createdAt,
    run_at: orNull(job.runAt),
    started_at: null,
    claimed_at: null,
    finished_at: null,
    expires_at: null,
    lease_expires_at: null,
    cancel_requested_at: null,
    queue_ms: orNull(job.limits.queueMs),
    run_ms: orNull(job.limits.runMs),
    total_ms: orNull(job.limits.totalMs),
    since_start_ms: orNull(job.limits.sinceStartMs),
    parent_job: orNull(job.parent?.job),
    parent_attempt: parentAttempt,
    retry_of: orNull(job.retryOf),
    workflow: job.workflow,
    version: job.version,
    owner: job.owner,
    queue: job.queue,
    dialect: job.dialect,
    on_interrupted: job.onInterrupted,
    on_limit: orNull(job.limits.onLimit),
    lease_owner: null,
    business_key: orNull(job.businessKey),
    parent_step: orNull(job.parent?.step),
    labels: Object.keys(job.labels).length === 0 ? null : JSON.stringify(job.labels),
    origin: job.origin ? JSON.stringify(job.origin) : null,
    retry: job.retry ? JSON.stringify(job.retry) : null,
    cancel_reason: null,
    input_blob: inputBlob,
    input_bytes: inputBytes,
    output_blob: null,
    output_bytes: null,
    error: null,
    input,
    output: null,
  };
  row.expires_at = job.start ? deadline(row) : row.total_ms === null ? null : row.created_at + row.total_ms;
  return row;
}

const columns = Object.keys(
  newRow(
    0,
    {
      workflow: '',
      version: '',
      input: { json: '' },
      owner: '',
      queue: '',
      priority: 0,
      labels: {},
      dialect: '',
      limits: {},
      onInterrupted: 'resume',
      createdAt: 0,
      start: false,
      files: [],
    },
    null,
  ),
) as (keyof JobRow)[];

/** What most jobs have; leaving out the rest, which is nothing, saves a fifth of an insert. */
const plainColumns = [
  'id',
  'state',
  'priority',
  'delayed',
  'resume',
  'attempt',
  'interruptions',
  'token',
  'created_at',
  'started_at',
  'claimed_at',
  'lease_expires_at',
  'workflow',
  'version',
  'owner',
  'queue',
  'dialect',
  'on_interrupted',
  'lease_owner',
  'input',
] as const satisfies (keyof JobRow)[];
const rareColumns = columns.filter((column) => !(plainColumns as readonly string[]).includes(column));
