import { Worker, type WorkerOptions } from 'node:worker_threads';

const fromSource = import.meta.url.endsWith('.ts');

/**
 * The file to load for an entry module named by its source, `new URL('./thread.ts', import.meta.url)`: the compiled one
 * in an installation, the source itself (through the development loader) when the sources run.
 */
export const entryUrl = (source: URL): URL => (fromSource ? source : new URL(source.href.replace(/\.ts$/, '.js')));

/** Flags a Node process or thread needs so that `entryUrl` can be loaded. */
export const entryFlags: readonly string[] = fromSource ? ['--import', 'tsx'] : [];

/** Starts a worker thread on an entry module. */
export const startThread = (source: URL, options: WorkerOptions = {}): Worker =>
  new Worker(entryUrl(source), { ...options, execArgv: [...entryFlags, ...(options.execArgv ?? [])] });
