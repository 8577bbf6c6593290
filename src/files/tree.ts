import { fail, isMillraceError } from '../model/errors.ts';
import type { Folder } from '../repository/folder.ts';
import { joinPath, nameOf, type RepositoryPath } from '../repository/safe-path.ts';

/** A shared file or folder. */
export interface SharedEntry {
  name: string;
  kind: 'file' | 'folder';
  /** 0 for a folder. */
  bytes: number;
  /** Milliseconds since 1970. */
  modifiedAt: number;
  /** Of a folder that was looked into: by name. */
  contents?: SharedEntry[];
}

/** Entries of one listing; more of them would be a memory of their own. */
const MOST = 100_000;

/**
 * What lies at a path, with the contents of folders down to `depth` (0: none); undefined when it is not there.
 *
 * @throws too-large when it is more than one listing holds
 */
export async function readTree(folder: Folder, path: RepositoryPath, depth: number): Promise<SharedEntry | undefined> {
  let count = 0;
  const look = async (at: RepositoryPath, levels: number): Promise<SharedEntry[]> => {
    const found = await folder.list(at);
    count += found.length;
    if (count > MOST) throw fail('too-large', `${path} has more than ${MOST} entries; ask for a folder below it.`);
    const entries: SharedEntry[] = [];
    for (const { name, kind, bytes, modifiedAt } of found) {
      const entry: SharedEntry = { name, kind, bytes: kind === 'file' ? bytes : 0, modifiedAt };
      if (kind === 'folder' && levels > 1) entry.contents = await below(at, name, levels - 1);
      entries.push(entry);
    }
    return entries;
  };

  // Gone meanwhile, or deeper than a path can say (a workflow may make such): shown as empty.
  const below = async (at: RepositoryPath, name: string, levels: number): Promise<SharedEntry[]> => {
    try {
      return await look(joinPath(at, name), levels);
    } catch (error) {
      if (isMillraceError(error) && (error.code === 'not-found' || error.code === 'invalid-path')) return [];
      throw error;
    }
  };

  const facts = await folder.stat(path);
  if (facts === undefined) return undefined;
  const { kind, bytes, modifiedAt } = facts;
  const entry: SharedEntry = { name: nameOf(path), kind, bytes: kind === 'file' ? bytes : 0, modifiedAt };
  if (kind === 'folder' && depth > 0) entry.contents = await look(path, depth);
  return entry;
}
