/** Items that go over at once, before their turn has ended. */
const FULL = 16;

/**
 * Collects what is sent and hands it over together, without a timer: at the end of the first event-loop turn that brought
 * nothing more, or as soon as there is enough of it. Under load a turn may bring one request alone, and to hand each over
 * by itself wakes the other side every time; where nothing more comes, an empty turn costs some microseconds. A turn with
 * sixty requests takes milliseconds; so that both sides work meanwhile instead of taking turns, it is handed over in
 * parts.
 */
export function createTurnBatch<T>(post: (items: T[]) => void): (item: T) => void {
  let items: T[] = [];
  /** How many there were at the end of the last turn. */
  let seen = 0;
  let scheduled = false;
  const flush = () => {
    const batch = items;
    items = [];
    seen = 0;
    post(batch);
  };
  const endTurn = () => {
    if (items.length > seen) {
      seen = items.length;
      setImmediate(endTurn);
      return;
    }
    scheduled = false;
    if (items.length > 0) flush();
  };
  return (item) => {
    if (items.push(item) >= FULL) flush();
    if (scheduled) return;
    scheduled = true;
    setImmediate(endTurn);
  };
}
