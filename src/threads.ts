import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

const fromSource = import.meta.url.endsWith('.ts');

/**
 * Starts a worker thread on an entry module named by its source, `new URL('./thread.ts', import.meta.url)`: the compiled
 * one in an installation, the source itself (through the development loader) when the sources run.
 */
export function startThread(source: URL, options: WorkerOptions = {}): Worker {
  if (!fromSource) return new Worker(new URL(source.href.replace(/\.ts$/, '.js')), options);
  // Node 20 ignores --import in a thread, so the loader is registered by a first line of the thread itself.
  const loader = new URL('./index.mjs', pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api'))).href;
  const first = `import(${JSON.stringify(loader)}).then(({ register }) => {
    register();
    return import(${JSON.stringify(source.href)});
  })`;
  return new Worker(first, { ...options, eval: true });
}
