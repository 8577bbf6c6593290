import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the joined entry modules of threads, see `threads.ts`. */
    threads: string;
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const entries = ['src/worker-thread', 'src/stores/sqlite/thread', 'test/support/probe-thread'];

/**
 * Joins each entry module of a thread and what it imports into one file, before the tests: a thread that loads hundreds of
 * sources through the development loader takes a second of processor time to start, and the tests start many.
 */
export default async function setup(project: TestProject): Promise<() => void> {
  // Below the root, so that packages are found from there; one for each run, since several may go on at a time.
  const folder = join(root, 'node_modules', '.cache', 'threads', String(process.pid));
  const bundle = async () =>
    void (await build({
      absWorkingDir: root,
      entryPoints: entries.map((name) => ({ in: `${name}.ts`, out: name })),
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      packages: 'external',
      logLevel: 'warning',
      plugins: [{ name: 'places', setup: ({ onLoad }) => onLoad({ filter: /\.ts$/ }, keepPlace) }],
    }));
  await bundle();
  project.onTestsRerun(bundle);
  project.provide('threads', folder);
  return () => rmSync(folder, { recursive: true, force: true });
}

/** A module that names files beside itself goes on naming them by its own place. */
async function keepPlace({ path }: { path: string }) {
  const text = await readFile(path, 'utf8');
  if (!text.includes('import.meta.url')) return undefined;
  return {
    contents: text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
    loader: 'ts' as const,
  };
}
