import type { Log } from '../model/log.ts';
import type { Outcome } from '../model/run.ts';
import type { Store } from '../store.ts';
import { type ActiveRun, isFinalOutcome } from './active-run.ts';
import type { Persist } from './persist.ts';
import { nextRetryAt } from './retry.ts';

export interface Recorder {
  /** Makes sure that the job is stored, so that something of it can be. */
  promote(run: ActiveRun): Promise<void>;
  /** Writes down how a run ended. One that was never stored leaves its trace and no more. */
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

  const promote = async (run: ActiveRun): Promise<void> => {
    const { unstored } = run;
    if (!unstored) return;
    const { id, startedAt = clock() } = run.claim.job;
    unstored.promoting ??= (async () => {
      await persist(() => store.insertJob(unstored.job, { promote: { id, startedAt, owner, leaseMs, at: clock() } }));
      delete run.unstored;
      if (unstored.log.length > 0) await store.appendLog(id, unstored.log);
    })();
    await unstored.promoting;
  };

  return {
    promote,
    async end(run, outcome) {
      const { job, fence } = run.claim;
      const { unstored } = run;
      if (unstored && !unstored.promoting && isFinalOutcome(outcome)) {
        const startedAt = job.startedAt ?? clock();
        await persist(() =>
          store.recordExecution(unstored.job, { id: job.id, owner, startedAt, endedAt: clock(), outcome }),
        );
        run.ended?.(outcome);
        return;
      }
      if (unstored) await promote(run);
      const at = clock();
      const mayRetry = outcome.kind === 'failed' && run.stop?.kind !== 'limit';
      const retryAt = mayRetry ? nextRetryAt(job, at, random) : undefined;
      const state = await persist(() =>
        store.finishRun(fence, { outcome, at, maxInterruptions, ...(retryAt === undefined ? {} : { retryAt }) }),
      );
      if (!state)
        log.warn({ job: job.id, token: fence.token }, 'the outcome of a run came too late: another worker has its job');
    },
  };
}
