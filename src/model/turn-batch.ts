/** Items that go over at once, before their turn has ended. */
const FULL = 16;
/** Items older than this, in milliseconds, wait for no further turn: beside a run that computes, each may take 5 ms. */
const HELD_MS = 8;

/**
 * Collects what is sent and hands it over together, without a timer: at the end of the first event-loop turn that brought
 * nothing more, or as soon as there is enough of it. Under load a turn may bring one request alone, and to hand each over
 * by itself wakes the other side every time; where nothing more comes, an empty turn costs some microseconds. A turn with
 * sixty requests takes milliseconds; so that both sides work meanwhile instead of taking turns, it is handed over in
 * parts, and what is old already is not held any longer.
 * @param now a clock in milliseconds
 */
export function createTurnBatch<T>(post: (items: T[]) => void, now = () => performance.now()): (item: T) => void {
  let items: T[] = [];
  /** How many there were at the end of the last turn. */
  let seen = 0;
  /** When the first of them came. */
  let since = 0;
  let scheduled = false;
  const flush = () => {
    const batch = items;
    items = [];
    seen = 0;
    post(batch);
  };
  const endTurn = () => {
    if (items.length > seen && now() - since < HELD_MS) {
      seen = items.length;
      setImmediate(endTurn);
      return;
    }
    scheduled = false;
    if (items.length > 0) flush();
  };
  return (item) => {
    if (items.length === 0) since = now();
    if (items.push(item) >= FULL) flush();
    if (scheduled) return;
    scheduled = true;
    setImmediate(endTurn);
  };
}
