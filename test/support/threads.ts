import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { inject } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Stands in for `src/threads.ts` in the tests (see vitest.config.ts): starts a thread on what `bundle-threads.ts` made. */
export function startThread(source: URL, options: WorkerOptions = {}): Worker {
  const name = relative(root, fileURLToPath(source)).replace(/\.ts$/, '.mjs');
  return new Worker(join(inject('threads'), name), options);
}
