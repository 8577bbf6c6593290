import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Received, SharedEntry, SharedFiles } from '../files/shared-files.ts';
import { fail } from '../model/errors.ts';
import { type Principal, type SharedArea, sharedAreas } from '../model/principal.ts';
import { parseRepositoryPath, type RepositoryPath } from '../repository/safe-path.ts';
import type { Access } from './access.ts';
import type { Audit } from './audit.ts';
import type { Intake } from './intake.ts';

export type { Received, SharedEntry } from '../files/shared-files.ts';

/** A place among the shared files, as text from outside. */
export interface SharedPlace {
  area: SharedArea;
  /** Names joined with `/`; empty for the area itself. */
  path: string;
}

/** Files that users and their workflows share. Every verb checks rights and path itself. */
export interface Shared {
  mayRead(principal: Principal, area: SharedArea): boolean;
  /** Throws what `settle` would throw for want of rights or for the path, before a body is read. */
  requireWrite(principal: Principal, place: SharedPlace): void;
  /** Streams a file in, to lie aside until it is settled, unpacked or discarded. @throws too-large, disk-full, draining */
  receive(source: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Received>;
  /** Puts a received file to its place; true when nothing was there. @throws exists, conflict, forbidden, disk-full */
  settle(
    principal: Principal,
    received: Received,
    place: SharedPlace,
    options: { overwrite: boolean },
  ): Promise<boolean>;
  /** Unpacks a received ZIP archive into a folder, which is new or replaced: all of it or nothing. */
  unpack(principal: Principal, received: Received, place: SharedPlace): Promise<void>;
  discard(received: Received): Promise<void>;
  /** With the contents of folders down to `depth`; undefined when it is not there. */
  find(principal: Principal, place: SharedPlace, depth?: number): Promise<SharedEntry | undefined>;
  /** @throws not-found */
  open(principal: Principal, place: SharedPlace, range?: { start: number; end: number }): Promise<Readable>;
  /** A ZIP archive of files and folders in a folder, by their paths there; `.` is all of it. @throws not-found, too-large */
  pack(principal: Principal, folder: SharedPlace, names: readonly string[]): Promise<Readable>;
  /** True when it was not there. @throws conflict, forbidden */
  makeFolder(principal: Principal, place: SharedPlace): Promise<boolean>;
  /** Removes a file, or a folder with all in it; never an area. @throws not-found, forbidden, conflict */
  remove(principal: Principal, place: SharedPlace): Promise<void>;
  /**
   * Where a place is on the disk, for a workflow that is to read it or, with `write`, to write it.
   * @throws not-found when a symbolic link is on the way, forbidden
   */
  locate(principal: Principal, place: SharedPlace, action: 'read' | 'write'): Promise<string>;
  /** The place behind what `locate` gave; undefined for anything else. */
  placeOf(location: string): SharedPlace | undefined;
}

export function createShared(parts: { files: SharedFiles; access: Access; audit: Audit; intake: Intake }): Shared {
  const { files, access, audit, intake } = parts;

  const at = (principal: Principal, action: 'read' | 'write', { area, path }: SharedPlace): RepositoryPath => {
    access.requireShared(principal, action, area);
    const names = [area, ...(area === 'uploads' ? [ownerKey(principal)] : []), ...(path === '' ? [] : [path])];
    return parseRepositoryPath(`/${names.join('/')}`);
  };

  /** Changes of what others rely on are on record; what comes and goes with jobs is not. */
  const record = async (principal: Principal, action: string, { area, path }: SharedPlace): Promise<void> => {
    if (area !== 'temp' && area !== 'uploads') await audit(principal, action, `${area}/${path}`);
  };

  return {
    mayRead: (principal, area) => access.mayShare(principal, 'read', area),
    requireWrite: (principal, place) => void at(principal, 'write', place),

    receive(source, maxBytes) {
      intake.check();
      return files.receive(intake.whileThereIsRoom(source), maxBytes);
    },

    async settle(principal, received, place, options) {
      const isNew = await files.settle(received, at(principal, 'write', place), options);
      await record(principal, 'file.write', place);
      return isNew;
    },

    async unpack(principal, received, place) {
      await files.unpack(received, at(principal, 'write', place));
      await record(principal, 'file.write', place);
    },

    discard: (received) => files.discard(received),
    find: async (principal, place, depth) => files.find(at(principal, 'read', place), depth),
    open: async (principal, place, range) => files.open(at(principal, 'read', place), range),
    pack: async (principal, folder, names) => files.pack(at(principal, 'read', folder), names),

    async makeFolder(principal, place) {
      const isNew = await files.makeFolder(at(principal, 'write', place));
      if (isNew) await record(principal, 'file.write', place);
      return isNew;
    },

    async remove(principal, place) {
      const path = at(principal, 'write', place);
      if (place.path === '')
        throw fail('conflict', `All of ${place.area} cannot be removed at once; name what is in it.`);
      await files.remove(path);
      await record(principal, 'file.delete', place);
    },

    locate: async (principal, place, action) => files.locate(at(principal, action, place)),

    placeOf(location) {
      const [, name, ...names] = files.pathOf(location)?.split('/') ?? [];
      const area = sharedAreas.find((one) => one === name);
      if (area === undefined) return undefined;
      return { area, path: (area === 'uploads' ? names.slice(1) : names).join('/') };
    },
  };
}

/** The folder of a user's uploads: the same for ever, a good name on every system whatever the user is called. */
const ownerKey = ({ name }: Principal): string => createHash('sha256').update(name).digest('hex').slice(0, 32);
