import type { Problem } from '../../model/errors.ts';
import type { Job, JobFile, JobState } from '../../model/job.ts';
import type { JobUuids } from '../../model/job-uuid.ts';
import type { Payload } from '../../model/payload.ts';
import type { JournalEntry, Run, Wait } from '../../model/run.ts';

/** A row of `jobs`, column by column. */
export interface JobRow {
  id: number;
  state: JobState;
  priority: number;
  delayed: 0 | 1;
  resume: 0 | 1;
  attempt: number;
  interruptions: number;
  token: number;
  created_at: number;
  run_at: number | null;
  started_at: number | null;
  claimed_at: number | null;
  finished_at: number | null;
  expires_at: number | null;
  lease_expires_at: number | null;
  cancel_requested_at: number | null;
  queue_ms: number | null;
  run_ms: number | null;
  total_ms: number | null;
  since_start_ms: number | null;
  parent_job: number | null;
  parent_attempt: number | null;
  retry_of: number | null;
  workflow: string;
  version: string;
  owner: string;
  queue: string;
  dialect: string;
  on_interrupted: Job['onInterrupted'];
  on_limit: 'fail' | 'cancel' | null;
  lease_owner: string | null;
  business_key: string | null;
  parent_step: string | null;
  labels: string | null;
  origin: string | null;
  retry: string | null;
  cancel_reason: string | null;
  input_blob: string | null;
  input_bytes: number | null;
  output_blob: string | null;
  output_bytes: number | null;
  error: string | null;
  input: string | null;
  output: string | null;
  series: number | null;
  series_created_at: number | null;
  discard: 1 | null;
  publish: string | null;
}

export function jobOf(row: JobRow, uuids: JobUuids): Job {
  const job: Job = {
    id: row.id,
    uuid: uuids.of(row.id),
    state: row.state,
    workflow: row.workflow,
    version: row.version,
    input: payloadOf(row.input, row.input_blob, row.input_bytes) ?? { json: 'null' },
    owner: row.owner,
    queue: row.queue,
    priority: row.priority,
    labels: row.labels === null ? {} : JSON.parse(row.labels),
    dialect: row.dialect,
    limits: {},
    onInterrupted: row.on_interrupted,
    createdAt: row.created_at,
    attempt: row.attempt,
    interruptions: row.interruptions,
    token: row.token,
  };
  const output = payloadOf(row.output, row.output_blob, row.output_bytes);
  if (output) job.output = output;
  if (row.error !== null) job.error = JSON.parse(row.error);
  if (row.business_key !== null) job.businessKey = row.business_key;
  if (row.queue_ms !== null) job.limits.queueMs = row.queue_ms;
  if (row.run_ms !== null) job.limits.runMs = row.run_ms;
  if (row.total_ms !== null) job.limits.totalMs = row.total_ms;
  if (row.since_start_ms !== null) job.limits.sinceStartMs = row.since_start_ms;
  if (row.on_limit !== null) job.limits.onLimit = row.on_limit;
  if (row.origin !== null) job.origin = JSON.parse(row.origin);
  if (row.publish !== null) job.publish = JSON.parse(row.publish);
  if (row.retry !== null) job.retry = JSON.parse(row.retry);
  if (row.run_at !== null) job.runAt = row.run_at;
  if (row.started_at !== null) job.startedAt = row.started_at;
  if (row.finished_at !== null) job.finishedAt = row.finished_at;
  if (row.lease_expires_at !== null) job.lease = { owner: row.lease_owner ?? '', expiresAt: row.lease_expires_at };
  if (row.lease_owner !== null) job.server = row.lease_owner;
  if (row.parent_job !== null) job.parent = { job: row.parent_job, step: row.parent_step ?? '' };
  if (row.retry_of !== null) job.retryOf = row.retry_of;
  if (row.series !== null) job.series = row.series;
  if (row.series_created_at !== null) job.seriesCreatedAt = row.series_created_at;
  if (row.discard !== null) job.discard = true;
  if (row.cancel_requested_at !== null) job.cancelRequestedAt = row.cancel_requested_at;
  if (row.cancel_reason !== null) job.cancelReason = row.cancel_reason;
  return job;
}

/** Text, content hash and length: the three columns of a payload. */
export const payloadColumns = (payload: Payload | undefined): [string | null, string | null, number | null] => {
  if (payload === undefined) return [null, null, null];
  return 'blob' in payload ? [null, payload.blob, payload.bytes] : [payload.json, null, null];
};

/** Text goes before a hash: an answer that refers to a file has both. */
export function payloadOf(json: string | null, blob: string | null, bytes: number | null): Payload | undefined {
  if (json !== null) return { json };
  return blob === null ? undefined : { blob, bytes: bytes ?? 0 };
}

export interface RunRow {
  job: number;
  token: number;
  attempt: number;
  started_at: number;
  ended_at: number;
  owner: string;
  outcome: Run['outcome'];
  error: string | null;
}

export function runOf(row: RunRow): Run {
  return {
    job: row.job,
    token: row.token,
    attempt: row.attempt,
    owner: row.owner,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    outcome: row.outcome,
    ...(row.error === null ? {} : { error: JSON.parse(row.error) as Problem }),
  };
}

export interface JournalRow {
  state: JournalEntry['state'];
  attempt: number;
  started_at: number;
  ended_at: number | null;
  key: string;
  name: string;
  type: string;
  output_blob: string | null;
  output_bytes: number | null;
  error: string | null;
  output: string | null;
}

export function entryOf(row: JournalRow): JournalEntry {
  const output = payloadOf(row.output, row.output_blob, row.output_bytes);
  return {
    key: row.key,
    name: row.name,
    type: row.type,
    state: row.state,
    attempt: row.attempt,
    ...(output ? { output } : {}),
    ...(row.error === null ? {} : { error: JSON.parse(row.error) as Problem }),
    startedAt: row.started_at,
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
  };
}

export interface WaitRow {
  job: number;
  key: string;
  kind: Wait['kind'];
  created_at: number;
  wake_at: number | null;
  child: number | null;
  match: string | null;
  name: string;
  type: string;
}

export function waitOf(row: WaitRow): Wait {
  const base = { key: row.key, name: row.name, type: row.type, createdAt: row.created_at };
  if (row.kind === 'timer') return { ...base, kind: 'timer', wakeAt: row.wake_at ?? 0 };
  if (row.kind === 'job') return { ...base, kind: 'job', child: row.child ?? 0 };
  return { ...base, kind: 'signal', match: row.match ?? '', ...(row.wake_at === null ? {} : { wakeAt: row.wake_at }) };
}

export interface FileRow {
  direction: JobFile['direction'];
  name: string;
  bytes: number;
  created_at: number;
  content_type: string;
  blob: string;
}

export const fileOf = (row: FileRow): JobFile => ({
  name: row.name,
  direction: row.direction,
  contentType: row.content_type,
  blob: row.blob,
  bytes: row.bytes,
  createdAt: row.created_at,
});

/** `{ column: value }` for a column that may be empty. */
export const orNull = <T>(value: T | undefined): T | null => value ?? null;

/** The part of an announcement that says when time alone will do something next. */
export const dueOf = (...times: (number | null)[]): { dueAt?: number } => {
  const dueAt = Math.min(...times.map((time) => time ?? Number.POSITIVE_INFINITY));
  return Number.isFinite(dueAt) ? { dueAt } : {};
};
