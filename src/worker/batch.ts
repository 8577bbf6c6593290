/** Collects what is sent during one event-loop turn and hands it over as one array at its end: no timers, no delay. */
export function createBatch<T>(post: (items: T[]) => void): (item: T) => void {
  let items: T[] = [];
  const flush = () => {
    const batch = items;
    items = [];
    post(batch);
  };
  return (item) => {
    if (items.push(item) === 1) setImmediate(flush);
  };
}
