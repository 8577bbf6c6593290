import type { NewJob } from '../../model/job.ts';
import type { ClaimRequest } from '../../store.ts';
import type { Base } from './base.ts';
import { type JobRow, orNull, payloadColumns } from './rows.ts';

/** A claim, as the row of a job that was never claimed before. */
export function begin(row: JobRow, claim: ClaimRequest, startedAt: number, at: number): void {
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

export function newRow(id: number, job: NewJob, parentAttempt: number | null): JobRow {
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
    series: orNull(job.series),
    series_created_at: orNull(job.seriesCreatedAt),
    discard: job.discard ? 1 : null,
    publish: job.publish ? JSON.stringify(job.publish) : null,
  };
  row.expires_at = job.start ? deadline(row) : row.total_ms === null ? null : row.created_at + row.total_ms;
  return row;
}

/**
 * Inserts a row. `usual`: it comes of a job that has nothing but what every job has; naming only the columns that then
 * have something saves a third of an insert.
 */
export function createInsert(base: Base): (row: JobRow, usual: boolean) => void {
  const insertInto = (names: readonly string[]) =>
    base.write(`INSERT INTO jobs (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`);
  const whole = insertInto(columns);
  const few = insertInto(usualColumns);
  const ended = insertInto([...usualColumns, 'finished_at', 'output']);
  return (row, usual) => {
    if (!usual || row.output_blob !== null || row.error !== null || row.cancel_reason !== null)
      whole.run(...columns.map((name) => row[name]));
    else if (row.finished_at === null) few.run(...usualValues(row));
    else ended.run(...usualValues(row), row.finished_at, row.output);
  };
}

/** In the order of `usualColumns`. Written out: a loop over their names takes as long as a quarter of the insert. */
const usualValues = (row: JobRow): unknown[] => [
  row.id,
  row.state,
  row.priority,
  row.delayed,
  row.resume,
  row.attempt,
  row.interruptions,
  row.token,
  row.created_at,
  row.started_at,
  row.claimed_at,
  row.lease_expires_at,
  row.workflow,
  row.version,
  row.owner,
  row.queue,
  row.dialect,
  row.on_interrupted,
  row.lease_owner,
  row.input,
];

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

const usualColumns = [
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
