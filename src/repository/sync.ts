import type { Clock } from '../model/clock.ts';
import { fail } from '../model/errors.ts';
import type { Log } from '../model/log.ts';
import type { DefinitionIssue, Workflow, WorkflowVersion } from '../model/workflow.ts';
import type { Catalogue, Entry } from './catalogue.ts';
import type { FileFacts } from './file-facts.ts';
import type { Folder } from './folder.ts';
import { hashOf, maxDefinitionBytes, type Reading, readDefinition } from './read-definition.ts';
import { isBelow, isHidden, namesOf, parentOf, type RepositoryPath, rootPath } from './safe-path.ts';
import type { Suffixes } from './suffixes.ts';
import type { Versions } from './versions.ts';
import { type Found, walk } from './walk.ts';

/** A change of one workflow. */
export interface RepositoryChange {
  kind: 'added' | 'changed' | 'removed';
  path: RepositoryPath;
  /** As it is now; absent when removed. */
  workflow?: Workflow;
}

/** Keeps the catalogue like the disk. Callers see to it that only one of these runs at a time (`Serial`). */
export interface Sync {
  /** Looks at one path, a file or a folder with all below it, and takes over what changed. */
  refresh(path: RepositoryPath): Promise<void>;
  /** Paths where the disk differs from the catalogue by size, inode or time; changes nothing. */
  differences(): Promise<RepositoryPath[]>;
  /** Takes over a content that was just written, without reading it again. */
  accept(file: RepositoryPath, hash: string, reading: Reading, facts: FileFacts): Promise<Entry>;
  /** Takes over that a file is gone. */
  forget(file: RepositoryPath): Promise<void>;
}

export interface SyncParts {
  folder: Folder;
  suffixes: Suffixes;
  versions: Versions;
  catalogue: Catalogue;
  log: Log;
  clock: Clock;
  maxFiles: number;
  announce(change: RepositoryChange): void;
}

/** File times are exact to some milliseconds only: what was read sooner than this after a change is read once more. */
const racyMs = 2000;

/** Files read at once at the start. */
const readAhead = 16;

/** From so many on the whole tree is looked through at once. */
const manyDifferences = 200;

export function createSync(parts: SyncParts): Sync {
  const { folder, suffixes, versions, catalogue, log, clock, announce } = parts;
  const warned = new Set<string>();

  const warnOnce = (file: string, reason: string): void => {
    if (warned.has(file) || warned.size > 1000) return;
    warned.add(file);
    log.warn({ file, reason }, 'A file in the workflows folder is left out');
  };

  const isKnown = (file: RepositoryPath, facts: FileFacts): boolean => {
    const entry = catalogue.entry(file);
    return entry?.facts.stamp === facts.stamp && entry.readAt - facts.modifiedAt > racyMs;
  };

  const read = async ({ path: file, facts }: Found) => {
    const { runtime } = suffixes.workflowOf(file)!;
    const readAt = clock();
    if (facts.bytes > maxDefinitionBytes) {
      const message = `The file has ${facts.bytes} bytes; a definition has at most ${maxDefinitionBytes}.`;
      return { hash: hashOf(Buffer.from(facts.stamp)), reading: { issues: [{ message }] }, readAt };
    }
    const bytes = await folder.read(file, { maxBytes: maxDefinitionBytes });
    const hash = hashOf(bytes);
    const entry = catalogue.entry(file);
    if (entry?.hash === hash) return { hash, readAt };
    return { hash, readAt, reading: readDefinition(bytes, hash, file, runtime, log) };
  };

  /** The version that goes on serving while the file is broken: the one in memory, or the store's after a restart. */
  const lastGood = async (file: RepositoryPath): Promise<WorkflowVersion | undefined> => {
    const { path, runtime } = suffixes.workflowOf(file)!;
    const hash = await versions.lastGood(path);
    const version = hash === undefined ? undefined : await versions.find(hash);
    return version?.runtime === runtime.name ? version : undefined;
  };

  const serves = (file: RepositoryPath): boolean => {
    const first = catalogue.at(suffixes.workflowOf(file)!.path);
    return first === undefined || first.file === file;
  };

  const keep = async (path: RepositoryPath, version: WorkflowVersion): Promise<void> => {
    if ((await versions.lastGood(path)) === version.hash) return;
    await versions.save(version);
    await versions.setCurrent(path, version.hash);
  };

  const setFoldersAbove = (path: RepositoryPath): void => {
    for (let above = parentOf(path); above !== rootPath; above = parentOf(above)) catalogue.setFolder(above);
  };

  const commit = async (file: RepositoryPath, hash: string, reading: Reading, facts: FileFacts, readAt: number) => {
    const { path } = suffixes.workflowOf(file)!;
    const before = catalogue.entry(file);
    const isFirst = serves(file);
    if (isFirst && reading.version) await keep(path, reading.version);
    const current = reading.version ?? before?.current ?? (isFirst ? await lastGood(file) : undefined);
    const issues: DefinitionIssue[] = reading.issues;
    const entry: Entry = { path, file, hash, current, issues, facts, readAt };
    catalogue.set(entry);
    setFoldersAbove(file);
    if (isFirst) announce({ kind: before ? 'changed' : 'added', path, workflow: catalogue.workflow(entry) });
    if (issues.length > 0) log.warn({ file, issues: issues.slice(0, 5) }, 'A workflow file has errors');
    return entry;
  };

  const forget = async (file: RepositoryPath): Promise<void> => {
    const entry = catalogue.entry(file);
    if (!entry) return;
    const wasFirst = serves(file);
    const next = catalogue.delete(file);
    if (!wasFirst) return;
    if (next?.current) await keep(entry.path, next.current);
    else await versions.setCurrent(entry.path, undefined);
    if (next) announce({ kind: 'changed', path: entry.path, workflow: catalogue.workflow(next) });
    else announce({ kind: 'removed', path: entry.path });
  };

  const forgetBelow = async (path: RepositoryPath, keepPaths: ReadonlySet<string>): Promise<void> => {
    for (const file of catalogue.files(path)) if (!keepPaths.has(file)) await forget(file);
    for (const below of catalogue.folders(path)) if (!keepPaths.has(below)) catalogue.deleteFolder(below);
    for (const file of catalogue.plain(path)) if (!keepPaths.has(file.path)) catalogue.deletePlain(file.path);
  };

  /** Reads files side by side, takes them over one after another: order decides which of two equal names serves. */
  const load = async (found: Found[]): Promise<void> => {
    const files: Found[] = [];
    for (const one of found) {
      if (one.facts.kind === 'folder') continue;
      if (suffixes.workflowOf(one.path)) files.push(one);
      else catalogue.setPlain(one.path, one.facts.bytes);
    }
    const fresh = files.filter(({ path, facts }) => !isKnown(path, facts));
    for (let at = 0; at < fresh.length; at += readAhead) {
      const batch = fresh.slice(at, at + readAhead);
      const results = await Promise.allSettled(batch.map(read));
      for (const [index, result] of results.entries()) {
        const { path: file, facts } = batch[index]!;
        const entry = catalogue.entry(file);
        if (result.status === 'rejected') {
          // Gone or locked since it was listed: the next look decides.
          log.warn({ file, err: result.reason }, 'A workflow file could not be read');
        } else if (result.value.reading === undefined) {
          if (entry) catalogue.set({ ...entry, facts, readAt: result.value.readAt });
        } else if (!entry && catalogue.size() >= parts.maxFiles) {
          warnOnce('(more files)', `there are more than ${parts.maxFiles} workflow files`);
        } else await commit(file, result.value.hash, result.value.reading, facts, result.value.readAt);
      }
    }
  };

  return {
    async refresh(path) {
      if (namesOf(path).some(isHidden)) return;
      const facts = await folder.stat(path);
      if (facts?.kind === 'file') {
        await forgetBelow(path, new Set());
        catalogue.deleteFolder(path);
        await load([{ path, facts }]);
        return;
      }
      // A folder that is away as a whole, such as a network drive, says nothing of its workflows: they go on serving.
      if (!facts && !(await folder.stat(rootPath)))
        throw fail('store-unavailable', 'The workflows folder is not there; its workflows go on serving.');
      const found = facts ? await walk(folder, path, warnOnce) : [];
      await forget(path);
      catalogue.deletePlain(path);
      await forgetBelow(path, new Set(found.map((item) => item.path)));
      if (facts) {
        catalogue.setFolder(path);
        setFoldersAbove(path);
      } else catalogue.deleteFolder(path);
      for (const item of found) if (item.facts.kind === 'folder') catalogue.setFolder(item.path);
      await load(found);
    },

    async differences() {
      const found = await walk(folder, rootPath, warnOnce);
      const paths = new Set(found.map((item) => item.path));
      const differs = ({ path, facts }: Found): boolean => {
        if (facts.kind === 'folder') return !catalogue.hasFolder(path);
        return suffixes.workflowOf(path) ? !isKnown(path, facts) : catalogue.plainSize(path) !== facts.bytes;
      };
      const differing = found.filter(differs);
      const known = [...catalogue.files(), ...catalogue.folders(), ...catalogue.plain().map(({ path }) => path)];
      const gone = known.filter((path) => !paths.has(path));
      const all = [...differing.map((item) => item.path), ...gone];
      if (all.length > manyDifferences) return [rootPath];
      return all.filter((path) => !all.some((other) => isBelow(path, other)));
    },

    accept: (file, hash, reading, facts) => commit(file, hash, reading, facts, clock()),
    forget,
  };
}
