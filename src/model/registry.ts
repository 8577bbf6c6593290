/**
 * Values by number, for what comes and goes thousands of times a second.
 *
 * Not a Map of values: one that is added to and deleted from all the time is rebuilt again and again, and each table it
 * leaves behind refers to the next. Once one of them has grown old, V8's young-generation collector takes everything that
 * was ever in a later one for alive: each request is copied twice and ends in the old generation. Here the rebuilt tables
 * hold integers alone, and the values lie in an array whose places are emptied.
 */
export interface Registry<Value> {
  get(key: number): Value | undefined;
  /** Adds or replaces. */
  set(key: number, value: Value): void;
  /** False when there was none. */
  delete(key: number): boolean;
  /** What is there now, in no particular order. */
  values(): Value[];
  size(): number;
}

export function createRegistry<Value>(): Registry<Value> {
  const placeOf = new Map<number, number>();
  const places: (Value | undefined)[] = [];
  const free: number[] = [];
  return {
    get(key) {
      const place = placeOf.get(key);
      return place === undefined ? undefined : places[place];
    },
    set(key, value) {
      let place = placeOf.get(key);
      if (place === undefined) {
        place = free.pop() ?? places.length;
        placeOf.set(key, place);
      }
      places[place] = value;
    },
    delete(key) {
      const place = placeOf.get(key);
      if (place === undefined) return false;
      placeOf.delete(key);
      places[place] = undefined;
      free.push(place);
      return true;
    },
    values: () => [...placeOf.values()].map((place) => places[place] as Value),
    size: () => placeOf.size,
  };
}
