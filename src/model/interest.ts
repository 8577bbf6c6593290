/**
 * Whether somebody still waits for an answer. It says what an AbortSignal would; but one of those costs more than all
 * else of a short request, and one that is kept for many requests rebuilds its table of listeners with each of them
 * (see `createRegistry` for what that does to memory). A plain value, with its rules beside it: each of ten thousand
 * connections that wait has one.
 */
export interface Interest {
  lost: boolean;
  listeners: (() => void)[];
}

export const createInterest = (): Interest => ({ lost: false, listeners: [] });

/** Calls `listener` once when interest is lost, at once where it is lost already. */
export function onLost(interest: Interest, listener: () => void): void {
  if (interest.lost) listener();
  // An array that is grown makes room for 17, one that is written down has just its own.
  else if (interest.listeners.length === 0) interest.listeners = [listener];
  else interest.listeners.push(listener);
}

/** Calls `listener` no more. */
export function offLost({ listeners }: Interest, listener: () => void): void {
  const at = listeners.indexOf(listener);
  if (at >= 0) listeners.splice(at, 1);
}

export function lose(interest: Interest): void {
  interest.lost = true;
  for (const listener of interest.listeners.splice(0)) listener();
}
