import { type ErrorCode, type FailOptions, fail, isMillraceError, type MillraceError } from '../../model/errors.ts';

/** An error as it goes from the database thread to the caller's. */
export interface WireError {
  code: ErrorCode;
  options: Omit<FailOptions, 'cause'>;
  /** For the log only: what SQLite or the runtime said. */
  cause?: string;
}

export function toWire(error: unknown): WireError {
  const known = asMillraceError(error);
  const { cause, ...options } = known.options;
  const text =
    cause instanceof Error ? `${(cause as { code?: string }).code ?? cause.name}: ${cause.message}` : undefined;
  return { code: known.code, options, ...(text === undefined ? {} : { cause: text }) };
}

export const fromWire = ({ code, options, cause }: WireError): MillraceError =>
  fail(code, cause === undefined ? options : { ...options, cause });

/** What an error of SQLite means to the caller, without SQL or file names. */
export function asMillraceError(error: unknown): MillraceError {
  if (isMillraceError(error)) return error;
  const { code = '', message = '' } = error as { code?: string; message?: string };
  const cause = error;
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') {
    return fail('disk-full', { detail: 'There is no room left for the database; nothing was written.', cause });
  }
  if (code === 'SQLITE_CONSTRAINT_TRIGGER')
    return fail('invariant', { detail: `The store refuses it: ${message}.`, cause });
  if (code.startsWith('SQLITE_CONSTRAINT')) {
    return fail('invariant', { detail: 'The store refuses a row that contradicts itself or others.', cause });
  }
  const reason = reasons.find(([prefix]) => code.startsWith(prefix))?.[1];
  if (reason) return fail('store-unavailable', { detail: `${reason}; nothing was written.`, cause });
  return fail('internal', { detail: 'The store failed unexpectedly.', cause });
}

const reasons: [string, string][] = [
  ['SQLITE_IOERR', 'The disk answered with an error'],
  ['SQLITE_READONLY', 'The data folder cannot be written'],
  ['SQLITE_CANTOPEN', 'The database file cannot be opened'],
  ['SQLITE_BUSY', 'Another program keeps the database locked'],
  ['SQLITE_LOCKED', 'The database is locked'],
  ['SQLITE_PROTOCOL', 'The database is locked'],
  ['SQLITE_NOMEM', 'There is not enough memory'],
  ['SQLITE_CORRUPT', 'The database file is damaged and must be restored from a backup'],
  ['SQLITE_NOTADB', 'The database file is damaged and must be restored from a backup'],
];

/** True for failures that concern the disk and not one verb: the whole batch fails with it. */
export const isStorageFailure = (error: unknown): boolean => {
  const { code } = asMillraceError(error);
  return code === 'disk-full' || code === 'store-unavailable';
};

/**
 * True when the file or the system's cache of it can no longer be trusted: after a failed fsync the system may have
 * dropped what it could not write and say nothing the next time (PostgreSQL's "fsyncgate"), and a damaged file only
 * gets worse. The process must start anew and recover from what is on disk.
 */
export const isBeyondTrust = (error: unknown): boolean =>
  /^SQLITE_(IOERR_(DIR_)?FSYNC|CORRUPT|NOTADB)/.test((error as { code?: string }).code ?? '');
