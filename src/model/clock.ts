/** Where time comes from: milliseconds since 1970-01-01T00:00Z. Handed in, so that a test can hold it. */
export type Clock = () => number;

/** The wall clock. */
export const systemClock: Clock = () => Date.now();
