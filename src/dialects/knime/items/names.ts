import { fail, isMillraceError } from '../../../model/errors.ts';
import { noItem } from './find-item.ts';

const forbidden = /[*?#:"<>|]/;

/** Throws `invalid-path` for a new name with a sign that no name of the original may have (reference section 2.2). */
export function checkName(path: string): void {
  const sign = forbidden.exec(path)?.[0];
  if (sign === undefined) return;
  throw fail('invalid-path', `'${path}' is no path for an item: ${sign} is in it. Not allowed are * ? # : " < > |`);
}

/** The path of the group that holds an item. */
export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

/** Of an item that is to be made, only its group can be missing: told in the words of its clients. */
export const withoutNotFound = (error: unknown, path: string): unknown =>
  isMillraceError(error) && error.code === 'not-found' ? noItem(parentOf(path)) : error;
