/**
 * Whether somebody still waits for an answer. It says what an AbortSignal would; but one of those costs more than all
 * else of a short request, and one that is kept for many requests rebuilds its table of listeners with each of them
 * (see `createRegistry` for what that does to memory).
 */
export interface Interest {
  lost(): boolean;
  /** Calls `listener` once when interest is lost, at once where it is lost already. Call the answer to listen no more. */
  onLost(listener: () => void): () => void;
}

export function createInterest(): Interest & { lose(): void } {
  const listeners: (() => void)[] = [];
  let lost = false;
  return {
    lost: () => lost,
    onLost(listener) {
      if (lost) {
        listener();
        return () => {};
      }
      listeners.push(listener);
      return () => {
        const at = listeners.indexOf(listener);
        if (at >= 0) listeners.splice(at, 1);
      };
    },
    lose() {
      lost = true;
      for (const listener of listeners.splice(0)) listener();
    },
  };
}
