import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import type { Anchor } from './anchor.ts';
import { isAbsence } from './disk-errors.ts';
import { nameFault } from './safe-path.ts';

/** A name in a folder and what it stands for. */
export interface FolderEntry extends FileFacts {
  name: string;
}

export interface FileFacts {
  kind: 'file' | 'folder';
  bytes: number;
  /** Milliseconds since 1970, with fraction. */
  modifiedAt: number;
  /** When this file came to be; a file that was replaced began anew. Never after `modifiedAt`. */
  createdAt: number;
  /** Changes whenever content or place of the file change: size, inode, and both times. */
  stamp: string;
}

export const factsOf = (facts: Stats): FileFacts => ({
  kind: facts.isDirectory() ? 'folder' : 'file',
  bytes: facts.size,
  modifiedAt: facts.mtimeMs,
  // Some file systems do not know the first; copies bring the second along from an older file.
  createdAt: facts.birthtimeMs > 0 ? Math.min(facts.birthtimeMs, facts.mtimeMs) : facts.mtimeMs,
  stamp: `${facts.size}-${facts.ino}-${facts.mtimeMs}-${facts.ctimeMs}`,
});

/** One line of a listing; undefined for what is not shown. */
export async function entryOf(
  anchor: Anchor,
  name: string,
  leftOut: (name: string, reason: string) => void,
): Promise<FolderEntry | undefined> {
  const fault = name === name.normalize('NFC') ? nameFault(name) : 'the name is not in Unicode normal form C';
  if (fault !== undefined) {
    leftOut(name, fault);
    return undefined;
  }
  const facts = await lstat(anchor.place(name)).catch((error: unknown) => {
    // Gone since the folder was read.
    if (isAbsence(error)) return undefined;
    throw error;
  });
  return facts?.isFile() || facts?.isDirectory() ? { name, ...factsOf(facts) } : undefined;
}
