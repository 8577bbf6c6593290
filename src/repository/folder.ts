import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, realpath, rename, rm, stat, unlink } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { fail } from '../model/errors.ts';
import { entryOf, type FileFacts, type FolderEntry, factsOf } from './file-facts.ts';
import {
  assertFree,
  assertSame,
  codeOf,
  isAbsence,
  missing,
  samePlace,
  syncFolder,
  tooLarge,
  translate,
  writeAll,
} from './folder-checks.ts';
import { isBelow, namesOf, parentOf, type RepositoryPath, rootPath } from './safe-path.ts';

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
  /** Removes a file. @throws not-found */
  remove(path: RepositoryPath): Promise<void>;
  /** Moves a file or a folder; folders above are made. @throws not-found, exists (unless a file may be overwritten) */
  move(from: RepositoryPath, to: RepositoryPath, options?: { overwrite?: boolean }): Promise<void>;
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
}

/** Opens a folder, which must exist. @throws startup naming the folder */
export async function openFolder(folder: string): Promise<Folder> {
  const root = await realpath(folder).catch((cause) => {
    throw fail('startup', { detail: `The folder ${folder} cannot be opened: ${codeOf(cause) ?? cause}.`, cause });
  });
  if (!(await stat(root)).isDirectory()) throw fail('startup', `${folder} is not a folder.`);

  /** Where a path would lie; not yet known to be below the root. */
  const locate = (path: RepositoryPath): string => join(root, ...namesOf(path));

  /** Facts of what lies at a path itself, when no symbolic link is on the way; undefined when nothing (of ours) is. */
  const look = async (path: RepositoryPath): Promise<Stats | undefined> => {
    try {
      const place = locate(path);
      const facts = await lstat(place);
      if (!facts.isFile() && !facts.isDirectory()) return undefined;
      return samePlace(await realpath(place), place) ? facts : undefined;
    } catch (error) {
      if (isAbsence(error)) return undefined;
      throw translate(error, path);
    }
  };

  const openFile = async (path: RepositoryPath): Promise<{ handle: FileHandle; facts: Stats }> => {
    const place = locate(path);
    let handle: FileHandle | undefined;
    try {
      // O_NONBLOCK: opening a named pipe must not wait for a writer.
      handle = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      const facts = await handle.stat();
      if (!facts.isFile()) throw missing(path);
      await assertSame(facts, place, path);
      return { handle, facts };
    } catch (error) {
      await handle?.close();
      throw translate(error, path);
    }
  };

  const makeFolder = async (path: RepositoryPath): Promise<boolean> => {
    if (path === rootPath) return false;
    const known = await look(path);
    if (known?.isDirectory()) return false;
    if (known) throw fail('conflict', `${path} is a file; a folder is needed there.`);
    await makeFolder(parentOf(path));
    try {
      await mkdir(locate(path), { mode: 0o755 });
      await syncFolder(locate(parentOf(path)));
      return true;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw translate(error, path);
      // Made by another meanwhile, or hidden from us because it is a symbolic link.
      if ((await look(path))?.isDirectory()) return false;
      throw fail('conflict', `${path} is taken by something that is neither a file nor a folder.`);
    }
  };

  return {
    root,

    async read(path, options = {}) {
      const { handle, facts } = await openFile(path);
      try {
        const maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY;
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

    async write(path, content, options = {}) {
      if (path === rootPath) throw fail('conflict', '/ is a folder.');
      const known = await look(path);
      if (known?.isDirectory()) throw fail('conflict', `${path} is a folder.`);
      const parent = parentOf(path);
      await makeFolder(parent);
      const place = locate(path);
      const temporary = join(locate(parent), `.${randomBytes(9).toString('base64url')}.tmp`);
      let handle: FileHandle | undefined;
      try {
        if (!known) await assertFree(place, path);
        const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
        handle = await open(temporary, flags, options.executable ? 0o755 : 0o644);
        await assertSame(await handle.stat(), temporary, path);
        await writeAll(handle, content, path, options.maxBytes ?? Number.POSITIVE_INFINITY);
        await handle.sync();
        await handle.close();
        handle = undefined;
        await rename(temporary, place);
        await syncFolder(locate(parent));
        return factsOf(await lstat(place));
      } catch (error) {
        await handle?.close();
        await unlink(temporary).catch(() => {});
        throw translate(error, path);
      }
    },

    async remove(path) {
      if (!(await look(path))?.isFile()) throw missing(path);
      try {
        await unlink(locate(path));
        await syncFolder(locate(parentOf(path)));
      } catch (error) {
        throw translate(error, path);
      }
    },

    async move(from, to, options = {}) {
      const source = await look(from);
      if (!source || from === rootPath) throw missing(from);
      if (to === rootPath || isBelow(to, from)) throw fail('conflict', `${from} cannot be moved into itself (${to}).`);
      const target = await look(to);
      if (target && from !== to && !(options.overwrite && target.isFile() && source.isFile()))
        throw fail('exists', `${to} exists already.`);
      await makeFolder(parentOf(to));
      try {
        if (!target) await assertFree(locate(to), to);
        await rename(locate(from), locate(to));
        await syncFolder(locate(parentOf(to)));
        await syncFolder(locate(parentOf(from)));
      } catch (error) {
        throw translate(error, from);
      }
    },

    async list(path, leftOut = () => {}) {
      if (!(await look(path))?.isDirectory()) throw missing(path);
      try {
        const folder = locate(path);
        const entries = await Promise.all((await readdir(folder)).map((name) => entryOf(folder, name, leftOut)));
        return entries.filter((entry) => entry !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1));
      } catch (error) {
        throw translate(error, path);
      }
    },

    async stat(path) {
      const facts = await look(path);
      return facts && factsOf(facts);
    },

    makeFolder,

    async removeFolder(path) {
      if (!(await look(path))?.isDirectory()) throw missing(path);
      const place = await realpath(locate(path));
      // The last gate before a recursive delete: whatever went wrong above, it stays below the root.
      if (path === rootPath || place === root || !place.startsWith(root.endsWith(sep) ? root : root + sep))
        throw fail('invariant', `Refused to delete ${path}: it is not below its folder.`);
      try {
        await rm(place, { recursive: true });
        await syncFolder(locate(parentOf(path)));
      } catch (error) {
        throw translate(error, path);
      }
    },
  };
}
