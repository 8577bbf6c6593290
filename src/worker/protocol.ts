import type { Problem } from '../model/errors.ts';
import type { Json } from '../model/json.ts';
import type { ProcessRequest, ProcessResult } from '../model/process.ts';
import type { JournalEntry, LogLine, Wait } from '../model/run.ts';
import type { OutboundOptions } from '../outbound/index.ts';
import type { ChildJob, RunJob } from '../runtime.ts';

/**
 * What main thread and worker threads say to each other. Either side collects its messages (`createTurnBatch`) and posts
 * several as one JSON text: at full load a hand-over then costs a tenth of one message a job, and text half of what
 * cloning as many objects does.
 */

/**
 * A payload that the other side can read: text, or a file by its absolute path. `childOutput` is the file with the
 * output of a child job that completed.
 */
export type SentPayload = { json: string } | { path: string } | { childOutput: string };

/** Type of a journal entry that answers a wait on a child job. No step may have it: it is read as the store's word. */
export const CHILD_WAIT = 'wait:job';

/** A value on its way out: text, turned into a file by the main thread when it is long. */
export type JsonText = string;

export type ToThread =
  /** A definition, once per thread, before the first run of it. */
  | { kind: 'define'; version: string; runtime: string; source: string; file: string }
  | { kind: 'forget'; version: string }
  | OrderMessage
  | { kind: 'abort'; job: number; reason: string }
  | { kind: 'reply'; request: number; value?: unknown; error?: Problem }
  | { kind: 'output'; request: number; stream: 'stdout' | 'stderr'; text: string }
  | { kind: 'ping'; at: number };

export type FromThread =
  | { kind: 'begun'; job: number; entry: JournalEntry }
  | { kind: 'log'; job: number; lines: LogLine[] }
  | { kind: 'request'; job: number; request: number; ask: Ask }
  /** The answer to a request is not wanted any more. */
  | { kind: 'drop'; job: number; request: number }
  | { kind: 'end'; job: number; token: number; end: RunEnd }
  /** An error that no run caught, with its stack. */
  | { kind: 'stray'; error: string }
  | { kind: 'pong'; at: number };

/** One run as a thread is handed it: see `orderText` and `readOrder`. */
export interface OrderMessage {
  kind: 'run';
  /** Id, token, attempt, created, started, UUID, version, workflow, owner, dialect. */
  job: [number, number, number, number, number, string, string, string, string, string];
  rest?: Pick<RunOrder, 'journal' | 'waits'> & Pick<RunJob, 'businessKey' | 'labels' | 'files'>;
  /** The input, or the file it is in. */
  input?: Json;
  path?: string;
  /** The input may hold sealed values. */
  sealed?: true;
  /** The job is in memory only. */
  unstored?: true;
}

/** One run as its thread sees it. */
export interface RunOrder {
  job: RunJob;
  /** The file with the input, which is then still to be read into `job`. */
  path: string | undefined;
  /** The input may hold sealed values. */
  sealed: boolean;
  token: number;
  /** False: nothing that others notice may be done before a `store` was answered. */
  stored: boolean;
  journal: (Omit<JournalEntry, 'output'> & { output?: SentPayload })[];
  waits: Wait[];
}

/** What a run asks of the main thread; each is answered by one `reply`. */
export type Ask =
  /** Answered once the job is on disk. */
  | { kind: 'store' }
  | { kind: 'commit'; entry: Omit<JournalEntry, 'output'>; output?: JsonText }
  | { kind: 'process'; process: ProcessRequest }
  | { kind: 'submit-child'; key: string; name: string; child: ChildJob }
  | { kind: 'cancel-child'; child: number; reason: string }
  | { kind: 'child-result'; child: number }
  | { kind: 'secret'; name: string };

export type ProcessReply = Omit<ProcessResult, 'files'> & { files: { name: string; bytes: number }[] };

/** How a run ended, as its thread sees it. */
export type RunEnd =
  | { kind: 'completed'; output: JsonText }
  | { kind: 'failed'; error: Problem }
  | { kind: 'waiting'; waits: Wait[] }
  /** It stopped because it was told to; the main thread knows why. */
  | { kind: 'stopped' };

/** What a worker thread is started with. */
export interface ThreadOptions {
  index: number;
  outbound: OutboundOptions;
  /** Opens sealed values of inputs. */
  sealKey?: Uint8Array;
  /** One cell: the job that last had the thread, so that a hung thread can be blamed on it. */
  current: SharedArrayBuffer;
}
