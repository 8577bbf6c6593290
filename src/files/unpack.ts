import { readArchive } from '../repository/archive.ts';
import type { Folder } from '../repository/folder.ts';
import { joinPath, type RepositoryPath } from '../repository/safe-path.ts';

/**
 * Unpacks an archive into a new folder, which later moves to `destination`. Names, kinds, sizes and ratios are checked
 * before anything is written, and held against what comes out while it is.
 *
 * @throws invalid-input, invalid-path, too-large, disk-full
 */
export async function unpackArchive(
  folder: Folder,
  archive: RepositoryPath,
  target: RepositoryPath,
  destination: RepositoryPath,
): Promise<void> {
  const { entries, close } = await readArchive({ file: await folder.locate(archive) });
  try {
    // A path may fit where it is unpacked and be too long where it goes: no request could name it there.
    for (const { path } of entries) joinPath(destination, path.slice(1));
    await folder.makeFolder(target);
    for (const entry of entries) {
      const path = joinPath(target, entry.path.slice(1));
      if (entry.kind === 'folder') await folder.makeFolder(path);
      else await folder.write(path, entry.read(), { maxBytes: entry.bytes });
    }
  } finally {
    close();
  }
}
