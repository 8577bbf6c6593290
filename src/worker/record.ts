import type { Job } from '../model/job.ts';
import type { Log } from '../model/log.ts';
import type { Outcome } from '../model/run.ts';
import type { ExecutedRun, Store } from '../store.ts';
import { type ActiveRun, type FinalOutcome, isFinalOutcome, type Unstored } from './active-run.ts';
import type { Persist } from './persist.ts';
import { nextRetryAt } from './retry.ts';

export interface Recorder {
  /** Makes sure that the job is stored, so that something of it can be. */
  promote(run: ActiveRun): Promise<void>;
  /** Writes down how a run ended. A synchronous one that was never stored leaves its trace and no more. */
  end(run: ActiveRun, outcome: Outcome): Promise<void>;
}

export function createRecorder(parts: {
  store: Store;
  persist: Persist;
  settings: { owner: string; leaseMs: number; maxInterruptions: number };
  clock: () => number;
  random: () => number;
  log: Log;
}): Recorder {
  const { store, persist, settings, clock, random, log } = parts;
  const { owner, leaseMs, maxInterruptions } = settings;

  /** Stores a job as running. A submit that cannot be stored is refused; a synchronous run goes on until it is stored. */
  const storeRunning = async (run: ActiveRun, unstored: Unstored): Promise<void> => {
    const { id, startedAt = clock() } = run.claim.job;
    const insert = () => store.insertJob(unstored.job, { promote: { id, startedAt, owner, leaseMs, at: clock() } });
    if (unstored.submit === undefined) {
      await persist(insert);
      delete run.unstored;
    } else {
      try {
        const { job } = await insert();
        delete run.unstored;
        unstored.submit.stored(job);
      } catch (error) {
        unstored.submit.refused(error);
        throw error;
      }
    }
    if (unstored.log.length > 0) await store.appendLog(id, unstored.log);
  };

  const promote = async (run: ActiveRun): Promise<void> => {
    const { unstored } = run;
    if (!unstored) return;
    unstored.promoting ??= storeRunning(run, unstored);
    await unstored.promoting;
  };

  /** The only write of a job that came to its end before it was stored. */
  const storeEnded = (run: ActiveRun, unstored: Unstored, outcome: FinalOutcome): Promise<void> => {
    const { job } = run.claim;
    const { submit } = unstored;
    const ran: ExecutedRun = { id: job.id, owner, startedAt: job.startedAt ?? clock(), endedAt: clock(), outcome };
    if (submit === undefined) {
      return persist(() => store.recordExecution(unstored.job, ran)).then(() => run.ended?.(outcome));
    }
    const stored = () => submit.stored(withEnd(job, ran));
    return store.insertEnded(unstored.job, ran, unstored.log).then(stored, submit.refused);
  };

  /** The end of a job that is stored, or has to be for this. */
  const finish = async (run: ActiveRun, outcome: Outcome): Promise<void> => {
    const { job, fence } = run.claim;
    const { unstored } = run;
    if (unstored) {
      try {
        await promote(run);
      } catch (error) {
        // Whoever submitted it knows: there is no such job.
        if (unstored.submit) return;
        throw error;
      }
    }
    const at = clock();
    const mayRetry = outcome.kind === 'failed' && run.stop?.kind !== 'limit';
    const retryAt = mayRetry ? nextRetryAt(job, at, random) : undefined;
    const state = await persist(() =>
      store.finishRun(fence, { outcome, at, maxInterruptions, ...(retryAt === undefined ? {} : { retryAt }) }),
    );
    if (!state)
      log.warn({ job: job.id, token: fence.token }, 'the outcome of a run came too late: another worker has its job');
  };

  return {
    promote,
    end(run, outcome) {
      const { unstored } = run;
      return unstored && !unstored.promoting && isFinalOutcome(outcome)
        ? storeEnded(run, unstored, outcome)
        : finish(run, outcome);
    },
  };
}

/** A job that was in memory alone, with its end. */
function withEnd(job: Job, { owner, endedAt, outcome }: ExecutedRun): Job {
  job.state = outcome.kind;
  job.finishedAt = endedAt;
  job.server = owner;
  if (outcome.kind === 'completed') job.output = outcome.output;
  else if (outcome.kind === 'failed') job.error = outcome.error;
  else job.cancelReason = outcome.reason;
  return job;
}
