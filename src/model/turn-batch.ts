/** Items that go over at once, before their turn has ended. */
const FULL = 16;

/**
 * Collects what is sent during one event-loop turn and hands it over together at its end: no timers, no delay. A turn with
 * sixty requests takes milliseconds; so that both sides work meanwhile instead of taking turns, it is handed over
 * sooner where there is enough of it.
 */
export function createTurnBatch<T>(post: (items: T[]) => void): (item: T) => void {
  let items: T[] = [];
  let scheduled = false;
  const flush = () => {
    if (items.length === 0) return;
    const batch = items;
    items = [];
    post(batch);
  };
  const flushTurn = () => {
    scheduled = false;
    flush();
  };
  return (item) => {
    if (items.push(item) >= FULL) flush();
    if (scheduled) return;
    scheduled = true;
    setImmediate(flushTurn);
  };
}
