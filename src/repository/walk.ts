import { isMillraceError } from '../model/errors.ts';
import type { FileFacts } from './file-facts.ts';
import type { Folder } from './folder.ts';
import { isHidden, joinPath, type RepositoryPath } from './safe-path.ts';

/** A file or folder that a walk came upon. */
export interface Found {
  path: RepositoryPath;
  facts: FileFacts;
}

/**
 * All below a folder, folders before what they hold, by name; names to `skip`, hidden ones unless said, are passed over.
 * `leftOut` is told of what no path can name. A folder that goes away meanwhile is passed over too.
 * @throws not-found when `path` is not there
 */
export async function walk(
  folder: Folder,
  path: RepositoryPath,
  leftOut: (file: string, reason: string) => void = () => {},
  skip: (name: string) => boolean = isHidden,
): Promise<Found[]> {
  const found: Found[] = [];
  const visit = async (at: RepositoryPath): Promise<void> => {
    const noteName = (name: string, reason: string): void => {
      if (!skip(name)) leftOut(`${at}/${name}`, reason);
    };
    for (const entry of await folder.list(at, noteName)) {
      if (skip(entry.name)) continue;
      try {
        const child = joinPath(at, entry.name);
        found.push({ path: child, facts: entry });
        if (entry.kind === 'folder') await visit(child);
      } catch (error) {
        if (!isMillraceError(error) || (error.code !== 'invalid-path' && error.code !== 'not-found')) throw error;
        if (error.code === 'invalid-path') noteName(entry.name, error.message);
      }
    }
  };
  await visit(path);
  return found;
}
