import type { Stats } from 'node:fs';
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises';
import { fail, isMillraceError, type MillraceError } from '../model/errors.ts';
import type { RepositoryPath } from './safe-path.ts';

// Steps of `folder.ts`; nothing else uses them.

/** Systems that tell names apart regardless of case or normal form answer with the form on the disk. */
const foldsNames = process.platform === 'darwin' || process.platform === 'win32';
const foldName = (place: string): string => (foldsNames ? place.normalize('NFC').toLowerCase() : place);

/** True when a resolved place is the place asked for: no symbolic link was on the way. */
export const samePlace = (real: string, asked: string): boolean => foldName(real) === foldName(asked);

/**
 * After opening: is the open file the one that lies at `place`, with no symbolic link on the way? The check comes after
 * the opening and compares identities, so that a folder exchanged for a link in between is noticed.
 */
export async function assertSame(facts: Stats, place: string, path: RepositoryPath): Promise<void> {
  const real = await realpath(place);
  const there = await lstat(real);
  if (!samePlace(real, place) || there.dev !== facts.dev || there.ino !== facts.ino) throw missing(path);
}

/** Refuses to put something where a link, device or the like lies that we do not show. */
export async function assertFree(place: string, path: RepositoryPath): Promise<void> {
  const taken = await lstat(place).catch((error: unknown) => {
    if (isAbsence(error)) return undefined;
    throw error;
  });
  if (taken) throw fail('conflict', `${path} is taken by something that is neither a file nor a folder.`);
}

/** Writes everything, at most `maxBytes`. @throws too-large */
export async function writeAll(
  handle: FileHandle,
  content: Uint8Array | AsyncIterable<Uint8Array>,
  path: RepositoryPath,
  maxBytes: number,
): Promise<void> {
  let written = 0;
  const put = async (chunk: Uint8Array): Promise<void> => {
    written += chunk.length;
    if (written > maxBytes) throw tooLarge(path, maxBytes);
    await handle.writeFile(chunk);
  };
  if (content instanceof Uint8Array) await put(content);
  else for await (const chunk of content) await put(chunk);
}

/** Makes a rename or a new name durable; where folders cannot be opened (Windows) the system does it itself. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  try {
    await handle?.sync();
  } catch (error) {
    if (!['EINVAL', 'EPERM', 'EISDIR'].includes(codeOf(error) ?? '')) throw error;
  } finally {
    await handle?.close();
  }
}

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** Errors that mean: there is no such thing here. */
export const isAbsence = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'ENAMETOOLONG', 'EMLINK'].includes(codeOf(error) ?? '');

export const missing = (path: RepositoryPath): MillraceError => fail('not-found', `There is nothing at ${path}.`);

export const tooLarge = (path: RepositoryPath, maxBytes: number): MillraceError =>
  fail('too-large', `${path} has more than ${maxBytes} bytes.`);

/** An error of the file system as one of ours; its message never has a place outside the folder. */
export function translate(error: unknown, path: RepositoryPath): unknown {
  if (isMillraceError(error)) return error;
  const code = codeOf(error);
  if (code === undefined) return error;
  if (isAbsence(error)) return missing(path);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return fail('disk-full', { detail: `No space to write ${path}.`, cause: error });
  if (code === 'EEXIST' || code === 'ENOTEMPTY') return fail('exists', `${path} exists already.`);
  if (code === 'EISDIR') return fail('conflict', `${path} is a folder.`);
  return fail('store-unavailable', { detail: `The disk refused access to ${path} (${code}).`, cause: error });
}
