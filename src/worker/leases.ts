import type { Service } from '../lifecycle.ts';
import type { Log } from '../model/log.ts';
import type { Store } from '../store.ts';
import type { Pool } from './pool.ts';

export interface LeaseSettings {
  owner: string;
  leaseMs: number;
  maxInterruptions: number;
}

/**
 * Keeps the leases of running jobs, and gives back to the queues what is `running` without a live owner. Renewal always
 * goes first: after this process was held up (a paused machine), its own runs must not look ownerless.
 */
export function createLeases(parts: {
  store: Store;
  pool: Pool;
  settings: LeaseSettings;
  clock: () => number;
  log: Log;
}): Service {
  const { store, pool, settings, clock, log } = parts;
  const { owner, leaseMs, maxInterruptions } = settings;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const beat = async (orphans: boolean): Promise<void> => {
    const fences = pool.held();
    if (fences.length > 0) {
      const { lost, cancel } = await store.renewLeases({ owner, leaseMs, fences, at: clock() });
      for (const job of lost) pool.stopRun(job, { kind: 'lease' });
      for (const job of cancel) pool.stopRun(job, { kind: 'cancel', reason: 'Cancelled on request.' });
    }
    const rescued = await store.rescueJobs({ owner, orphans, at: clock(), maxInterruptions });
    for (const { job, state } of rescued) log.warn({ job, state }, 'a job without a live owner was resolved');
  };

  const next = () => {
    if (stopped) return;
    timer = setTimeout(async () => {
      await beat(false).catch((error) => log.warn({ err: error }, 'leases could not be renewed; trying again'));
      next();
    }, leaseMs / 4);
  };

  return {
    name: 'leases',
    // At start nobody else is alive on this store: what is still running belonged to an earlier life.
    async start() {
      await beat(true);
      next();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
