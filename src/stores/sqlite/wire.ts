import type { WireError } from './failures.ts';
import type { PackedChange } from './packed.ts';
import type { VerbOptions } from './verbs.ts';

/** What a database thread is started with. */
export type ThreadOptions =
  | ({ role: 'writer'; file: string; maxPages?: number; quickCheckBytes: number } & VerbOptions)
  | { role: 'reader'; file: string }
  | { role: 'backup'; file: string; target: string };

/**
 * What a database thread says. Both ways the messages are JSON text, one for many calls: measured faster than cloning
 * as many objects.
 */
export interface Answer {
  ready?: { copy?: string };
  /** It could not start. */
  failed?: WireError;
  /** `[number]`, `[number, value]`, or `[number, null, error]`. */
  results?: [number, unknown?, WireError?][];
  changes?: PackedChange[];
  /** Nothing more is written: the process must start anew. */
  fatal?: WireError;
}

/** Asks a thread to close its connection and end. */
export const CLOSE = 'close';
