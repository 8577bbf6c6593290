import type { Service } from '../lifecycle.ts';
import type { Change } from '../model/change.ts';
import { fail } from '../model/errors.ts';
import { type Interest, offLost, onLost } from '../model/interest.ts';
import { isFinal, type Job } from '../model/job.ts';
import type { Principal } from '../model/principal.ts';
import { createRegistry } from '../model/registry.ts';
import type { JobRef, Store } from '../store.ts';
import type { Access } from './access.ts';

/** Waiting for a job's end, and following what happens to it. A waiter is one entry in a set, nothing more. */
export interface Waiting {
  /** The job as it is when it is final, or when `ms` have passed, nobody waits any more, or the server stops. */
  untilFinal(principal: Principal, ref: JobRef, ms: number, interest?: Interest): Promise<Job>;
  /** Calls `listener` for every change of the job until the answer is called. */
  follow(principal: Principal, ref: JobRef, listener: (change: Change) => void): Promise<() => void>;
  count(): number;
}

type Waiter = () => void;

export function createWaiting(parts: { store: Store; access: Access }): Waiting & Service {
  const { store, access } = parts;
  const waiters = createRegistry<Set<Waiter>>();
  let followers = createRegistry<Set<(change: Change) => void>>();
  let count = 0;
  let stopped = false;
  let unwatch = () => {};

  const find = async (principal: Principal, ref: JobRef): Promise<Job> => {
    const job = await store.findJob(ref);
    if (!job || !access.maySeeJob(principal, job))
      throw fail('not-found', `There is no job ${ref}, or you may not see it.`);
    return job;
  };

  const reading = new Map<number, Promise<Job | undefined>>();
  /** One read for everybody who asks in the same turn: ten thousand may wait for one job. */
  const readOnce = (id: number): Promise<Job | undefined> => {
    const known = reading.get(id);
    if (known) return known;
    const read = store.findJob(id);
    reading.set(id, read);
    setImmediate(() => reading.delete(id));
    return read;
  };

  /** Settles when the job is final, or for one of the other reasons to stop waiting. */
  const ended = (job: number, ms: number, interest: Interest | undefined): Promise<void> =>
    new Promise((resolve) => {
      const waiter = () => {
        clearTimeout(timer);
        if (interest) offLost(interest, waiter);
        const set = waiters.get(job);
        if (set?.delete(waiter)) count -= 1;
        if (set?.size === 0) waiters.delete(job);
        resolve();
      };
      const timer = setTimeout(waiter, ms);
      const set = waiters.get(job) ?? new Set();
      waiters.set(job, set.add(waiter));
      count += 1;
      if (interest) onLost(interest, waiter);
    });

  /**
   * The job once `end` has settled. A function of its own, and with nothing but numbers: a job in the variables of the one
   * who waits would be kept with each waiter.
   */
  const afterEnd = async (job: number, end: Promise<void>): Promise<Job> => {
    // It may have ended between the first look and the registration.
    if (await hasEnded(job)) for (const waiter of [...(waiters.get(job) ?? [])]) waiter();
    await end;
    const found = await readOnce(job);
    if (!found) throw fail('not-found', `There is no job ${job} any more.`);
    return found;
  };

  const hasEnded = async (job: number): Promise<boolean> => {
    const found = await store.findJob(job);
    return !found || isFinal(found.state);
  };

  return {
    name: 'waiting',
    start() {
      unwatch = store.watch((changes) => {
        for (const change of changes) {
          const listening = followers.get(change.job);
          if (listening) for (const listener of listening) listener(change);
          if (change.kind === 'job' && change.final)
            for (const waiter of [...(waiters.get(change.job) ?? [])]) waiter();
        }
      });
    },
    /** Everybody who waits is answered with what there is. */
    stop() {
      stopped = true;
      unwatch();
      for (const set of waiters.values()) for (const waiter of [...set]) waiter();
      followers = createRegistry();
    },
    async untilFinal(principal, ref, ms, interest) {
      const job = await find(principal, ref);
      if (isFinal(job.state) || ms <= 0 || stopped || interest?.lost) return job;
      return afterEnd(job.id, ended(job.id, ms, interest));
    },
    async follow(principal, ref, listener) {
      const { id } = await find(principal, ref);
      const set = followers.get(id) ?? new Set();
      followers.set(id, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0 && followers.get(id) === set) followers.delete(id);
      };
    },
    count: () => count,
  };
}
