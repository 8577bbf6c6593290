import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../../model/errors.ts';
import { openDatabase } from './driver.ts';

/** Who has a data folder open. */
export interface Holder {
  pid: number;
  startedAt: string;
}

const holderFile = (folder: string): string => join(folder, 'server.json');

/**
 * Takes a data folder for this process alone; throws `startup` naming the process that has it. The lock is SQLite's own
 * exclusive lock on an empty database beside the real one: the system drops it when the process ends, however it ends,
 * so there is never a stale one to clear away.
 */
export function lockFolder(folder: string): { release(): void } {
  const lock = openDatabase(join(folder, 'server.lock'), { timeout: 0 });
  try {
    lock.pragma('journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
    throw fail('startup', { detail: inUse(folder, findHolder(folder)), cause: error });
  }
  const holder: Holder = { pid: process.pid, startedAt: new Date().toISOString() };
  writeFileSync(holderFile(folder), `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  return {
    release() {
      rmSync(holderFile(folder), { force: true });
      lock.exec('ROLLBACK');
      lock.close();
    },
  };
}

/** What the last server wrote about itself; it may have ended since without taking it back. */
export function findHolder(folder: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(holderFile(folder), 'utf8')) as Holder;
    return Number.isInteger(holder.pid) ? holder : undefined;
  } catch {
    return undefined;
  }
}

function inUse(folder: string, holder: Holder | undefined): string {
  const who = holder ? `process ${holder.pid} (since ${holder.startedAt})` : 'another process';
  return `The data folder ${folder} is in use by ${who}. Stop that server first, or choose another folder (MILLRACE_DATA).`;
}
