/** Items that go over at once, before their turn has ended: the other side begins while this one goes on. */
const FULL = 16;

/**
 * Collects what is sent during one event-loop turn and hands it over as one array at its end, or sooner where there is
 * enough: no timers, no delay.
 */
export function createBatch<T>(post: (items: T[]) => void): (item: T) => void {
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
