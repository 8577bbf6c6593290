import type { Service } from '../lifecycle.ts';
import { type Clock, systemClock } from '../model/clock.ts';
import { fail } from '../model/errors.ts';
import type { Log } from '../model/log.ts';
import type { OutlineStep } from '../model/outline.ts';
import type { Workflow, WorkflowVersion } from '../model/workflow.ts';
import type { Runtime } from '../runtime.ts';
import { createCatalogue, type PlainFile, type RepositoryItem, type RepositoryTree } from './catalogue.ts';
import { type Folder, openFolder } from './folder.ts';
import { createItemWrites, type ItemWrites } from './item-writes.ts';
import { createItemReads, type ItemReads } from './items.ts';
import { removeLeftovers } from './leftovers.ts';
import { createOutlines } from './outlines.ts';
import { etagOf, type Preconditions } from './precondition.ts';
import { hashOf, maxDefinitionBytes } from './read-definition.ts';
import { parseRepositoryPath, type RepositoryPath, rootPath } from './safe-path.ts';
import { createSerial } from './serial.ts';
import { similar } from './similar.ts';
import { createSuffixes } from './suffixes.ts';
import { createSync, type RepositoryChange } from './sync.ts';
import { putFiles, type UploadEntry, type Uploaded, type UploadOptions } from './uploads.ts';
import type { Versions } from './versions.ts';
import { watchFolder } from './watch.ts';
import { createWrites, type PutOptions, type Writes } from './writes.ts';

export type { PlainFile, RepositoryItem, RepositoryTree } from './catalogue.ts';
export { etagOf, type Preconditions } from './precondition.ts';
export type { RepositoryChange } from './sync.ts';
export type { UploadEntry, Uploaded } from './uploads.ts';
export type { Versions } from './versions.ts';
export type { PutOptions } from './writes.ts';

/** At most so many workflow files are taken in. */
export const maxWorkflowFiles = 10_000;

export interface RepositoryParts {
  /** The folder with the workflow files; it must exist. */
  folder: string;
  runtimes: readonly Runtime[];
  versions: Versions;
  log: Log;
  clock?: Clock;
  /** Milliseconds between two looks through the whole folder; 0: never. */
  rescanMs?: number;
  /** Whether the system tells of changes at once; not so on network drives. */
  watch?: boolean;
  maxFiles?: number;
}

/** The source of a workflow as its file is now, good or broken. */
export interface WorkflowSource {
  path: RepositoryPath;
  file: RepositoryPath;
  bytes: Buffer;
  hash: string;
  etag: string;
}

/** Where workflows live: files in a folder tree, looked up in memory. Paths are text from outside; each is checked. */
export interface Repository extends Service {
  /** Folders and workflows in a folder (`under`, the root unless said), by path; with `deep` all below it. @throws not-found */
  list(options?: { under?: string; deep?: boolean }): RepositoryItem[];
  tree(): RepositoryTree;
  /** The path of the workflow that a file would define; undefined for a plain one. */
  definedBy(file: string): RepositoryPath | undefined;
  /** Files below a folder, at any depth, that define no workflow; by path. */
  plainFiles(under: string): PlainFile[];
  /** @throws invalid-path */
  find(path: string): Workflow | undefined;
  /**
   * @param visible says which paths the asker may hear of; without it no similar path is named
   * @throws not-found naming up to three similar paths
   */
  get(path: string, visible?: (path: string) => boolean): Workflow;
  /** @throws not-found, too-large when the file is beyond what a definition may have */
  source(path: string): Promise<WorkflowSource>;
  /** A version that was once served. @throws not-found */
  version(hash: string): Promise<WorkflowVersion>;
  /**
   * Stores a definition that its runtime accepts. A workflow that is there is replaced only with `If-Match`.
   * @throws invalid-definition with all issues, precondition-required, precondition-failed, invalid-input, too-large
   */
  put(
    path: string,
    source: string | Uint8Array,
    options?: PutOptions,
  ): Promise<{ workflow: Workflow; created: boolean }>;
  /** @throws not-found, precondition-failed */
  remove(path: string, conditions?: Preconditions): Promise<void>;
  /** Moves or renames a workflow or a folder. @throws not-found, exists, precondition-failed, conflict */
  move(from: string, to: string, options?: Preconditions & { overwrite?: boolean }): Promise<void>;
  /** @throws exists */
  makeFolder(path: string): Promise<RepositoryPath>;
  /** @throws not-found, conflict when it is not empty and `recursive` was not asked for */
  removeFolder(path: string, options?: { recursive?: boolean }): Promise<void>;
  /**
   * Puts files into a folder, `/` for the root: all or none.
   * @throws invalid-input, invalid-path, too-large, exists, invalid-definition with the issues of all files
   */
  putFiles(path: string, files: readonly UploadEntry[], options?: { overwrite?: boolean }): Promise<Uploaded>;
  /** The usual ending of the files a runtime reads. @throws invariant */
  suffixOf(runtime: string): string;
  /** What a version consists of, for people; found once and kept with it. */
  outline(version: WorkflowVersion): readonly OutlineStep[];
  /** Folders, workflows and the plain files beside them, all by their paths. */
  readonly items: ItemReads & ItemWrites;
  /** Looks through the whole folder now. */
  rescan(): Promise<void>;
  /** Told of each change after it took hold; gives the way to be told no more. */
  onChange(listener: (change: RepositoryChange) => void): () => void;
}

/** What there is between start and stop. */
interface Running {
  folder: Folder;
  writes: Writes;
  items: ItemReads & ItemWrites;
  putFiles(path: string, files: readonly UploadEntry[], options: { overwrite?: boolean }): Promise<Uploaded>;
  rescan(): Promise<void>;
  stop(): Promise<void>;
}

export function createRepository(parts: RepositoryParts): Repository {
  const { versions, log, clock = systemClock, rescanMs = 30_000, maxFiles = maxWorkflowFiles } = parts;
  const suffixes = createSuffixes(parts.runtimes);
  const catalogue = createCatalogue();
  const serial = createSerial();
  const listeners = new Set<(change: RepositoryChange) => void>();
  const running: Running[] = [];

  const announce = (change: RepositoryChange): void => {
    for (const listener of listeners) {
      try {
        listener(change);
      } catch (error) {
        log.error({ err: error, path: change.path }, 'A listener for workflow changes failed');
      }
    }
  };

  const notFound = (path: string, visible?: (path: string) => boolean) => {
    const near = visible ? similar(path, catalogue.paths(), 20).filter(visible).slice(0, 3) : [];
    const hint = near.length > 0 ? ` Near it: ${near.join(', ')}.` : '';
    return fail('not-found', { detail: `There is no workflow ${path}.${hint}`, extra: { similar: near } });
  };

  const active = () => {
    const part = running[0];
    if (!part) throw fail('draining', 'The repository is not running.');
    return part;
  };

  const entryOf = (text: string, visible?: (path: string) => boolean) => {
    const path = parseRepositoryPath(text);
    const entry = catalogue.at(path);
    if (!entry) throw notFound(path, visible);
    return entry;
  };

  const start = async (): Promise<void> => {
    const folder = await openFolder(parts.folder);
    const sync = createSync({ folder, suffixes, versions, catalogue, log, clock, maxFiles, announce });
    const writes = createWrites({ folder, suffixes, versions, catalogue, sync, log, maxFiles, notFound });
    const refresh = (path: RepositoryPath) =>
      serial(() => sync.refresh(path)).catch((error) => log.warn({ err: error, path }, 'A change could not be read'));

    const rescan = async (): Promise<void> => {
      // The look itself goes on beside writes; each difference is looked at again when its turn comes.
      for (const path of await sync.differences()) await refresh(path);
    };

    // Watching begins first, so that no change falls between it and the first reading.
    const endWatch =
      parts.watch === false
        ? async () => {}
        : await watchFolder({
            root: folder.root,
            log,
            onPaths: (paths) => void paths.map(refresh),
          });
    const putAll = (path: string, files: readonly UploadEntry[], options: UploadOptions) =>
      putFiles(uploads, path, files, options);
    const reads = createItemReads({ folder, suffixes, catalogue });
    const items = {
      ...reads,
      ...createItemWrites({ folder, suffixes, sync, reads, writes, putFiles: putAll, serial }),
    };
    let stopped = false;
    let timer: NodeJS.Timeout | undefined;
    const again = (): void => {
      if (stopped || rescanMs <= 0) return;
      timer = setTimeout(() => {
        rescan()
          .catch((error) => log.warn({ err: error }, 'The workflows folder could not be read'))
          .finally(again);
      }, rescanMs);
      timer.unref();
    };
    const stop = async (): Promise<void> => {
      stopped = true;
      clearTimeout(timer);
      await endWatch();
      await serial(async () => {});
    };
    try {
      await removeLeftovers(folder, clock, log);
      await serial(() => sync.refresh(rootPath));
    } catch (error) {
      await stop();
      throw error;
    }
    again();
    const uploads = { folder, suffixes, versions, catalogue, sync, log, maxFiles };
    running.push({
      folder,
      rescan,
      writes,
      items,
      stop,
      putFiles: putAll,
    });
    log.info({ workflows: catalogue.size() }, 'The workflows folder is read');
  };

  return {
    name: 'repository',
    start,
    async stop() {
      await running.pop()?.stop();
    },

    list(options = {}) {
      const under = parseRepositoryPath(options.under ?? '/');
      if (!catalogue.hasFolder(under)) throw fail('not-found', `There is no folder ${under}.`);
      return catalogue.list(under, options.deep ?? false);
    },
    tree: () => catalogue.tree(),
    definedBy: (file) => suffixes.workflowOf(parseRepositoryPath(file))?.path,
    plainFiles: (under) => catalogue.plain(parseRepositoryPath(under)).sort((a, b) => (a.path < b.path ? -1 : 1)),
    find(path) {
      const entry = catalogue.at(parseRepositoryPath(path));
      return entry && catalogue.workflow(entry);
    },
    get: (path, visible) => catalogue.workflow(entryOf(path, visible)),

    async source(text) {
      const { path, file } = entryOf(text);
      const bytes = await active().folder.read(file, { maxBytes: maxDefinitionBytes });
      const hash = hashOf(bytes);
      return { path, file, bytes, hash, etag: etagOf(hash) };
    },

    async version(hash) {
      const version = /^[0-9a-f]{64}$/.test(hash) ? await versions.find(hash) : undefined;
      if (!version) throw fail('not-found', `There is no version ${hash.slice(0, 80)}.`);
      return version;
    },

    put: (path, source, options = {}) => serial(async () => active().writes.put(path, source, options)),
    remove: (path, conditions = {}) => serial(async () => active().writes.remove(path, conditions)),
    move: (from, to, options = {}) => serial(async () => active().writes.move(from, to, options)),
    makeFolder: (path) => serial(async () => active().writes.makeFolder(path)),
    removeFolder: (path, options = {}) => serial(async () => active().writes.removeFolder(path, options)),
    putFiles: (path, files, options = {}) => serial(async () => active().putFiles(path, files, options)),

    suffixOf: suffixes.usualOf,
    outline: createOutlines(parts.runtimes),
    get items() {
      return active().items;
    },

    rescan: async () => active().rescan(),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
