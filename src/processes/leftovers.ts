import { randomBytes } from 'node:crypto';
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { markerName } from './environment.ts';
import { removeFolder } from './folders.ts';
import type { ProcessLog } from './options.ts';
import { environmentVariable, isZombie, readProcess, readProcesses, workingFolder } from './proc.ts';
import { send } from './tree.ts';

/** This server's name: pid and start make it unique among living processes, the rest among all that ever were. */
export function serverName(): string {
  const start = readProcess(process.pid)?.start ?? 0;
  return `s-${process.pid}-${start}-${randomBytes(6).toString('hex')}`;
}

/** True while the server of that name lives. */
function lives(name: string): boolean {
  const [, pid, start] = /^s-(\d+)-(\d+)-[0-9a-f]{12}$/.exec(name) ?? [];
  if (pid === undefined) return true;
  const entry = readProcess(Number(pid));
  // Without `/proc` only the number is known: it may be another's by now, then its folder stays for the next time.
  if (!entry) return Number(start) === 0 && send(Number(pid), 0);
  return entry.start === Number(start) && !isZombie(entry);
}

/**
 * Ends what servers that are dead left of their user code, and removes their folders. Only servers that used the same
 * work folder are looked at: their folders tell their names. Gives the pids of the processes that were ended.
 */
export async function reapLeftovers(workFolder: string, log: ProcessLog): Promise<number[]> {
  const names = await readdir(workFolder);
  const dead = names.filter((name) => name.startsWith('s-') && !lives(name));
  if (dead.length === 0) return [];
  const folder = await realpath(workFolder);
  const killed = new Set<number>();
  for (let round = 0; round < 200; round += 1) {
    const left = (await readProcesses()).filter(
      (entry) => entry.pid !== process.pid && !isZombie(entry) && belongsToAny(entry.pid, dead, folder),
    );
    const signalled = left.filter((entry) => send(entry.pid, 'SIGKILL'));
    for (const entry of signalled) killed.add(entry.pid);
    if (signalled.length === 0) break;
    await sleep(10);
  }
  for (const pid of killed) log('warn', 'ended a process that an earlier server left behind', { pid });
  for (const name of dead) {
    // A folder that cannot be removed must not keep the server from starting.
    await removeFolder(join(folder, name)).catch((error: unknown) => {
      log('warn', 'a folder of user code could not be removed', { error });
    });
  }
  return [...killed];
}

function belongsToAny(pid: number, servers: readonly string[], workFolder: string): boolean {
  const marker = environmentVariable(pid, markerName);
  const folder = workingFolder(pid);
  return servers.some((server) => {
    const path = join(workFolder, server);
    return marker?.startsWith(`${server}.`) || folder === path || folder?.startsWith(`${path}/`);
  });
}
