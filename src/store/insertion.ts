import type { Job, NewFile } from '../model/job.ts';
import type { Payload } from '../model/payload.ts';
import type { Claim, Outcome } from '../model/run.ts';

export interface ClaimRequest {
  owner: string;
  leaseMs: number;
}

export interface InsertOptions {
  claim?: ClaimRequest;
  idempotency?: { scope: string; key: string; fingerprint: string };
  /**
   * The job is running already, unstored, under a reserved id: it is inserted as `running` with token 1 whatever its
   * queue says, because it needs a journal or its caller stopped waiting.
   */
  promote?: ClaimRequest & { id: number; startedAt: number; at: number };
  /** Takes over the completed steps of the job that `retryOf` names. */
  keepSteps?: boolean;
}

export interface Inserted {
  job: Job;
  /** Present when it was claimed at once. */
  claim?: Claim;
  /** True when this is the answer to an earlier request with the same key. */
  replayed: boolean;
}

/** What a loaded job is given before it starts. */
export interface LoadedChange {
  input: Payload;
  /** All its input files, in place of those it has. */
  files: NewFile[];
  idempotency?: NonNullable<InsertOptions['idempotency']>;
}

export interface ExecutedRun {
  id: number;
  owner: string;
  startedAt: number;
  endedAt: number;
  outcome: Extract<Outcome, { kind: 'completed' | 'failed' | 'cancelled' }>;
}
