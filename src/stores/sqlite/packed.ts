import type { Change } from '../../model/change.ts';
import { isEmpty } from '../../model/is-empty.ts';
import { isFinal, type JobState, type NewJob } from '../../model/job.ts';
import { isBlob } from '../../model/payload.ts';
import type { LogLine } from '../../model/run.ts';
import type { ExecutedRun, Store } from '../../store.ts';

/**
 * What goes between the threads for every job, as arrays: writing and reading the names of members takes more than half
 * of the time of such a text. Whatever is not of the usual kind goes as it is.
 */

/** Input, workflow, version, owner, queue, priority, dialect, on interruption, created, start. */
type UsualJob = [string, string, string, string, string, number, string, NewJob['onInterrupted'], number, boolean];

export function packJob(job: NewJob): UsualJob | NewJob {
  if (!isUsual(job)) return job;
  const { input, workflow, version, owner, queue, priority, dialect, onInterrupted, createdAt, start } = job;
  if (isBlob(input)) return job;
  return [input.json, workflow, version, owner, queue, priority, dialect, onInterrupted, createdAt, start];
}

export function unpackJob(packed: UsualJob | NewJob): NewJob {
  if (!Array.isArray(packed)) return packed;
  const [json, workflow, version, owner, queue, priority, dialect, onInterrupted, createdAt, start] = packed;
  return {
    workflow,
    version,
    input: { json },
    owner,
    queue,
    priority,
    labels: {},
    dialect,
    limits: {},
    onInterrupted,
    createdAt,
    start,
    files: [],
  };
}

/** True for a job that has nothing but what every job has. */
export const isUsual = (job: NewJob): boolean =>
  !isBlob(job.input) &&
  job.businessKey === undefined &&
  job.origin === undefined &&
  job.publish === undefined &&
  job.retry === undefined &&
  job.runAt === undefined &&
  job.parent === undefined &&
  job.retryOf === undefined &&
  job.series === undefined &&
  job.seriesCreatedAt === undefined &&
  job.discard === undefined &&
  job.files.length === 0 &&
  isEmpty(job.labels) &&
  isEmpty(job.limits);

type Finish = Parameters<Store['finishRun']>;
/** Job, token, time, output, most interruptions: of a run that completed its job. */
type UsualFinish = [number, number, number, string, number];

export function packFinish(...[fence, end]: Finish): Finish | [UsualFinish] {
  const { outcome, at, maxInterruptions } = end;
  if (outcome.kind !== 'completed' || outcome.files || isBlob(outcome.output)) return [fence, end];
  return [[fence.job, fence.token, at, outcome.output.json, maxInterruptions]];
}

export function unpackFinish(...packed: Finish | [UsualFinish]): Finish {
  if (packed.length === 2) return packed;
  const [job, token, at, json, maxInterruptions] = packed[0];
  return [
    { job, token },
    { outcome: { kind: 'completed', output: { json } }, at, maxInterruptions },
  ];
}

type Ended = Parameters<Store['insertEnded']>;
/** Id, owner of the run, started, ended, output: of a run that completed. */
type UsualRun = [number, string, number, number, string];

export function packEnded(...[job, run, lines = []]: Ended): [ReturnType<typeof packJob>, UsualRun] | Ended {
  const { id, owner, startedAt, endedAt, outcome } = run;
  if (lines.length > 0 || outcome.kind !== 'completed' || outcome.files || isBlob(outcome.output)) {
    return [job, run, lines];
  }
  return [packJob(job), [id, owner, startedAt, endedAt, outcome.output.json]];
}

export function unpackEnded(
  ...[job, run, lines]: [ReturnType<typeof packJob>, UsualRun | ExecutedRun, LogLine[]?]
): Ended {
  if (!Array.isArray(run)) return [unpackJob(job), run, lines];
  const [id, owner, startedAt, endedAt, json] = run;
  return [unpackJob(job), { id, owner, startedAt, endedAt, outcome: { kind: 'completed', output: { json } } }];
}

type Execution = Parameters<Store['recordExecution']>;
/** Of a job and its run what `recordExecution` keeps: no payloads. */
export type PackedExecution = [
  number,
  ExecutedRun['outcome']['kind'],
  number,
  number,
  number,
  string,
  string,
  string,
  string,
  string,
  string | null,
];

export function packExecution(...[job, run]: Execution): PackedExecution {
  const { outcome } = run;
  const error = outcome.kind === 'failed' ? outcome.error.code : null;
  const { createdAt, workflow, version, owner, queue, dialect } = job;
  const { id, startedAt, endedAt } = run;
  return [id, outcome.kind, createdAt, startedAt, endedAt, workflow, version, owner, queue, dialect, error];
}

/** Job, state, time, and when time alone does something next. */
export type PackedChange = [number, JobState, number, number?] | Change;

export function packChange(change: Change): PackedChange {
  if (change.kind !== 'job') return change;
  const { job, state, at, dueAt } = change;
  return dueAt === undefined ? [job, state, at] : [job, state, at, dueAt];
}

export function unpackChange(packed: PackedChange): Change {
  if (!Array.isArray(packed)) return packed;
  const [job, state, at, dueAt] = packed;
  const final = isFinal(state);
  return dueAt === undefined ? { kind: 'job', job, state, final, at } : { kind: 'job', job, state, final, at, dueAt };
}
