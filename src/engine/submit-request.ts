import type { JobLimits, NewFile, Origin, Publication, RetryPolicy } from '../model/job.ts';
import type { Json } from '../model/json.ts';
import type { InsertOptions } from '../store.ts';

/** What a caller asks for when it submits. */
export interface SubmitRequest {
  /** Repository path; a leading slash may be left out. */
  workflow: string;
  input: Json;
  /** The same as JSON text, where the caller has it: compact, and without escapes. */
  inputText?: string;
  files?: NewFile[];
  queue?: string;
  priority?: number;
  runAt?: number;
  businessKey?: string;
  labels?: Record<string, string>;
  limits?: JobLimits;
  origin?: Origin;
  publish?: Publication;
  retry?: RetryPolicy;
  /** False: the job is `loaded` and waits for `start`. */
  start?: boolean;
  /** True, with `start: false`: its input may still be incomplete, and is checked when it is started. */
  draft?: boolean;
  /**
   * True: the job is discarded once it has ended, by who waits for it or else some minutes later; its run stays in the
   * history.
   */
  discard?: boolean;
  dialect: string;
  /** Calls of workflows that led to this request, as the header `millrace-hops` counts them. */
  hops?: number;
  idempotency?: NonNullable<InsertOptions['idempotency']>;
}
