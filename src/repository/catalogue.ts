import type { DefinitionIssue, Workflow, WorkflowVersion } from '../model/workflow.ts';
import type { FileFacts } from './file-facts.ts';
import { isBelow, nameOf, parentOf, type RepositoryPath, rootPath } from './safe-path.ts';

/** What is known of one workflow file. */
export interface Entry {
  /** Path of the workflow: that of the file without suffix. */
  path: RepositoryPath;
  file: RepositoryPath;
  /** SHA-256 of the file as it lies there, good or broken; of its size and times when it is too large to be read. */
  hash: string;
  /** The version that serves. */
  current: WorkflowVersion | undefined;
  issues: DefinitionIssue[];
  facts: FileFacts;
  /** When the content was read; a change soon after may leave size and times as they were. */
  readAt: number;
}

/** A file that defines no workflow. */
export interface PlainFile {
  path: RepositoryPath;
  bytes: number;
}

/** A folder, or a workflow in it. */
export type RepositoryItem =
  | { kind: 'folder'; path: RepositoryPath }
  | { kind: 'workflow'; path: RepositoryPath; workflow: Workflow };

/** A folder with all below it. */
export interface RepositoryTree {
  path: RepositoryPath;
  name: string;
  folders: RepositoryTree[];
  workflows: Workflow[];
}

/** All workflow files and folders that are known, in memory. Answers are made fresh: changing one changes nothing here. */
export interface Catalogue {
  entry(file: RepositoryPath): Entry | undefined;
  /** The entry that serves at a path. */
  at(path: RepositoryPath): Entry | undefined;
  set(entry: Entry): void;
  /** Forgets a file; gives the entry that serves at its path from now on, if another file has the same name. */
  delete(file: RepositoryPath): Entry | undefined;
  /** Takes in a file that defines no workflow. */
  setPlain(file: RepositoryPath, bytes: number): void;
  deletePlain(file: RepositoryPath): void;
  plainSize(file: RepositoryPath): number | undefined;
  /** Such files below a folder, at any depth, in no order. */
  plain(under?: RepositoryPath): PlainFile[];
  setFolder(path: RepositoryPath): void;
  deleteFolder(path: RepositoryPath): void;
  hasFolder(path: RepositoryPath): boolean;
  /** Paths of all workflows, in no order. */
  paths(): Iterable<RepositoryPath>;
  files(under?: RepositoryPath): RepositoryPath[];
  folders(under?: RepositoryPath): RepositoryPath[];
  size(): number;
  list(under: RepositoryPath, deep: boolean): RepositoryItem[];
  tree(): RepositoryTree;
  workflow(entry: Entry): Workflow;
}

export function createCatalogue(): Catalogue {
  const entries = new Map<RepositoryPath, Entry>();
  const folders = new Set<RepositoryPath>([rootPath]);
  const plain = new Map<RepositoryPath, number>();
  /** Files by workflow path, the one that serves first: `a.yaml` and `a.json` are both `a`. */
  const byPath = new Map<RepositoryPath, RepositoryPath[]>();

  const workflow = (entry: Entry): Workflow => {
    const first = byPath.get(entry.path)?.[0] ?? entry.file;
    const isFirst = first === entry.file;
    const clash = { message: `Its name is taken by ${first}; rename one of the two files.` };
    return {
      path: entry.path,
      file: entry.file,
      ...(entry.current && isFirst ? { current: entry.current } : {}),
      issues: isFirst ? [...entry.issues] : [clash, ...entry.issues],
      bytes: entry.facts.bytes,
      modifiedAt: entry.facts.modifiedAt,
    };
  };

  const list = (under: RepositoryPath, deep: boolean): RepositoryItem[] => {
    const wanted = (path: RepositoryPath) => (deep ? isBelow(path, under) : path !== under && parentOf(path) === under);
    const items: RepositoryItem[] = [];
    for (const path of folders) if (wanted(path)) items.push({ kind: 'folder', path });
    for (const entry of entries.values())
      if (wanted(entry.file)) items.push({ kind: 'workflow', path: entry.path, workflow: workflow(entry) });
    return items.sort(byPathThenKind);
  };

  return {
    entry: (file) => entries.get(file),

    at(path) {
      const file = byPath.get(path)?.[0];
      return file === undefined ? undefined : entries.get(file);
    },

    set(entry) {
      if (!entries.has(entry.file)) byPath.set(entry.path, [...(byPath.get(entry.path) ?? []), entry.file]);
      entries.set(entry.file, entry);
    },

    delete(file) {
      const entry = entries.get(file);
      if (!entry) return undefined;
      entries.delete(file);
      const left = byPath.get(entry.path)!.filter((other) => other !== file);
      if (left.length > 0) byPath.set(entry.path, left);
      else byPath.delete(entry.path);
      return left[0] === undefined ? undefined : entries.get(left[0]);
    },

    setPlain: (file, bytes) => void plain.set(file, bytes),
    deletePlain: (file) => void plain.delete(file),
    plainSize: (file) => plain.get(file),
    plain: (under = rootPath) =>
      [...plain].filter(([path]) => isBelow(path, under)).map(([path, bytes]) => ({ path, bytes })),
    setFolder: (path) => void folders.add(path),
    deleteFolder: (path) => void (path !== rootPath && folders.delete(path)),
    hasFolder: (path) => folders.has(path),
    paths: () => byPath.keys(),
    files: (under = rootPath) => [...entries.keys()].filter((file) => isBelow(file, under)),
    folders: (under = rootPath) => [...folders].filter((path) => isBelow(path, under)),
    size: () => entries.size,
    list,

    tree() {
      const trees = new Map<RepositoryPath, RepositoryTree>();
      const treeOf = (path: RepositoryPath): RepositoryTree => {
        const known = trees.get(path);
        if (known) return known;
        const made: RepositoryTree = { path, name: nameOf(path), folders: [], workflows: [] };
        trees.set(path, made);
        if (path !== rootPath) treeOf(parentOf(path)).folders.push(made);
        return made;
      };
      for (const item of list(rootPath, true)) {
        if (item.kind === 'folder') treeOf(item.path);
        else treeOf(parentOf(item.path)).workflows.push(item.workflow);
      }
      return treeOf(rootPath);
    },

    workflow,
  };
}

function byPathThenKind(a: RepositoryItem, b: RepositoryItem): number {
  if (a.path !== b.path) return a.path < b.path ? -1 : 1;
  if (a.kind !== b.kind) return a.kind === 'folder' ? -1 : 1;
  return a.kind === 'workflow' && b.kind === 'workflow' && a.workflow.file < b.workflow.file ? -1 : 1;
}
