import { accessSync, constants, cpSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadedConfig } from '../config.ts';
import { fail } from '../model/errors.ts';

/** The sample workflows that come with the program. */
const samples = fileURLToPath(new URL('../../workflows', import.meta.url));

// What people and file systems put into a fresh folder.
const harmless = new Set(['secrets', 'lost+found']);
const ours = /^(millrace\.db|server\.lock|blobs)/;

/**
 * Sees that the data and workflows folders can be used, before anything is opened. Makes the data folder (0700). Where
 * no workflows folder was named and there is none, one with the samples is made; answers whether it was.
 * Throws `startup` with the fix.
 */
export function prepareFolders({ config, origins }: LoadedConfig): { samplesCopied: boolean } {
  make(config.data, 'data', 'data');
  checkOurs(config.data);
  if (existsSync(config.workflows)) {
    checkReadable(config.workflows);
    return { samplesCopied: false };
  }
  if (origins['workflows']?.source !== 'default') {
    throw fail(
      'startup',
      `The workflows folder ${config.workflows} does not exist. Create it, or name another with --workflows.`,
    );
  }
  make(config.workflows, 'workflows', 'workflows');
  if (existsSync(samples)) cpSync(samples, config.workflows, { recursive: true });
  return { samplesCopied: existsSync(samples) };
}

function make(folder: string, what: string, flag: string): void {
  try {
    makeWithParents(folder);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    // A folder counts only if it can be listed; a file of that name cannot.
    readdirSync(folder);
  } catch (error) {
    const { code: said, path } = error as NodeJS.ErrnoException;
    // A file in the place of a folder above: versions of Node differ in who notices first.
    const code = said === 'EEXIST' && path !== folder ? 'ENOTDIR' : said;
    const reasons: Record<string, string> = {
      EEXIST: 'is a file',
      ENOTDIR: 'is no folder',
      EROFS: 'is on a read-only file system',
      ENOSPC: 'is on a full disk',
      ENOENT: 'cannot be made: the file system there takes no folders',
    };
    const reason = reasons[code ?? ''] ?? `is not writable by this account (${code})`;
    throw fail('startup', `The ${what} folder ${folder} ${reason}. Correct that, or name another with --${flag}.`);
  }
}

/**
 * Makes a folder and those above it. Not `recursive: true`: where a folder that is there answers that nothing is (`/proc`
 * does), Node tries again and again and never comes back.
 */
function makeWithParents(folder: string): void {
  if (isFolder(folder)) return;
  const parent = dirname(folder);
  if (!isFolder(parent) && parent !== folder) makeWithParents(parent);
  mkdirSync(folder, { mode: 0o700 });
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

function checkReadable(folder: string): void {
  try {
    readdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw fail(
      'startup',
      `The workflows folder ${folder} cannot be read (${code}). Correct that, or name another with --workflows.`,
    );
  }
}

// Someone's own folder, named by mistake, must not fill with our files.
function checkOurs(data: string): void {
  const names = readdirSync(data).filter((name) => !name.startsWith('.') && !harmless.has(name));
  if (names.length === 0 || names.some((name) => ours.test(name))) return;
  const some = names.slice(0, 3).join(', ');
  throw fail(
    'startup',
    `The data folder ${data} holds something else already (${some}). Name an empty or a new folder with --data.`,
  );
}
