import { constants } from 'node:fs';
import { type FileHandle, open, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, missing } from './disk-errors.ts';
import { namesOf, type RepositoryPath } from './safe-path.ts';

/**
 * An open folder, known to lie below the root with no symbolic link on the way. Names in it are reached through its
 * descriptor: whatever happens to the folders above meanwhile, it stays the folder that was checked.
 */
export interface Anchor {
  /** The folder itself. */
  readonly here: string;
  /** A name in it. The name is not followed if it is a link only where the call that uses this says so. */
  place(name: string): string;
  /** Opens a folder in it; a link is refused. */
  child(name: string): Promise<Anchor>;
  /** Makes changes of names in it durable. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

const onLinux = process.platform === 'linux';

/**
 * Opens a folder below `root`. Node has no `openat`; on Linux `/proc/self/fd/N/name` is the same thing. Elsewhere the
 * place is checked by its resolved name, which leaves a gap of microseconds to somebody who may rename folders there.
 *
 * @throws not-found when it is not there, not a folder, or reached through a symbolic link
 */
export async function openAnchor(root: string, path: RepositoryPath): Promise<Anchor> {
  const asked = join(root, ...namesOf(path));
  const anchor = await anchorAt(asked);
  try {
    const real = anchor.here === asked ? await realpath(asked) : await readlink(anchor.here);
    if (!samePlace(real, asked)) throw missing(path);
    return anchor;
  } catch (error) {
    await anchor.close();
    throw error;
  }
}

/** Opens a place that is no link; the caller knows how it came by it. */
async function anchorAt(asked: string): Promise<Anchor> {
  // Windows opens no folders; there the check by name has to do.
  const handle = process.platform === 'win32' ? undefined : await openDirectory(asked);
  const here = onLinux && handle ? `/proc/self/fd/${handle.fd}` : asked;
  return {
    here,
    place: (name) => join(here, name),
    child: (name) => anchorAt(join(here, name)),
    sync: () => syncFolder(handle),
    close: async () => handle?.close(),
  };
}

/** An anchor for the time of one task. */
export async function withAnchor<T>(
  root: string,
  path: RepositoryPath,
  task: (anchor: Anchor) => Promise<T>,
): Promise<T> {
  const anchor = await openAnchor(root, path);
  try {
    return await task(anchor);
  } finally {
    await anchor.close();
  }
}

const openDirectory = (place: string): Promise<FileHandle> =>
  open(place, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);

/** Systems that tell names apart regardless of case or normal form answer with the form on the disk. */
const foldName = (place: string): string => (onLinux ? place : place.normalize('NFC').toLowerCase());

const samePlace = (real: string, asked: string): boolean => foldName(real) === foldName(asked);

async function syncFolder(handle: FileHandle | undefined): Promise<void> {
  try {
    await handle?.sync();
  } catch (error) {
    // Some file systems (network, FUSE) do not know it and need it not.
    if (codeOf(error) !== 'EINVAL' && codeOf(error) !== 'ENOTSUP') throw error;
  }
}
