import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { Folder } from './folder.ts';
import { joinPath, type RepositoryPath, rootPath } from './safe-path.ts';
import { walk } from './walk.ts';

/** Names of what is there only while a write goes on; see `folder.ts` and `uploads.ts`. */
const leftoverName = /^\.millrace-[\w-]{12}\.(?:tmp|upload)$/;

/** A write that goes on for longer than this has no one behind it; another server may be writing here too. */
const oldMs = 3_600_000;

/** Removes what writes left behind when the server was killed under them. */
export async function removeLeftovers(folder: Folder, clock: Clock, log: Log): Promise<void> {
  const folders = (await walk(folder, rootPath)).filter((found) => found.facts.kind === 'folder');
  for (const path of [rootPath, ...folders.map((found) => found.path)]) {
    for (const entry of await folder.list(path)) {
      if (!leftoverName.test(entry.name) || clock() - entry.modifiedAt < oldMs) continue;
      const leftover: RepositoryPath = joinPath(path, entry.name);
      await (entry.kind === 'folder' ? folder.removeFolder(leftover) : folder.remove(leftover));
      log.info({ file: leftover }, 'Removed what an interrupted write left behind');
    }
  }
}
