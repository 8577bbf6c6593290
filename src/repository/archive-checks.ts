import type { Entry } from 'yauzl';
import { fail, type MillraceError } from '../model/errors.ts';
import { parentOf, parseRepositoryPath, type RepositoryPath, rootPath } from './safe-path.ts';

/** What an archive may hold. */
export interface ArchiveLimits {
  entries: number;
  /** Bytes of all files, inflated. */
  totalBytes: number;
  /** Inflated by packed; small contents, which pack well for honest reasons, are not measured. */
  ratio: number;
}

export const archiveLimits: ArchiveLimits = { entries: 10_000, totalBytes: 500 * 1024 * 1024, ratio: 100 };

/** Below this many bytes no ratio is measured. */
const ratioFloor = 1024 * 1024;

export const badArchive = (detail: string, cause?: unknown): MillraceError =>
  fail('invalid-input', { detail: `The archive is refused: ${detail}`, cause });

export const archiveTooLarge = (detail: string): MillraceError =>
  fail('too-large', `The archive is refused: ${detail}`);

/** What an entry stands for, by its name and its Unix mode. @throws invalid-input for links, devices and the like */
export function kindOf(entry: Entry): 'file' | 'folder' {
  const byName = entry.fileName.endsWith('/') ? 'folder' : 'file';
  const type = (entry.externalFileAttributes >>> 28) & 0xf;
  // S_IFREG, S_IFDIR; no type at all comes from systems that have no such modes.
  const byMode = type === 0 ? byName : type === 0o10 ? 'file' : type === 0o4 ? 'folder' : undefined;
  const name = shown(entry.fileName);
  if (byMode === undefined) throw badArchive(`${name} is a link or a device; only files and folders are accepted.`);
  if (byMode !== byName || (byName === 'folder' && entry.uncompressedSize > 0))
    throw badArchive(`${name} says that it is a ${byName} by its name, and is none by its mode or size.`);
  return byName;
}

/** Whether the owner may run it; no other bit of a mode (setuid, writable by all) is taken over. */
export const isExecutable = (entry: Entry): boolean => ((entry.externalFileAttributes >>> 16) & 0o100) !== 0;

/** The path of an entry, below wherever the archive goes. @throws invalid-input, invalid-path */
export function pathOf(entry: Entry): RepositoryPath {
  const name = entry.fileName.replace(/\/$/, '');
  if (name.startsWith('/')) throw badArchive(`${shown(name)} is an absolute path.`);
  if (name === '') throw badArchive('an entry has no name.');
  return parseRepositoryPath(name);
}

/** Refuses what could not be read, or would inflate beyond all measure. @throws invalid-input, too-large */
export function checkContent(entry: Entry, limits: ArchiveLimits): void {
  const name = shown(entry.fileName);
  if (entry.isEncrypted()) throw badArchive(`${name} is encrypted.`);
  // Stored or deflated (APPNOTE 4.4.5).
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8)
    throw badArchive(`${name} is packed by method ${entry.compressionMethod}; only deflate is known here.`);
  if (entry.uncompressedSize > ratioFloor && entry.uncompressedSize > limits.ratio * entry.compressedSize)
    throw archiveTooLarge(`${name} inflates to more than ${limits.ratio} times its packed size.`);
}

/**
 * Refuses two entries of one name, also by case or normal form alone: on some systems the second would overwrite the
 * first. Folders may be named again. The function given back is called for each entry in turn. @throws invalid-input
 */
export function createNameCheck(): (path: RepositoryPath, kind: 'file' | 'folder') => void {
  const kinds = new Map<string, { spelling: RepositoryPath; kind: 'file' | 'folder' }>();
  const note = (path: RepositoryPath, kind: 'file' | 'folder'): void => {
    const key = path.normalize('NFKC').toLowerCase();
    const known = kinds.get(key);
    if (!known) kinds.set(key, { spelling: path, kind });
    else if (known.spelling !== path) throw badArchive(`${known.spelling} and ${path} differ by case alone.`);
    else if (known.kind !== kind || kind === 'file') throw badArchive(`${path} is there twice.`);
  };
  return (path, kind) => {
    note(path, kind);
    for (let above = parentOf(path); above !== rootPath; above = parentOf(above)) note(above, 'folder');
  };
}

/** Refuses entries that share bytes, the trick behind bombs that no ratio shows. @throws invalid-input */
export function checkOverlap(entries: readonly Entry[]): void {
  const sorted = [...entries].sort((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  let end = 0;
  for (const entry of sorted) {
    if (entry.relativeOffsetOfLocalHeader < end) throw badArchive(`${shown(entry.fileName)} overlaps another entry.`);
    // A local header has 30 bytes besides its name and extra field (APPNOTE 4.3.7).
    end = entry.relativeOffsetOfLocalHeader + 30 + entry.compressedSize;
  }
}

const shown = (name: string): string => JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
