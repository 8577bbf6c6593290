import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { fail, isMillraceError } from '../../src/model/errors.ts';
import type { Log } from '../../src/model/log.ts';
import type { WorkflowInfo, WorkflowVersion } from '../../src/model/workflow.ts';
import { createRepository, type RepositoryParts } from '../../src/repository/repository.ts';
import type { Versions } from '../../src/repository/versions.ts';
import type { Runtime } from '../../src/runtime.ts';
import { parseYaml } from '../../src/yaml/index.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** A folder of its own for one test, gone after it. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-'));
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs at the end of the test. */
export const atEnd = (cleanUp: () => Promise<unknown>): void => void cleanUps.push(cleanUp);

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Keeps versions in memory and counts what it is asked to write. */
export function memoryVersions() {
  const versions = new Map<string, WorkflowVersion>();
  const current = new Map<string, string>();
  const counts = { save: 0, setCurrent: 0 };
  const kept: Versions = {
    async save(version) {
      counts.save++;
      if (!versions.has(version.hash)) versions.set(version.hash, version);
    },
    find: async (hash) => versions.get(hash),
    lastGood: async (path) => current.get(path),
    async setCurrent(path, hash) {
      counts.setCurrent++;
      if (hash === undefined) current.delete(path);
      else current.set(path, hash);
    },
  };
  return { ...kept, versions, current, counts };
}

const info: WorkflowInfo = { tags: {}, limits: {}, onInterrupted: 'resume' };

/** A language whose only rule is that a definition is a mapping with a `title`. */
export const titleRuntime: Runtime = {
  name: 'title',
  suffixes: ['.yaml', '.json'],
  outline: () => [],
  parse(source) {
    const { value, issues, locate } = parseYaml(source);
    const title = (value as { title?: unknown } | null)?.title;
    if (issues.length === 0 && typeof title !== 'string')
      issues.push({ ...locate(''), pointer: '', message: 'A title is needed.' });
    const errors = issues.map((issue) => ({ ...issue, pointer: issue.pointer ?? '' }));
    if (errors.length > 0) throw fail('invalid-definition', { detail: 'It has errors.', errors });
    return { info: { ...info, title: String(title) } };
  },
  run: async () => null,
};

/** A second language in which anything goes. */
export const anyRuntime: Runtime = { ...titleRuntime, name: 'any', suffixes: ['.any'], parse: () => ({ info }) };

/** A started repository over a folder, stopped at the end of the test. */
export async function startRepository(folder: string, parts: Partial<RepositoryParts> = {}) {
  const versions = memoryVersions();
  const repository = createRepository({
    folder,
    runtimes: [titleRuntime, anyRuntime],
    versions,
    log: silentLog,
    rescanMs: 0,
    watch: false,
    ...parts,
  });
  await repository.start!();
  atEnd(async () => repository.stop!(1000));
  return Object.assign(repository, { versions });
}

/** Waits until `probe` gives something true. */
export async function until<T>(probe: () => T, what: string, ms = 20_000): Promise<NonNullable<T>> {
  const end = performance.now() + ms;
  for (;;) {
    const found = probe();
    if (found) return found;
    if (performance.now() > end) expect.fail(`waited ${ms} ms for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The code of the error that a call ends in. */
export async function codeOf(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    if (isMillraceError(error)) return error.code;
    throw error;
  }
  return 'no error';
}
