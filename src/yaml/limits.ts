/** What a source may cost; measured so that each refusal comes within 50 ms. */
export const sourceLimits = {
  /** Bytes of UTF-8. */
  bytes: 256 * 1024,
  /** Levels of arrays and objects, aliases unfolded. */
  depth: 64,
  /** Values, aliases unfolded. A source without aliases of the largest size stays below. */
  nodes: 150_000,
  /** Characters of texts and keys, aliases unfolded. */
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
