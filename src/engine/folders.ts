import { fail } from '../model/errors.ts';
import { folderNotePath, type PathNote } from '../model/path-note.ts';
import type { Principal } from '../model/principal.ts';
import type { PlainFile, Repository, RepositoryItem } from '../repository/repository.ts';
import { parseRepositoryPath } from '../repository/safe-path.ts';
import type { Store } from '../store.ts';
import type { Access } from './access.ts';
import type { Audit } from './audit.ts';
import type { Published } from './published.ts';

/** A folder of the repository with what lies in it, not deeper, as far as the caller may see it. */
export interface FolderView {
  path: string;
  workflows: number;
  /** Of the workflows' files. */
  bytes: number;
  /** Files that define no workflow. */
  files: PlainFile[];
  description?: string;
  /** Who made it; absent when it was made on the disk. */
  author?: string;
}

/** The folders of the repository. */
export interface Folders {
  /** All that may be read, by path; the root first. */
  list(principal: Principal): Promise<FolderView[]>;
  /** Throws `not-found`. */
  get(principal: Principal, path: string): Promise<FolderView>;
  /** Files that define no workflow, by the folder they lie in; only those that may be read. */
  files(principal: Principal): Map<string, PlainFile[]>;
  /** Throws `exists`, `forbidden`, `invalid-path`. */
  make(principal: Principal, path: string, about?: { description?: string }): Promise<void>;
  /** Says what it is for; an empty text takes it back. Throws `not-found`, `forbidden`. */
  describe(principal: Principal, path: string, description: string): Promise<void>;
  /**
   * Throws `conflict` when something is in it. With `files`, the workflows and files in it go along; folders never do.
   */
  remove(principal: Principal, path: string, options?: { files?: boolean }): Promise<void>;
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

export function createFolders(parts: {
  repository: Pick<Repository, 'list' | 'plainFiles' | 'makeFolder' | 'removeFolder'>;
  store: Pick<Store, 'listNotes' | 'saveNote'>;
  published: Pick<Published, 'noteFolder' | 'forgetFolder'>;
  access: Access;
  audit: Audit;
  clock: () => number;
}): Folders {
  const { repository, store, published, access, audit, clock } = parts;

  const withNotes = async (views: FolderView[]): Promise<FolderView[]> => {
    const notes = new Map(
      (await store.listNotes(views.map(({ path }) => folderNotePath(path)))).map((note) => [note.path, note]),
    );
    return views.map((view) => {
      const note = notes.get(folderNotePath(view.path));
      if (note === undefined) return view;
      const { author, description } = note;
      return {
        ...view,
        ...(description === undefined ? {} : { description }),
        ...(author === '' ? {} : { author }),
      };
    });
  };

  const viewsOf = (principal: Principal, items: readonly RepositoryItem[], plain: readonly PlainFile[]) => {
    const may = (path: string): boolean => access.mayPath(principal, 'read', path);
    const views = new Map<string, FolderView>();
    for (const { kind, path } of items) {
      if (kind === 'folder' && may(path)) views.set(path, { path, workflows: 0, bytes: 0, files: [] });
    }
    for (const item of items) {
      const view = item.kind === 'workflow' && may(item.path) ? views.get(folderOf(item.path)) : undefined;
      if (view === undefined || item.kind !== 'workflow') continue;
      view.workflows += 1;
      view.bytes += item.workflow.bytes;
    }
    for (const file of plain) if (may(file.path)) views.get(folderOf(file.path))?.files.push(file);
    return views;
  };

  const all = (principal: Principal): FolderView[] => {
    const root: RepositoryItem = { kind: 'folder', path: parseRepositoryPath('/') };
    const items = [root, ...repository.list({ deep: true })];
    return [...viewsOf(principal, items, repository.plainFiles('/')).values()];
  };

  const find = (principal: Principal, text: string): FolderView => {
    const path = parseRepositoryPath(text);
    access.requirePath(principal, 'read', path);
    const items = [{ kind: 'folder' as const, path }, ...repository.list({ under: path })];
    return viewsOf(principal, items, repository.plainFiles(path)).get(path)!;
  };

  return {
    list: async (principal) => withNotes(all(principal)),
    get: async (principal, path) => (await withNotes([find(principal, path)]))[0]!,
    files(principal) {
      const found = new Map<string, PlainFile[]>();
      for (const file of repository.plainFiles('/')) {
        if (!access.mayPath(principal, 'read', file.path)) continue;
        const folder = folderOf(file.path);
        const known = found.get(folder);
        if (known === undefined) found.set(folder, [file]);
        else known.push(file);
      }
      return found;
    },
    async make(principal, text, { description } = {}) {
      const path = parseRepositoryPath(text);
      access.requirePath(principal, 'write', path);
      await repository.makeFolder(path);
      await published.noteFolder(principal, path, description);
      await audit(principal, 'folder.create', path);
    },
    async describe(principal, text, description) {
      const { path } = find(principal, text);
      access.requirePath(principal, 'write', path);
      const [old] = await store.listNotes([folderNotePath(path)]);
      const { author = '', at = clock() } = old ?? {};
      const note: PathNote = { path: folderNotePath(path), author, at };
      await store.saveNote(description === '' ? note : { ...note, description });
      await audit(principal, 'folder.update', path);
    },
    async remove(principal, text, { files = false } = {}) {
      const path = parseRepositoryPath(text);
      access.requirePath(principal, 'write', path);
      const items = repository.list({ under: path });
      const deeper = items.find(({ kind }) => kind === 'folder');
      if (files && deeper)
        throw fail('conflict', `The folder ${path} holds the folder ${deeper.path}; delete that first.`);
      const all = [...items, ...(files ? repository.plainFiles(path) : [])];
      for (const item of all) access.requirePath(principal, 'write', item.path);
      await repository.removeFolder(path, { recursive: files });
      await published.forgetFolder(path);
      await audit(principal, 'folder.delete', path);
    },
  };
}
