import type { BlobRef } from '../model/payload.ts';

/**
 * Content-addressed files beside the store: payloads above 64 KiB, uploads, outputs. Written once, never changed.
 */
export interface Blobs {
  /** Streams bytes in; throws `too-large` beyond `maxBytes`, `disk-full` when there is no room. On disk when it settles. */
  put(source: Uint8Array | AsyncIterable<Uint8Array>, maxBytes: number): Promise<BlobRef>;
  /** Streams bytes out, optionally a range (both inclusive); throws `not-found`. */
  open(blob: string, range?: { start: number; end: number }): Promise<AsyncIterable<Uint8Array> & { destroy(): void }>;
  size(blob: string): Promise<number | undefined>;
  /** Absolute path, for a child process to copy from. */
  path(blob: string): string;
  /** Deletes what `unreferenced` names among files older than `olderThan` (an upload in progress is not referenced yet). */
  sweep(olderThan: number, unreferenced: (blobs: string[]) => Promise<string[]>): Promise<number>;
}
