import type { Problem } from './errors.ts';
import type { Fence, Job, JobFile, NewFile } from './job.ts';
import type { Json } from './json.ts';
import type { BlobRef, Payload } from './payload.ts';

/** A claimed job, with what its run begins from. */
export interface Claim {
  job: Job;
  fence: Fence;
  /** Finished and begun steps of earlier runs, in the order they were written; empty for a first run. */
  journal: JournalEntry[];
  /** What the job was waiting for when it was woken; unanswered ones only. */
  waits: Wait[];
  /** Files that came with the submit. */
  files: JobFile[];
}

/** How a run ended, as a value. */
export type Outcome =
  | { kind: 'completed'; output: Payload; files?: NewFile[] }
  | { kind: 'failed'; error: Problem; files?: NewFile[] }
  | { kind: 'cancelled'; reason: string }
  | { kind: 'waiting'; waits: Wait[] }
  /**
   * Given back unfinished: the server drains, or the thread that ran it is gone. Only with `blame` (the run itself was
   * the cause, as far as can be told) does it count towards the limit of interruptions.
   */
  | { kind: 'interrupted'; reason: string; blame: boolean };

/** One ended attempt, kept for the record. */
export interface Run {
  job: number;
  /** Fencing token of the claim: 1, 2, 3 … */
  token: number;
  attempt: number;
  owner: string;
  startedAt: number;
  endedAt: number;
  outcome: Outcome['kind'];
  error?: Problem;
}

/**
 * One step in the journal of a job. `begun` tells that the step was under way (its effect may have happened);
 * `completed` and `failed` are outcomes that a later run takes over instead of doing the step again.
 */
export interface JournalEntry {
  /** Place of the step in the definition plus loop indexes; unique within the job. */
  key: string;
  name: string;
  /** Kind of step in its runtime's words: `call:http`, `run:script`, `wait`. */
  type: string;
  state: 'begun' | 'completed' | 'failed';
  /** How often the step was begun, from 1. */
  attempt: number;
  output?: Payload;
  error?: Problem;
  startedAt: number;
  endedAt?: number;
}

/** What a waiting job waits for. Answering it writes the journal entry of the same key and queues the job. */
export type Wait = { key: string; name: string; type: string; createdAt: number } & (
  | { kind: 'timer'; wakeAt: number }
  | { kind: 'job'; child: number }
  | { kind: 'signal'; match: string; wakeAt?: number }
);

/** Lines of one job's log, in order. */
export interface LogLine {
  at: number;
  level: 'debug' | 'info' | 'warn' | 'error';
  /** Key of the step that wrote it; absent for the run itself. */
  step?: string;
  stream?: 'stdout' | 'stderr';
  text: string;
}

/**
 * What the store answers a wait on a child job with, as JSON in the output of the journal entry. An output that is a
 * file stays one: `outputBlob` names it instead of `output`, and is never something a workflow wrote.
 */
export type ChildAnswer =
  | { state: 'completed'; output: Json }
  | { state: 'completed'; outputBlob: BlobRef }
  | { state: 'failed'; error: Problem }
  | { state: 'cancelled'; reason: string };
