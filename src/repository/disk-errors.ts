import { fail, isMillraceError, type MillraceError } from '../model/errors.ts';
import type { RepositoryPath } from './safe-path.ts';

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
