import { once } from 'node:events';

/** Tells one who waits that there may be something new; a ring while nobody waits counts for the next wait. */
export interface Bell {
  ring(): void;
  /** Settles at the next ring, or when the signal is aborted. */
  next(signal: AbortSignal): Promise<void>;
}

export function createBell(): Bell {
  const target = new EventTarget();
  let rung = false;
  return {
    ring() {
      rung = true;
      target.dispatchEvent(new Event('ring'));
    },
    async next(signal) {
      if (!rung) await once(target, 'ring', { signal }).catch(() => undefined);
      rung = false;
    },
  };
}
