import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Who listens on a TCP port of this machine, as far as /proc tells (Linux; of other accounts only to root). */
export function portOwner(port: number): { pid: number; name: string } | undefined {
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeners(table, port)));
  if (inodes.size === 0) return undefined;
  for (const pid of entries('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    for (const fd of entries(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${fd}`))?.[1];
      if (inode !== undefined && inodes.has(inode)) return { pid: Number(pid), name: read(`/proc/${pid}/comm`).trim() };
    }
  }
  return undefined;
}

// Columns of the table: number, local address, remote address, state (0A: listening), …, inode (the tenth).
function listeners(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return read(table)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === '0A' && columns[1]?.endsWith(`:${wanted}`))
    .map((columns) => columns[9]!);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function link(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
