/** A number of places, taken in order of asking. */
export interface Slots {
  /** Waits for a place and gives the function that leaves it again; undefined when the signal ends the wait. */
  take(signal: AbortSignal): Promise<(() => void) | undefined>;
  taken(): number;
  waiting(): number;
}

/** Places for `size` holders at once. Leaving twice is harmless. */
export function createSlots(size: number): Slots {
  const queue = new Set<() => void>();
  let taken = 0;

  const leave = () => {
    taken -= 1;
    const next = queue.values().next();
    if (next.done) return;
    queue.delete(next.value);
    next.value();
  };

  const occupy = () => {
    taken += 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      leave();
    };
  };

  return {
    taken: () => taken,
    waiting: () => queue.size,
    take(signal) {
      if (signal.aborted) return Promise.resolve(undefined);
      if (taken < size) return Promise.resolve(occupy());
      return new Promise((resolve) => {
        const enter = () => {
          signal.removeEventListener('abort', giveUp);
          resolve(occupy());
        };
        const giveUp = () => {
          queue.delete(enter);
          resolve(undefined);
        };
        queue.add(enter);
        signal.addEventListener('abort', giveUp, { once: true });
      });
    },
  };
}
