import type { FastifyRequest } from 'fastify';
import type { DialectContext } from '../../../dialect.ts';
import type { SharedEntry, SharedPlace } from '../../../engine/shared.ts';
import { caller } from '../../../http/access.ts';
import type { Principal } from '../../../model/principal.ts';
import { fieldError } from '../bean-validation.ts';
import { namesIn, within } from '../connections.ts';
import { nameOf } from '../names.ts';
import { discardFiles, type Incoming, placeFiles } from '../receive-files.ts';
import { sharedText } from '../shared-paths.ts';
import type { ServiceResponse } from './envelope.ts';

/** The folder of an upload among the caller's own files. */
export interface UploadFolder {
  place: SharedPlace;
  /** Its name; absent: all uploads for the workspace. */
  session?: string;
  /** Of all uploads for the workspace; relative paths begin below it. */
  above: SharedPlace;
}

/** Files and folders of an upload. */
export interface Listing {
  folders: SharedPlace[];
  files: { name: string; size: number; place: SharedPlace }[];
}

/** The folder for a workspace and a session. Throws `invalid-input` for a session that is no name. */
export function folderOf(workflow: string, session: string | undefined, below: readonly string[]): UploadFolder {
  const { repository, workspace } = nameOf(workflow);
  const above: SharedPlace = { area: 'uploads', path: [...namesIn(repository), workspace].join('/') };
  if (session?.includes('/')) throw fieldError('opt_namespace', 'must not have a slash', 'query');
  const place = [...(session === undefined ? [] : [session]), ...below].reduce(within, above);
  return { place, above, ...(session === undefined ? {} : { session }) };
}

/**
 * Puts what came to its place: the same name again replaces the file. With `extract`, ZIP archives are unpacked, each into
 * a folder of its name. Throws what is wrong with the first file that cannot be stored.
 */
export async function storeUploads(
  request: FastifyRequest,
  context: DialectContext,
  folder: UploadFolder,
  incoming: Incoming,
  { extract }: { extract: boolean },
): Promise<Listing> {
  const principal = caller(request);
  const listing: Listing = { folders: [], files: [] };
  const isArchive = ({ name }: { name: string }) => extract && /.\.zip$/i.test(name);
  const archives = incoming.files.filter(isArchive);
  const plain = { ...incoming, files: incoming.files.filter((file) => !isArchive(file)) };
  try {
    if (incoming.failed.length > 0) throw incoming.failed[0]!.error;
    for (const { name, received } of archives) {
      const place = within(folder.place, name.slice(0, -'.zip'.length));
      await context.engine.shared.unpack(principal, received, place);
      const { folders, files } = await listingOf(context, principal, { ...folder, place });
      listing.folders.push(place, ...folders);
      listing.files.push(...files);
    }
    const placed = await placeFiles(request, context, plain, folder.place, { overwrite: true });
    if (plain.failed.length > 0) throw plain.failed[0]!.error;
    listing.files.push(...placed);
    return listing;
  } finally {
    await discardFiles(context, incoming.files);
  }
}

/** What lies in the folder of an upload, down to so many levels; nothing, when there is none. */
export async function listingOf(
  { engine }: DialectContext,
  principal: Principal,
  { place }: UploadFolder,
  levels = -1,
): Promise<Listing> {
  const listing: Listing = { folders: [], files: [] };
  const add = ({ name, kind, bytes, contents = [] }: SharedEntry, at: SharedPlace): void => {
    if (kind === 'file') listing.files.push({ name, size: bytes, place: at });
    else {
      if (at !== place) listing.folders.push(at);
      for (const entry of contents) add(entry, within(at, entry.name));
    }
  };
  const found = await engine.shared.find(principal, place, levels < 0 ? Number.POSITIVE_INFINITY : Math.max(1, levels));
  if (found !== undefined) add(found, place);
  return listing;
}

/** The answer: the folder first, then what is below it. */
export function uploadResponse(folder: UploadFolder, { folders, files }: Listing, full: boolean): ServiceResponse {
  const { place, above, session } = folder;
  const pathOf = (one: SharedPlace): string => (full ? sharedText(one) : one.path.slice(above.path.length + 1));
  return {
    statusInfo: { status: 'success' },
    ...(session === undefined ? {} : { session }),
    files: {
      path: pathOf(place),
      folder: [place, ...folders].map((one) => ({ path: pathOf(one) })),
      file: files.map(({ name, size, place: at }) => ({ name, size, path: pathOf(at) })),
    },
  };
}
