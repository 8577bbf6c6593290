import { isMillraceError } from '../model/errors.ts';
import type { Folder } from '../repository/folder.ts';
import { joinPath, type RepositoryPath } from '../repository/safe-path.ts';
import type { Serial } from '../repository/serial.ts';

/**
 * Removes files below a folder that were last written before `olderThan`, and folders as old with nothing in them.
 * `changes` keeps a folder from being removed while a file is put into it. Gives the number of files.
 */
export async function sweepFolder(
  folder: Folder,
  path: RepositoryPath,
  olderThan: number,
  changes: Serial,
): Promise<number> {
  let removed = 0;
  for (const { name, kind, modifiedAt } of await folder.list(path)) {
    try {
      const at = joinPath(path, name);
      if (kind === 'folder') {
        removed += await sweepFolder(folder, at, olderThan, changes);
        // Taking the last file out of it made it young; its time before that is the one that counts.
        if (modifiedAt < olderThan) await changes(() => removeEmpty(folder, at));
      } else if (modifiedAt < olderThan) {
        await folder.remove(at);
        removed += 1;
      }
    } catch (error) {
      // Removed by its owner meanwhile, or deeper than a path can say: it goes with the folder above.
      if (!isMillraceError(error) || (error.code !== 'not-found' && error.code !== 'invalid-path')) throw error;
    }
  }
  return removed;
}

async function removeEmpty(folder: Folder, path: RepositoryPath): Promise<void> {
  if ((await folder.list(path)).length === 0) await folder.removeFolder(path);
}
