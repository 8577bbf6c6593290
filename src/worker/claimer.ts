import type { Log } from '../model/log.ts';
import type { Claim } from '../model/run.ts';
import type { ClaimRequest, Store } from '../store.ts';

/** The slots of this process, and the way due jobs come into them. */
export interface Claimer {
  /** Takes a free slot; false when there is none or nothing may begin any more. */
  reserve(): boolean;
  /** The same for a job that must not overtake: false also while others may be queued. */
  reserveInTurn(): boolean;
  release(): void;
  /** Changes how many slots there are; what has one keeps it. */
  resize(slots: number): void;
  slots(): number;
  /** Looks for due jobs soon. */
  wake(): void;
  /** Nothing begins any more. */
  close(): void;
}

/** Jobs claimed in one transaction at most. */
const MOST_CLAIMS = 256;
const PAUSE_AFTER_FAILURE_MS = 500;

export function createClaimer(parts: {
  store: Store;
  by: ClaimRequest;
  slots: number;
  clock: () => number;
  log: Log;
  begin(claim: Claim): void;
}): Claimer {
  const { store, by, clock, log, begin } = parts;
  let { slots } = parts;
  let taken = 0;
  let closed = false;
  let claiming = false;
  let scheduled = false;
  let wanted = false;
  /** False once a claim found nothing: until a job is queued again, a free slot is no reason to ask. */
  let backlog = true;

  const claimOnce = async (): Promise<void> => {
    wanted = false;
    const free = Math.min(slots - taken, MOST_CLAIMS);
    taken += free;
    let claims: Claim[] = [];
    try {
      claims = await store.claimJobs({ ...by, max: free, at: clock() });
    } finally {
      taken -= free - claims.length;
    }
    for (const claim of claims) begin(claim);
    if (claims.length > 0) wanted = true;
    else if (!wanted) backlog = false;
  };

  const claimAll = async (): Promise<void> => {
    scheduled = false;
    if (claiming) return;
    claiming = true;
    try {
      while (wanted && !closed && taken < slots) await claimOnce();
    } catch (error) {
      log.warn({ err: error }, 'no jobs could be claimed; trying again');
      setTimeout(wake, PAUSE_AFTER_FAILURE_MS).unref();
    } finally {
      claiming = false;
    }
  };

  function wake(): void {
    wanted = true;
    backlog = true;
    if (scheduled || claiming || closed) return;
    scheduled = true;
    setImmediate(claimAll);
  }

  const reserve = (): boolean => {
    if (closed || taken >= slots) return false;
    taken += 1;
    return true;
  };

  return {
    reserve,
    reserveInTurn: () => !backlog && reserve(),
    release() {
      taken -= 1;
      if (backlog) wake();
    },
    resize(count) {
      slots = count;
      wake();
    },
    slots: () => slots,
    wake,
    close() {
      closed = true;
    },
  };
}
