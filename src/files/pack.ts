import type { Readable } from 'node:stream';
import { fail } from '../model/errors.ts';
import { type ArchiveSource, writeArchive } from '../repository/archive.ts';
import type { FileFacts, Folder } from '../repository/folder.ts';
import { joinPath, type RepositoryPath, rebase, rootPath } from '../repository/safe-path.ts';
import { walk } from '../repository/walk.ts';

/** Files in one archive. */
const MOST = 10_000;

/**
 * A ZIP archive, streamed, of files and folders in a folder; `.` is all that lies in it.
 *
 * @throws not-found naming what is not there, too-large
 */
export async function packFiles(folder: Folder, at: RepositoryPath, names: readonly string[]): Promise<Readable> {
  const sources = new Map<RepositoryPath, ArchiveSource>();
  const add = (file: RepositoryPath, { modifiedAt }: FileFacts): void => {
    const path = rebase(file, at, rootPath);
    sources.set(path, { path, modifiedAt, open: async () => (await folder.openRead(file)).stream });
    if (sources.size > MOST) throw fail('too-large', `An archive has at most ${MOST} files; ask for fewer.`);
  };
  for (const name of names) {
    const path = name === '.' ? at : joinPath(at, name);
    const facts = await folder.stat(path);
    if (facts === undefined) throw fail('not-found', `There is nothing at ${path}.`);
    if (facts.kind === 'file') add(path, facts);
    else
      for (const below of await walk(
        folder,
        path,
        () => {},
        () => false,
      ))
        if (below.facts.kind === 'file') add(below.path, below.facts);
  }
  return writeArchive(sources.values());
}
