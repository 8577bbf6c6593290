import { fail } from '../model/errors.ts';

/** The conditions of a write, as in the header fields of the same names (RFC 9110 section 13.1). */
export interface Preconditions {
  /** `*`, or entity tags separated by commas. */
  ifMatch?: string | undefined;
  ifNoneMatch?: string | undefined;
}

/** The entity tag of a content; strong, for it is made of the bytes. */
export const etagOf = (hash: string): string => `"${hash}"`;

/**
 * Checks the conditions against the hash of what is there (undefined: nothing). With `required`, something that is there
 * may only be changed by one who says which content they saw.
 *
 * @throws precondition-required, precondition-failed
 */
export function checkPreconditions(
  path: string,
  hash: string | undefined,
  conditions: Preconditions,
  required: boolean,
): void {
  const { ifMatch, ifNoneMatch } = conditions;
  const etag = hash === undefined ? undefined : etagOf(hash);
  if (ifMatch !== undefined && !(etag !== undefined && matches(ifMatch, etag))) {
    const now = etag === undefined ? 'does not exist' : `has the ETag ${etag} now`;
    throw fail('precondition-failed', `${path} ${now}; If-Match says ${ifMatch}.`);
  }
  if (ifNoneMatch !== undefined && etag !== undefined && matches(ifNoneMatch, etag, true))
    throw fail('precondition-failed', `${path} exists with the ETag ${etag}; If-None-Match says ${ifNoneMatch}.`);
  if (required && etag !== undefined && ifMatch === undefined && ifNoneMatch === undefined)
    throw fail('precondition-required', `${path} exists; send \`If-Match: ${etag}\` to replace this content of it.`);
}

/** `If-Match` compares strongly, `If-None-Match` weakly (RFC 9110 section 8.8.3.2). */
function matches(field: string, etag: string, weakly = false): boolean {
  if (field.trim() === '*') return true;
  const tags = field.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => (weakly ? tag.replace(/^W\//, '') : tag) === etag);
}
