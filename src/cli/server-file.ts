import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How a server that runs is found from its data folder. */
export interface ServerFile {
  url: string;
  pid: number;
  version: string;
  /** ISO 8601. */
  startedAt: string;
}

const addressFile = (data: string): string => join(data, 'server.json');
const tokenFile = (data: string): string => join(data, 'control.token');

/** Leaves address and control token for commands of the same account on this machine (both files 0600). */
export function writeServerFiles(data: string, server: ServerFile, controlToken: string | undefined): void {
  replace(addressFile(data), `${JSON.stringify(server, null, 2)}\n`);
  if (controlToken !== undefined) replace(tokenFile(data), `${controlToken}\n`);
}

export function removeServerFiles(data: string): void {
  rmSync(addressFile(data), { force: true });
  rmSync(tokenFile(data), { force: true });
}

/** The server that uses this data folder, if it is alive. A file left by a killed server is not taken for one. */
export function findServer(data: string): (ServerFile & { controlToken: string | undefined }) | undefined {
  const text = readIfThere(addressFile(data));
  if (text === undefined) return undefined;
  try {
    const server = JSON.parse(text) as ServerFile;
    if (!isAlive(server.pid)) return undefined;
    return { ...server, controlToken: readIfThere(tokenFile(data))?.trim() };
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to another account.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

// Written beside and renamed, so that no reader sees half of it, and never with wider rights than its own.
function replace(file: string, text: string): void {
  const fresh = `${file}.new`;
  rmSync(fresh, { force: true });
  writeFileSync(fresh, text, { mode: 0o600, flag: 'wx' });
  chmodSync(fresh, 0o600);
  renameSync(fresh, file);
}
