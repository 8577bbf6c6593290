import type { Readable } from 'node:stream';
import { fail, isMillraceError } from '../model/errors.ts';
import type { Workflow } from '../model/workflow.ts';
import { writeArchive } from './archive.ts';
import type { Catalogue } from './catalogue.ts';
import type { FileFacts } from './file-facts.ts';
import type { Folder } from './folder.ts';
import { isHidden, joinPath, namesOf, parseRepositoryPath, type RepositoryPath, rebase } from './safe-path.ts';
import type { Suffixes } from './suffixes.ts';

/** Whatever has a place in the repository: a folder, a workflow, or a plain file beside workflows. */
export interface Item {
  kind: 'folder' | 'workflow' | 'file';
  /** Of a workflow: without the suffix of its file. */
  path: RepositoryPath;
  bytes: number;
  /** Milliseconds since 1970. */
  createdAt: number;
  modifiedAt: number;
  workflow?: Workflow;
  /** What lies in a folder, by name, as deep as was asked for. */
  children?: Item[];
}

/** Reading items; plain files are known to the disk alone, so everything is looked up there. */
export interface ItemReads {
  /**
   * @param depth how many levels of folders are opened: 0 none, 1 the folder itself
   * @throws not-found, invalid-path
   */
  get(path: string, depth?: number): Promise<Item>;
  find(path: string): Promise<Item | undefined>;
  /** The bytes of a file, that of a workflow included; both ends of the range count. @throws not-found */
  open(item: Item, range?: { start: number; end: number }): Promise<Readable>;
  /**
   * A folder or a workflow as a ZIP archive: all in one folder with the item's name.
   *
   * @param level of packing, 0 to 9
   * @param visible says which paths go in
   */
  archive(item: Item, level: number, visible: (path: string) => boolean): Promise<Readable>;
}

export interface ItemParts {
  folder: Folder;
  suffixes: Suffixes;
  catalogue: Catalogue;
}

export function createItemReads({ folder, suffixes, catalogue }: ItemParts): ItemReads {
  /** The item a file on the disk is. A file whose workflow name another one has is a plain file. */
  const itemOf = (file: RepositoryPath, facts: FileFacts): Item => {
    const { kind, bytes, createdAt, modifiedAt } = facts;
    const named = kind === 'file' ? suffixes.workflowOf(file) : undefined;
    const entry = named && catalogue.at(named.path);
    if (entry?.file !== file) return { kind, path: file, bytes: kind === 'folder' ? 0 : bytes, createdAt, modifiedAt };
    return { kind: 'workflow', path: entry.path, bytes, createdAt, modifiedAt, workflow: catalogue.workflow(entry) };
  };

  const childrenOf = async (path: RepositoryPath, depth: number): Promise<Item[]> => {
    const children: Item[] = [];
    for (const entry of await folder.list(path)) {
      if (isHidden(entry.name)) continue;
      try {
        const item = itemOf(joinPath(path, entry.name), entry);
        if (item.kind === 'folder' && depth > 1) item.children = await childrenOf(item.path, depth - 1);
        children.push(item);
      } catch (error) {
        // Gone meanwhile, or too deep for a path.
        if (!isMillraceError(error) || (error.code !== 'not-found' && error.code !== 'invalid-path')) throw error;
      }
    }
    return children;
  };

  const find = async (text: string, depth = 0): Promise<Item | undefined> => {
    const path = parseRepositoryPath(text);
    if (namesOf(path).some(isHidden)) return undefined;
    // A workflow goes before a folder of its name.
    const file = catalogue.at(path)?.file ?? path;
    const facts = await folder.stat(file);
    if (facts === undefined) return undefined;
    const item = itemOf(file, facts);
    if (item.kind === 'folder' && depth > 0) item.children = await childrenOf(item.path, depth);
    return item;
  };

  const open: ItemReads['open'] = async ({ path, workflow, kind }, range) => {
    if (kind === 'folder') throw fail('conflict', `${path} is a folder.`);
    return (await folder.openRead(workflow ? parseRepositoryPath(workflow.file) : path, range)).stream;
  };

  return {
    find,
    async get(text, depth = 0) {
      const item = await find(text, depth);
      if (item === undefined) throw fail('not-found', `There is nothing at ${parseRepositoryPath(text)}.`);
      return item;
    },
    open,
    async archive(item, level, visible) {
      const root = parseRepositoryPath(`/${namesOf(item.path).at(-1) ?? 'repository'}`);
      /** Where the file of an item goes. */
      const placeOf = ({ path, workflow }: Item): RepositoryPath => {
        const file = workflow ? parseRepositoryPath(workflow.file) : path;
        if (item.kind === 'folder') return rebase(file, item.path, root);
        return joinPath(root, namesOf(file).at(-1)!);
      };
      const files =
        item.kind === 'folder' ? flatten(await childrenOf(item.path, Number.POSITIVE_INFINITY), visible) : [item];
      return writeArchive(
        [
          { path: root, modifiedAt: item.modifiedAt },
          ...files.map((one) => ({
            path: placeOf(one),
            modifiedAt: one.modifiedAt,
            ...(one.kind === 'folder' ? {} : { open: () => open(one) }),
          })),
        ],
        level,
      );
    },
  };
}

const flatten = (items: readonly Item[], visible: (path: string) => boolean): Item[] =>
  items.flatMap((item) => (visible(item.path) ? [item, ...flatten(item.children ?? [], visible)] : []));
