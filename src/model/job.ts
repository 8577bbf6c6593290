import type { Problem } from './errors.ts';
import type { Payload } from './payload.ts';

/**
 * The states of a job.
 *
 *     loaded ──start──▶ queued ──claim──▶ running ──▶ completed | failed
 *                         ▲                │   │
 *                         │◀──retry, wake──┘   └──▶ waiting ──wake──▶ queued
 *     cancelled: from loaded, queued and waiting at once, from running when its work is gone
 *     failed:    also from loaded, queued and waiting, when a time limit ends
 */
export const jobStates = ['loaded', 'queued', 'running', 'waiting', 'completed', 'failed', 'cancelled'] as const;
export type JobState = (typeof jobStates)[number];
/** States that a job does not leave. */
export type FinalState = Extract<JobState, 'completed' | 'failed' | 'cancelled'>;

/** The one table of allowed moves; the database refuses every other. */
export const allowedMoves: Readonly<Record<JobState, readonly JobState[]>> = {
  loaded: ['queued', 'running', 'failed', 'cancelled'],
  queued: ['running', 'failed', 'cancelled'],
  running: ['queued', 'waiting', 'completed', 'failed', 'cancelled'],
  waiting: ['queued', 'failed', 'cancelled'],
  completed: [],
  failed: [],
  cancelled: [],
};

export const isFinal = (state: JobState): boolean => allowedMoves[state].length === 0;

/** Time limits in milliseconds; an absent one does not limit. */
export interface JobLimits {
  /** From the moment the job is due until its first run begins. */
  queueMs?: number;
  /** Of one run: from claim to outcome. */
  runMs?: number;
  /** From creation to the final state, waits and retries included. */
  totalMs?: number;
  /** From the begin of the first run to the final state, waits and retries included. */
  sinceStartMs?: number;
  /** What becomes of a job that is over a limit; absent: it fails. */
  onLimit?: 'fail' | 'cancel';
}

/** What a submit told of itself; kept for those who ask, without meaning to the engine. */
export interface Origin {
  /** Network address the request came from. */
  address?: string;
  description?: string;
  /** Which of its API's doors it came through, where that has several. */
  via?: string;
}

/** Topics that hear of a job's end, by how it ends; one that is named twice hears of it once. */
export interface Publication extends Partial<Record<FinalState, string[]>> {
  /** Goes with each event. */
  attributes?: Record<string, string>;
}

/** When a failed run is tried again. */
export interface RetryPolicy {
  /** How many further runs a failed job gets. */
  count: number;
  /** Before the first further run, in milliseconds. */
  delayMs: number;
  backoff: 'constant' | 'linear' | 'exponential';
  /** No delay is longer, in milliseconds. */
  maxDelayMs: number;
  /** Share of the delay, 0 to 1, that is drawn at random so that many failures do not come back at once. */
  jitter: number;
}

/** What happens to a job whose run was cut off (process killed, thread lost). */
export const interruptionPolicies = ['resume', 'retry', 'fail'] as const;
export type OnInterrupted = (typeof interruptionPolicies)[number];

/** The hold of one server on one running job. A write that carries an older token changes nothing. */
export interface Fence {
  job: number;
  token: number;
}

/** One request to run a workflow, from submit to its final state. Times are milliseconds since 1970. */
export interface Job {
  id: number;
  /** Derived from the id by a secret of this store: unguessable, and found again without an index. */
  uuid: string;
  state: JobState;
  /** Repository path of the workflow, such as `/Tutorials/10seconds`. */
  workflow: string;
  /** Content hash of the definition the job keeps. */
  version: string;
  input: Payload;
  output?: Payload;
  error?: Problem;
  /** Name of the user who submitted it. */
  owner: string;
  queue: string;
  /** Higher goes first; -1000 to 1000, default 0. */
  priority: number;
  businessKey?: string;
  labels: Record<string, string>;
  /** Name of the API it came through: `native`, `knime`, `fme`, `kie`. */
  dialect: string;
  limits: JobLimits;
  origin?: Origin;
  publish?: Publication;
  retry?: RetryPolicy;
  onInterrupted: OnInterrupted;
  createdAt: number;
  /** Not claimed before this. */
  runAt?: number;
  /** Begin of the first run. */
  startedAt?: number;
  finishedAt?: number;
  /** Number of the current or last attempt, from 1; 0 before the first. A wake-up is not a new attempt. */
  attempt: number;
  /** How often a run was cut off. */
  interruptions: number;
  /** Fencing token of the last claim. */
  token: number;
  lease?: { owner: string; expiresAt: number };
  /** Server of the current or last run, as it is called in leases. */
  server?: string;
  parent?: { job: number; step: string };
  /** The job this one repeats. */
  retryOf?: number;
  /** Id of the first job of the series this one goes on with; absent for the first itself. */
  series?: number;
  /** When that first job was made. */
  seriesCreatedAt?: number;
  /** True: it is discarded once it has ended. */
  discard?: true;
  cancelRequestedAt?: number;
  cancelReason?: string;
}

/** What a submit gives the store; the store adds id, uuid, times of its own and counters. */
export interface NewJob
  extends Pick<
    Job,
    | 'workflow'
    | 'version'
    | 'input'
    | 'owner'
    | 'queue'
    | 'priority'
    | 'businessKey'
    | 'labels'
    | 'dialect'
    | 'limits'
    | 'origin'
    | 'publish'
    | 'retry'
    | 'onInterrupted'
    | 'createdAt'
    | 'runAt'
    | 'parent'
    | 'retryOf'
    | 'series'
    | 'seriesCreatedAt'
    | 'discard'
  > {
  /** False: create it `loaded`, to be started later. */
  start: boolean;
  /** Files that came with the submit, already stored by content. */
  files: NewFile[];
}

/** A file that belongs to a job: what came in, or what a step left. */
export interface JobFile {
  name: string;
  direction: 'in' | 'out';
  contentType: string;
  blob: string;
  bytes: number;
  createdAt: number;
}
export type NewFile = Omit<JobFile, 'createdAt'>;
