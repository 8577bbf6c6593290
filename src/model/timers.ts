/** Longest time Node's timers can hold; a longer one would fire at once. In milliseconds. */
const LONGEST_MS = 2 ** 31 - 1;

/** A timer of any length; `ms` below 0 counts as 0. Call the answer to clear it. */
export function startTimer(ms: number, fire: () => void): () => void {
  let timer: NodeJS.Timeout;
  const set = (rest: number) => {
    timer =
      rest <= LONGEST_MS ? setTimeout(fire, Math.max(0, rest)) : setTimeout(() => set(rest - LONGEST_MS), LONGEST_MS);
  };
  set(ms);
  return () => clearTimeout(timer);
}
