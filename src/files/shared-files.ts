import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import type { Readable } from 'node:stream';
import type { Service } from '../lifecycle.ts';
import { fail, isMillraceError } from '../model/errors.ts';
import type { Log } from '../model/log.ts';
import { type Folder, openFolder } from '../repository/folder.ts';
import { isBelow, joinPath, parseRepositoryPath, type RepositoryPath } from '../repository/safe-path.ts';
import { createSerial } from '../repository/serial.ts';
import { packFiles } from './pack.ts';
import { sweepFolder } from './sweep.ts';
import { readTree, type SharedEntry } from './tree.ts';
import { unpackArchive } from './unpack.ts';

export type { SharedEntry } from './tree.ts';

/**
 * A file that has come in whole and lies aside, seen by nobody. Made by `receive` alone: no body of a request can name
 * one. It goes to its place or is discarded.
 */
export interface Received {
  readonly bytes: number;
}

/** Files that users and their workflows share, in one folder on the disk. Knows no users: rights are the engine's affair. */
export interface SharedFiles extends Service {
  /** Absolute, free of symbolic links; all is below it. */
  root(): string;
  /** Streams a file in, to lie aside; what does not come whole is removed. @throws too-large, disk-full */
  receive(source: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Received>;
  /**
   * Puts a received file to its place, whole and at once; folders above are made. True when nothing was there.
   * @throws exists, conflict (a folder is there), disk-full
   */
  settle(received: Received, path: RepositoryPath, options: { overwrite: boolean }): Promise<boolean>;
  /**
   * Unpacks a received ZIP archive into a folder, which is new or replaced: all of it or nothing.
   * @throws invalid-input, invalid-path, too-large, conflict (a file is there), disk-full
   */
  unpack(received: Received, path: RepositoryPath): Promise<void>;
  discard(received: Received): Promise<void>;
  /** A file or folder with what lies in it down to `depth` folders; undefined when it is not there. @throws too-large */
  find(path: RepositoryPath, depth?: number): Promise<SharedEntry | undefined>;
  /** @throws not-found */
  open(path: RepositoryPath, range?: { start: number; end: number }): Promise<Readable>;
  /**
   * A ZIP archive, streamed, of files and folders (with all below them) in a folder, under their names there.
   * @throws not-found naming what is not there, too-large
   */
  pack(folder: RepositoryPath, names: readonly string[]): Promise<Readable>;
  /** True when it was not there. @throws conflict */
  makeFolder(path: RepositoryPath): Promise<boolean>;
  /** Removes a file, or a folder with all below it. @throws not-found */
  remove(path: RepositoryPath): Promise<void>;
  /** Where a path, there or not, is on the disk. @throws not-found when a symbolic link is on the way */
  locate(path: RepositoryPath): Promise<string>;
  /** The path of a place on the disk; undefined for places elsewhere. */
  pathOf(place: string): RepositoryPath | undefined;
  /** Removes files last written before `olderThan` (milliseconds since 1970), and folders they leave empty; gives their number. */
  sweep(path: RepositoryPath, olderThan: number): Promise<number>;
}

/** Where files lie until they are whole. Clients never reach it: their paths begin with the name of an area. */
const aside = parseRepositoryPath('.incoming');

export function createSharedFiles(parts: { folder: string; areas: readonly string[]; log: Log }): SharedFiles {
  const { log } = parts;
  const changes = createSerial();
  const places = new WeakMap<Received, RepositoryPath>();
  let opened: Folder | undefined;

  const folder = (): Folder => {
    if (opened === undefined) throw fail('draining', 'The shared files are not open.');
    return opened;
  };
  const newPlace = (): RepositoryPath => joinPath(aside, randomBytes(12).toString('hex'));
  const placeOf = (received: Received): RepositoryPath => {
    const place = places.get(received);
    if (place === undefined) throw fail('invariant', 'A file was put to its place twice, or is none that came in.');
    return place;
  };
  const discard = async (received: Received): Promise<void> => {
    const place = places.get(received);
    places.delete(received);
    if (place !== undefined && (await folder().stat(place))) await folder().remove(place);
  };

  return {
    name: 'shared files',

    async start() {
      await mkdir(parts.folder, { recursive: true, mode: 0o700 });
      opened = await openFolder(parts.folder);
      // The data folder is this server's alone: what lies here was cut off with the last one.
      const left = (await opened.stat(aside)) ? await opened.list(aside) : [];
      if (left.length > 0) log.info({ files: left.length }, 'Removed uploads that were cut off');
      if (await opened.stat(aside)) await opened.removeFolder(aside);
      for (const name of parts.areas) await opened.makeFolder(parseRepositoryPath(name));
      await opened.makeFolder(aside);
    },

    root: () => folder().root,

    async receive(source, maxBytes) {
      const place = newPlace();
      const bytes = await folder()
        .writeAside(place, source, maxBytes)
        .catch((error: unknown) => {
          throw withoutPlace(error, maxBytes);
        });
      const received: Received = Object.freeze({ bytes });
      places.set(received, place);
      return received;
    },

    settle: (received, path, { overwrite }) =>
      changes(async () => {
        const place = placeOf(received);
        const isNew = (await folder().stat(path)) === undefined;
        await folder().move(place, path, { overwrite, fromAside: true });
        places.delete(received);
        return isNew;
      }),

    async unpack(received, path) {
      const target = newPlace();
      try {
        await unpackArchive(folder(), placeOf(received), target, path);
        await changes(async () => {
          const there = await folder().stat(path);
          if (there?.kind === 'file') throw fail('conflict', `${path} is a file; the archive needs a folder there.`);
          if (there) await folder().removeFolder(path);
          await folder().move(target, path, { fromAside: true });
        });
      } finally {
        if (await folder().stat(target)) await folder().removeFolder(target);
        await discard(received);
      }
    },

    discard,
    find: (path, depth = 0) => readTree(folder(), path, depth),
    open: async (path, range) => (await folder().openRead(path, range)).stream,
    pack: (at, names) => packFiles(folder(), at, names),
    makeFolder: (path) => changes(() => folder().makeFolder(path)),

    remove: (path) =>
      changes(async () => {
        const isFolder = (await folder().stat(path))?.kind === 'folder';
        await (isFolder ? folder().removeFolder(path) : folder().remove(path));
      }),

    locate: (path) => folder().locate(path),

    pathOf(place) {
      const names = relative(folder().root, place).split(sep);
      if (names[0] === '' || names[0] === '..' || place.includes('\0')) return undefined;
      try {
        const path = parseRepositoryPath(names.join('/'));
        return isBelow(path, aside) ? undefined : path;
      } catch {
        return undefined;
      }
    },

    sweep: (path, olderThan) => sweepFolder(folder(), path, olderThan, changes),
  };
}

/** The place where a file lies aside is nobody's business. */
function withoutPlace(error: unknown, maxBytes: number): unknown {
  if (!isMillraceError(error)) return error;
  const { code, options } = error;
  if (code === 'too-large') return fail(code, `The file is larger than the ${maxBytes} bytes that are allowed.`);
  if (options.cause === undefined) return error;
  const why = code === 'disk-full' ? 'No space is left for the file' : 'The disk refused to take the file';
  return fail(code, { detail: `${why}; nothing was kept of it.`, cause: options.cause });
}
