import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { constants, lstatSync, readdirSync } from 'node:fs';
import { copyFile, lstat, mkdir, realpath, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { fail } from '../model/errors.ts';
import { isSafeName } from '../model/file-names.ts';
import type { ProcessRequest, ProcessResult } from '../model/process.ts';

/** Files one run may leave; more than that is a mistake, and each costs a row. */
const mostFiles = 1_000;

/** Makes the folder of this server's runs below `workFolder`, and gives its real path. */
export async function makeServerFolder(workFolder: string, name: string): Promise<string> {
  const folder = join(workFolder, name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return checkedFolder(folder);
}

/** The real path of a folder that Node's permission flags are to open. Throws `configuration`. */
export async function checkedFolder(folder: string): Promise<string> {
  const real = await realpath(folder);
  // The flags take a list with commas, and `*` as a pattern: such a path would open more than itself.
  if (/[,*]/.test(real)) {
    throw fail('configuration', `The folder for processes, ${real}, must not have a comma or an asterisk in its path.`);
  }
  return real;
}

/** Makes a private folder with an unguessable name. */
export async function makePrivateFolder(parent: string): Promise<string> {
  const folder = join(parent, randomBytes(9).toString('hex'));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/**
 * Prepares a run's folder: an empty `out/`, and `in/` with a copy of each input file. A folder that the run before left
 * as it found it is taken as it is: for a small script, making and removing folders would cost more than the script.
 */
export async function prepareRunFolder(folder: string, request: ProcessRequest): Promise<void> {
  if (!isUntouched(folder)) await mkdir(join(folder, 'out'), { recursive: true, mode: 0o700 });
  const inputs = request.inputFiles ?? [];
  if (inputs.length === 0) return;
  await mkdir(join(folder, 'in'), { mode: 0o700 });
  for (const { name, path } of inputs) {
    if (!isSafeName(name)) {
      throw fail('invalid-path', `An input file cannot be named ${JSON.stringify(name)}: one plain name is needed.`);
    }
    // A reflink where the file system has them; never over an existing file (two inputs of the same name).
    await copyFile(path, join(folder, 'in', name), constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  }
}

/** True for a run's folder with nothing in it but an empty `out/`. */
export function isUntouched(folder: string): boolean {
  const names = listFolder(folder);
  return names.length === 1 && names[0] === 'out' && isEmptyFolder(join(folder, 'out'));
}

const isEmptyFolder = (path: string): boolean => isRealFolder(path) && listFolder(path).length === 0;

/** False also for a link to a folder, by which code could lead us elsewhere. */
const isRealFolder = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** Names in a folder; none for what is not a folder, is a link to one, or cannot be read. */
function listFolder(path: string): string[] {
  try {
    return isRealFolder(path) ? readdirSync(path) : [];
  } catch {
    return [];
  }
}

/**
 * Takes the files a run left in its `out/` folder: plain files with a safe name and no other hard link. The folder is
 * moved away first, to `keep`, so that later code in the same process can neither see nor change them.
 */
export async function takeFiles(folder: string, keep: string): Promise<ProcessResult['files']> {
  const out = join(folder, 'out');
  const names = listFolder(out);
  if (names.length === 0) return [];
  await rename(out, keep);
  const files: ProcessResult['files'] = [];
  for (const name of names.sort()) {
    if (files.length >= mostFiles) break;
    const path = join(keep, name);
    const file = await lstat(path).catch(() => undefined);
    if (file?.isFile() && file.nlink === 1 && isSafeName(name))
      files.push({ name: basename(path), path, bytes: file.size });
  }
  return files;
}

/**
 * Removes a folder with all in it. Code may have taken away its own rights to it, or nested folders deeper than a path
 * can say: the system's own commands, which go step by step, manage both.
 */
export async function removeFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: 2, retryDelay: 20 });
  } catch {
    await command('chmod', ['-R', 'u+rwX', '--', folder]).catch(() => undefined);
    await command('rm', ['-rf', '--', folder]);
  }
}

const command = promisify(execFile);
