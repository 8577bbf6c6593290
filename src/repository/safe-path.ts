import { fail } from '../model/errors.ts';

declare const brand: unique symbol;

/**
 * A path below some folder: names joined with `/`, with one in front; `/` alone is the folder itself. Made only by this
 * module, so a function that asks for one cannot be handed text from outside. It says nothing of what lies on the disk:
 * symbolic links are the affair of `openFolder`.
 */
export type RepositoryPath = string & { readonly [brand]: 'RepositoryPath' };

/** What a path may measure. */
export const pathLimits = { nameBytes: 255, pathBytes: 1024, depth: 32 } as const;

/** The folder itself. */
export const rootPath = '/' as RepositoryPath;

/** C0, DEL, C1, line separators, and the invisible or direction-changing signs that make one name look like another. */
const forbiddenSigns =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\uffff]/u;

/** `%2e`, `%u002e`: text that somebody downstream might decode once more. */
const encodedSign = /%(?:[0-9a-f]{2}|u[0-9a-f]{4})/i;

/** Names that Windows gives to devices, whatever suffix follows. */
const deviceName = /^(?:con|prn|aux|nul|clock\$|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])[ .]*(?:\.|$)/i;

/**
 * Reads a path from text that is percent-decoded already. One `/` in front is optional; the result has it and is in
 * Unicode normal form C. Nothing is repaired: what could mean another place than it says, on any system, is refused.
 *
 * @throws invalid-path naming the rule that was broken
 */
export function parseRepositoryPath(text: string): RepositoryPath {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const path = readPath(text);
  if (parsed.size >= MOST_PARSED) parsed.clear();
  parsed.set(text, path);
  return path;
}

/** Texts that were found good lately: a server is asked for the same few workflows over and over. */
const parsed = new Map<string, RepositoryPath>();
const MOST_PARSED = 1_000;

function readPath(text: string): RepositoryPath {
  if (typeof text !== 'string') throw refuse('', 'it is not a text');
  // A bound before any other work; normal form C at most triples a text.
  if (text.length > pathLimits.pathBytes) throw refuse(text, `it is longer than ${pathLimits.pathBytes} bytes`);
  if (/\p{Cs}/u.test(text)) throw refuse(text, 'it has half of a surrogate pair');
  const normal = text.normalize('NFC');
  if (normal === '/') return rootPath;
  const bare = normal.startsWith('/') ? normal.slice(1) : normal;
  if (Buffer.byteLength(bare) + 1 > pathLimits.pathBytes)
    throw refuse(text, `it is longer than ${pathLimits.pathBytes} bytes`);
  const names = bare.split('/');
  if (names.length > pathLimits.depth) throw refuse(text, `it is more than ${pathLimits.depth} names deep`);
  for (const name of names) {
    const reason = nameFault(name);
    if (reason !== undefined) throw refuse(text, reason);
  }
  return `/${bare}` as RepositoryPath;
}

/** What is wrong with one name of a path; undefined when nothing is. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'it has an empty name (two slashes in a row, or one at the end)';
  if (name === '.' || name === '..') return 'names must not be `.` or `..`';
  if (forbiddenSigns.test(name)) return 'it has a control character or an invisible sign';
  if (/[/\\]/.test(name)) return 'it has a backslash; names are joined with `/`';
  if (name.includes(':')) return 'it has a colon, which separates a path from an action and a drive from a path';
  if (encodedSign.test(name)) return 'it has a percent-encoded sign; decode it once before';
  if (/[. ]$/u.test(name)) return 'a name ends in a dot or a space';
  if (deviceName.test(name)) return 'a name is that of a Windows device';
  if (Buffer.byteLength(name) > pathLimits.nameBytes) return `a name is longer than ${pathLimits.nameBytes} bytes`;
  // Full-width and other compatibility forms, which some systems fold into the plain sign.
  const folded = name.normalize('NFKC');
  if (folded !== name && (/[/\\:\u0000]/.test(folded) || /^[. ]+$/.test(folded)))
    return 'it has a sign that looks like a dot or a slash';
  return undefined;
}

/** A name within a folder. @throws invalid-path when the name or the whole does not fit */
export function joinPath(folder: RepositoryPath, name: string): RepositoryPath {
  if (name.startsWith('/')) throw refuse(name, 'a name must not begin with a slash');
  return parseRepositoryPath(`${folder === rootPath ? '' : folder}/${name}`);
}

/** The names of a path, none for the root. */
export const namesOf = (path: RepositoryPath): string[] => (path === rootPath ? [] : path.slice(1).split('/'));

/** The last name; empty for the root. */
export const nameOf = (path: RepositoryPath): string => path.slice(path.lastIndexOf('/') + 1);

/** The folder that holds a path; the root holds itself. */
export const parentOf = (path: RepositoryPath): RepositoryPath =>
  (path.slice(0, path.lastIndexOf('/')) || '/') as RepositoryPath;

/** True when a path lies within a folder, at whatever depth, and is not the folder itself. */
export const isBelow = (path: RepositoryPath, folder: RepositoryPath): boolean =>
  path !== folder && (folder === rootPath || path.startsWith(`${folder}/`));

/** The same place under another folder: `/a/b/c` from `/a` to `/x` is `/x/b/c`. */
export function rebase(path: RepositoryPath, from: RepositoryPath, to: RepositoryPath): RepositoryPath {
  const rest = from === rootPath ? path : path.slice(from.length);
  return parseRepositoryPath(`${to === rootPath ? '' : to}${rest}` || '/');
}

/** True for a name that is left alone: dot files, and what package managers put beside modules. */
export const isHidden = (name: string): boolean => name.startsWith('.') || name === 'node_modules';

function refuse(text: string, reason: string) {
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
  return fail('invalid-path', { detail: `${shown} is not a path: ${reason}.` });
}
