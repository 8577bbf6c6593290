import type { Problem } from '../model/errors.ts';
import { type Interest, offLost, onLost } from '../model/interest.ts';
import { isFinal, type Job, type NewJob } from '../model/job.ts';
import type { Payload } from '../model/payload.ts';
import type { Principal } from '../model/principal.ts';
import type { InsertOptions } from '../store.ts';
import type { JobParts } from './job-parts.ts';
import { idInSlot, mayBeginUnstored } from './launching.ts';
import type { Ended } from './slots.ts';
import type { SubmitRequest } from './submit-request.ts';

/** How a synchronous run was answered. */
export type Executed =
  | {
      kind: 'finished';
      id: number;
      uuid: string;
      outcome: ExecutedOutcome;
      durationMs: number;
      /** What ran; the times only of a job that was stored. */
      ran: Ran;
    }
  /** It takes longer than the caller waits, and is an ordinary job now. */
  | { kind: 'accepted'; job: Job };

/** A job that was stored, or what one was to be made from. */
export type Ran = Pick<NewJob, 'workflow' | 'version' | 'input' | 'owner' | 'createdAt'> &
  Pick<Job, 'startedAt' | 'finishedAt'>;

export type ExecutedOutcome =
  | { kind: 'completed'; output: Payload }
  | { kind: 'failed'; error: Problem }
  | { kind: 'cancelled'; reason: string };

interface ExecutionParts extends JobParts {
  prepare(principal: Principal, request: SubmitRequest, start: boolean): NewJob | Promise<NewJob>;
  insert(job: NewJob, options?: InsertOptions): Promise<{ job: Job; replayed: boolean }>;
}

/**
 * Runs in one call. The short way never stores the job while it runs: one write at its end keeps its trace. A job that
 * needs more than that (a journal, its queue's order, further attempts, a longer wait) is stored like any other.
 */
export function createExecutions(parts: ExecutionParts) {
  const { store, queues, slots, waiting, clock, prepare, insert } = parts;
  const stored = async (
    principal: Principal,
    job: NewJob,
    options: InsertOptions,
    waitMs: number,
    interest?: Interest,
  ): Promise<Executed> => {
    const { job: made } = await insert(job, options);
    return untilFinal(principal, made, waitMs, interest);
  };

  const untilFinal = async (
    principal: Principal,
    made: Pick<Job, 'id'>,
    waitMs: number,
    interest?: Interest,
  ): Promise<Executed> => {
    const job = await waiting.untilFinal(principal, made.id, waitMs, interest);
    const outcome = outcomeOf(job);
    if (!outcome) return { kind: 'accepted', job };
    await store.discardJob(job.id, clock());
    return {
      kind: 'finished',
      id: job.id,
      uuid: job.uuid,
      outcome,
      durationMs: (job.finishedAt ?? clock()) - job.createdAt,
      ran: job,
    };
  };

  const execute = async (
    principal: Principal,
    request: SubmitRequest,
    waitMs: number,
    interest?: Interest,
  ): Promise<Executed> => {
    const made = prepare(principal, request, true);
    const job = made instanceof Promise ? await made : made;
    if (!mayBeginUnstored(job, request, queues) || !slots.reserve()) {
      return stored(principal, job, request.idempotency ? { idempotency: request.idempotency } : {}, waitMs, interest);
    }
    const newId = idInSlot(parts);
    const id = typeof newId === 'number' ? newId : await newId;
    const uuid = store.jobUuid(id);
    const begun = performance.now();
    const execution = slots.execute(job, { id, uuid });
    const first = await sooner(execution.ended, waitMs, interest);
    const ended = first.kind === 'ended' ? first.ended : await execution.store();
    if (ended) return { kind: 'finished', id, uuid, outcome: ended, durationMs: performance.now() - begun, ran: job };
    const rest = Math.max(0, waitMs - (performance.now() - begun));
    return untilFinal(principal, { id }, rest, interest);
  };

  return { execute };
}

/** The end of a run, or that the caller has waited long enough. */
function sooner(
  ended: Promise<Ended | undefined>,
  waitMs: number,
  interest?: Interest,
): Promise<{ kind: 'ended'; ended: Ended | undefined } | { kind: 'waited' }> {
  return new Promise((resolve, reject) => {
    const waited = () => finish(() => resolve({ kind: 'waited' }));
    const timer = setTimeout(waited, waitMs);
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      if (interest) offLost(interest, waited);
      settle();
    };
    // Last: nobody may be waiting already.
    if (interest) onLost(interest, waited);
    ended.then(
      (end) => finish(() => resolve({ kind: 'ended', ended: end })),
      (error) => finish(() => reject(error)),
    );
  });
}

/** What a final job ended with; undefined while it is not final. */
function outcomeOf(job: Job): ExecutedOutcome | undefined {
  if (!isFinal(job.state)) return undefined;
  if (job.state === 'completed') return { kind: 'completed', output: job.output ?? { json: 'null' } };
  if (job.state === 'failed' && job.error) return { kind: 'failed', error: job.error };
  return { kind: 'cancelled', reason: job.cancelReason ?? 'Cancelled.' };
}
