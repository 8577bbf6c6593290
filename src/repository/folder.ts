import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, realpath, rename, rmdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fail } from '../model/errors.ts';
import { type Anchor, withAnchor } from './anchor.ts';
import { codeOf, isAbsence, missing, tooLarge, translate } from './disk-errors.ts';
import { entryOf, type FileFacts, type FolderEntry, factsOf } from './file-facts.ts';
import { writeNew } from './new-file.ts';
import { isBelow, nameOf, namesOf, parentOf, type RepositoryPath, rootPath } from './safe-path.ts';

export type { FileFacts, FolderEntry } from './file-facts.ts';

/**
 * The only door to the disk for paths from outside: everything below one folder, nothing beyond. The folder may itself
 * be reached through a symbolic link; below it no symbolic link is followed, wherever it leads: what lies behind one is
 * `not-found`, as are devices, pipes and sockets.
 */
export interface Folder {
  /** Absolute and free of symbolic links; for watchers and child processes, not for joining. */
  readonly root: string;
  /** The bytes of a file. @throws not-found, too-large */
  read(path: RepositoryPath, options?: { maxBytes?: number }): Promise<Buffer>;
  /** A stream over a file or a range of it (both ends inclusive), and its facts. @throws not-found */
  openRead(
    path: RepositoryPath,
    range?: { start: number; end: number },
  ): Promise<{ stream: Readable; facts: FileFacts }>;
  /**
   * Writes a file so that a reader, also after a power cut, sees the old or the new content and nothing between; folders
   * above are made. Gives the facts of the new file. @throws too-large, disk-full, conflict
   */
  write(
    path: RepositoryPath,
    content: Uint8Array | AsyncIterable<Uint8Array>,
    options?: { maxBytes?: number; executable?: boolean },
  ): Promise<FileFacts>;
  /**
   * Writes a new file for which nobody looks yet: its content is on the disk when this settles, its name need not be
   * after a power cut. What does not come whole is removed. Gives its bytes. @throws too-large, disk-full, exists
   */
  writeAside(path: RepositoryPath, content: AsyncIterable<Uint8Array>, maxBytes: number): Promise<number>;
  /** Removes a file. @throws not-found */
  remove(path: RepositoryPath): Promise<void>;
  /**
   * Moves a file or a folder; folders above are made. `fromAside`: nobody cares whether the old name is gone after a power
   * cut. @throws not-found, exists (unless a file may be overwritten)
   */
  move(from: RepositoryPath, to: RepositoryPath, options?: { overwrite?: boolean; fromAside?: boolean }): Promise<void>;
  /**
   * What lies in a folder, by name in code unit order. `leftOut` is told of what no path can name; links, devices,
   * pipes and sockets are left out in silence. @throws not-found
   */
  list(path: RepositoryPath, leftOut?: (name: string, reason: string) => void): Promise<FolderEntry[]>;
  stat(path: RepositoryPath): Promise<FileFacts | undefined>;
  /** Makes a folder and those above it; true when it was not there. @throws conflict when a file is in the way */
  makeFolder(path: RepositoryPath): Promise<boolean>;
  /** Removes a folder with all below it, never the root itself. @throws not-found, invariant */
  removeFolder(path: RepositoryPath): Promise<void>;
  /**
   * Where a path is on the disk, for a child process. What is not there yet is fine; a symbolic link on the way is not.
   * Nobody holds the folders meanwhile: who may rename in them may still lead the child elsewhere.
   * @throws not-found
   */
  locate(path: RepositoryPath): Promise<string>;
}

/** Opens a folder, which must exist. @throws startup naming the folder */
export async function openFolder(folder: string): Promise<Folder> {
  const root = await realpath(folder).catch((cause) => {
    throw fail('startup', { detail: `The folder ${folder} cannot be opened: ${codeOf(cause) ?? cause}.`, cause });
  });
  if (!(await stat(root)).isDirectory()) throw fail('startup', `${folder} is not a folder.`);

  /** Runs a task in the folder that holds a path; errors of the file system come out as ours. */
  const within = async <T>(path: RepositoryPath, task: (anchor: Anchor, name: string) => Promise<T>): Promise<T> => {
    try {
      return await withAnchor(root, parentOf(path), (anchor) => task(anchor, nameOf(path)));
    } catch (error) {
      throw translate(error, path);
    }
  };

  const openFile = (path: RepositoryPath): Promise<{ handle: FileHandle; facts: Stats }> =>
    within(path, async (anchor, name) => {
      // The root has no name. O_NONBLOCK: opening a named pipe must not wait for a writer.
      if (name === '') throw missing(path);
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
      const handle = await open(anchor.place(name), flags);
      const facts = await handle.stat();
      if (facts.isFile()) return { handle, facts };
      await handle.close();
      throw missing(path);
    });

  const makeFolder = async (path: RepositoryPath): Promise<boolean> => {
    if (path === rootPath) return false;
    const isThere = await lookAt(path);
    if (isThere?.isDirectory()) return false;
    await makeFolder(parentOf(path));
    return within(path, async (anchor, name) => {
      try {
        await mkdir(anchor.place(name), { mode: 0o755 });
        await anchor.sync();
        return true;
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
        // Either another made it meanwhile, or something is in the way.
        if ((await lstat(anchor.place(name))).isDirectory()) return false;
        throw fail('conflict', `${path} is not a folder, and a folder is needed there.`);
      }
    });
  };

  /** What lies at a path; undefined when there is nothing, or nothing of ours. */
  const lookAt = async (path: RepositoryPath): Promise<Stats | undefined> => {
    try {
      return await withAnchor(root, parentOf(path), async (anchor) =>
        // The root has no name; its anchor is a way to it, not the folder itself.
        path === rootPath ? stat(anchor.here) : ours(await lstat(anchor.place(nameOf(path)))),
      );
    } catch (error) {
      const ourError = translate(error, path);
      if (isAbsence(error) || codeOf(ourError) === 'not-found') return undefined;
      throw ourError;
    }
  };

  return {
    root,

    async read(path, { maxBytes = Number.POSITIVE_INFINITY } = {}) {
      const { handle, facts } = await openFile(path);
      try {
        if (facts.size > maxBytes) throw tooLarge(path, maxBytes);
        const bytes = await handle.readFile();
        // It may have grown since.
        if (bytes.length > maxBytes) throw tooLarge(path, maxBytes);
        return bytes;
      } finally {
        await handle.close();
      }
    },

    async openRead(path, range) {
      const { handle, facts } = await openFile(path);
      return { stream: handle.createReadStream({ ...range, autoClose: true }), facts: factsOf(facts) };
    },

    async write(path, content, { maxBytes = Number.POSITIVE_INFINITY, executable = false } = {}) {
      if (path === rootPath) throw fail('conflict', '/ is a folder.');
      await makeFolder(parentOf(path));
      return within(path, async (anchor, name) => {
        await assertFileOrFree(anchor, name, path);
        const temporary = anchor.place(`.millrace-${randomBytes(9).toString('base64url')}.tmp`);
        await writeNew(temporary, content, { path, maxBytes, mode: executable ? 0o755 : 0o644 }, () =>
          rename(temporary, anchor.place(name)),
        );
        await anchor.sync();
        return factsOf(await lstat(anchor.place(name)));
      });
    },

    writeAside: (path, content, maxBytes) =>
      within(path, (anchor, name) => writeNew(anchor.place(name), content, { path, maxBytes, mode: 0o644 })),

    remove: (path) =>
      within(path, async (anchor, name) => {
        if (name === '' || !(await lstat(anchor.place(name))).isFile()) throw missing(path);
        await unlink(anchor.place(name));
        await anchor.sync();
      }),

    async move(from, to, { overwrite = false, fromAside = false } = {}) {
      const source = await lookAt(from);
      if (!source || from === rootPath) throw missing(from);
      if (to === rootPath || isBelow(to, from)) throw fail('conflict', `${from} cannot be moved into itself (${to}).`);
      if (from === to) return;
      const target = await lookAt(to);
      if (target && !(overwrite && target.isFile() && source.isFile())) throw fail('exists', `${to} exists already.`);
      await makeFolder(parentOf(to));
      await within(from, (fromAnchor, fromName) =>
        within(to, async (toAnchor, toName) => {
          if (!target) await assertFileOrFree(toAnchor, toName, to);
          await rename(fromAnchor.place(fromName), toAnchor.place(toName));
          await toAnchor.sync();
          if (!fromAside) await fromAnchor.sync();
        }),
      );
    },

    async list(path, leftOut = () => {}) {
      try {
        return await withAnchor(root, path, async (anchor) => {
          const names = await readdir(anchor.here);
          const entries = await Promise.all(names.map((name) => entryOf(anchor, name, leftOut)));
          return entries.filter((entry) => entry !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1));
        });
      } catch (error) {
        throw translate(error, path);
      }
    },

    async stat(path) {
      const facts = await lookAt(path);
      return facts && factsOf(facts);
    },

    makeFolder,

    async removeFolder(path) {
      if (path === rootPath) throw fail('invariant', 'Refused to delete a folder that others are kept in.');
      await within(path, async (anchor, name) => {
        const child = await anchor.child(name);
        try {
          await emptyFolder(child);
        } finally {
          await child.close();
        }
        await rmdir(anchor.place(name));
        await anchor.sync();
      });
    },

    async locate(path) {
      let at = root;
      for (const name of namesOf(path)) {
        at = join(at, name);
        const facts = await lstat(at).catch((error: unknown) => {
          if (isAbsence(error)) return undefined;
          throw translate(error, path);
        });
        if (!facts) break;
        if (!ours(facts)) throw missing(path);
      }
      return join(root, ...namesOf(path));
    },
  };
}

const ours = (facts: Stats): Stats | undefined => (facts.isFile() || facts.isDirectory() ? facts : undefined);

/** Refuses to put a file where a folder, or something that we do not show, lies: it would be gone or be followed. */
async function assertFileOrFree(anchor: Anchor, name: string, path: RepositoryPath): Promise<void> {
  const facts = await lstat(anchor.place(name)).catch((error: unknown) => {
    if (isAbsence(error)) return undefined;
    throw error;
  });
  if (facts && !facts.isFile()) throw fail('conflict', `${path} is taken by something that is not a file.`);
}

/**
 * Removes all that is in a folder, whatever its names are; links are removed, never followed. Folders are reached through
 * the descriptor of the one above: `fs.rm` walks by name, and a folder exchanged for a link would lead it astray.
 */
async function emptyFolder(anchor: Anchor): Promise<void> {
  for (const name of await readdir(anchor.here)) {
    const place = anchor.place(name);
    if (!(await lstat(place)).isDirectory()) {
      await unlink(place);
      continue;
    }
    const child = await anchor.child(name);
    try {
      await emptyFolder(child);
    } finally {
      await child.close();
    }
    await rmdir(place);
  }
}
