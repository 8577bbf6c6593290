/**
 * What a source may cost. js-yaml itself is linear: the worst text of the largest size (131 000 items of a flow list)
 * takes it 70 to 140 ms on a 2-core virtual machine, an everyday one of that size under 20 ms; all else stays below.
 */
export const sourceLimits = {
  /** Bytes of UTF-8. */
  bytes: 256 * 1024,
  /** Levels of arrays and objects, aliases unfolded. */
  depth: 64,
  /** Keys and values, aliases unfolded, where the reader of a source sets no smaller limit. */
  nodes: 50_000,
  /** Characters of keys and values, aliases unfolded. */
  chars: 1024 * 1024,
  /** Issues listed before the rest is left out. */
  issues: 100,
} as const;

/** Collects what is wrong with a source, by offset. */
export interface IssueSink {
  add(offset: number, message: string): void;
}

/** Thrown inside the parsers to end at once; never leaves `src/yaml`. */
export class SourceError extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.name = 'SourceError';
    this.offset = offset;
  }
}

export const tooMany = (at: number, most: number): SourceError =>
  new SourceError(
    at,
    `There are more than ${most} keys and values, aliases unfolded; large data belongs into files or the input.`,
  );
