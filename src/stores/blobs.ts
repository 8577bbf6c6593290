import { createHash, randomUUID } from 'node:crypto';
import { statSync, unlinkSync, utimesSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../model/errors.ts';
import type { Blobs } from '../store.ts';

const TEMPORARY = 'tmp';

/**
 * Content-addressed files in a folder: `ab/cdef…` by the SHA-256 of the bytes. A file is complete under its name or not
 * there: it is written beside, synced, then renamed. What a killed server left half written is cleared at start.
 */
export async function createBlobs(folder: string): Promise<Blobs> {
  const temporary = join(folder, TEMPORARY);
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true, mode: 0o700 });

  const path = (blob: string): string => {
    if (!/^[0-9a-f]{64}$/.test(blob)) throw fail('not-found', 'There is no such file.');
    return join(folder, blob.slice(0, 2), blob.slice(2));
  };

  /** True when the content is there already; it counts as new again, so that no sweep takes it away under its user. */
  const touch = (file: string): boolean => {
    try {
      utimesSync(file, new Date(), new Date());
      return true;
    } catch {
      return false;
    }
  };

  return {
    path,

    async put(source, maxBytes) {
      const part = join(temporary, randomUUID());
      try {
        const { hash, bytes } = await write(part, source, maxBytes);
        const file = path(hash);
        if (touch(file)) await rm(part);
        else await place(part, file);
        return { blob: hash, bytes };
      } catch (error) {
        await rm(part, { force: true });
        throw asFull(error);
      }
    },

    async open(blob, range) {
      const handle = await open(path(blob), 'r').catch((error) => {
        throw missing(error);
      });
      return handle.createReadStream({ ...range });
    },

    async size(blob) {
      const found = await stat(path(blob)).catch(() => undefined);
      return found?.size;
    },

    async sweep(olderThan, unreferenced) {
      let deleted = 0;
      for (const first of await readdir(folder)) {
        if (!/^[0-9a-f]{2}$/.test(first)) continue;
        const names = await readdir(join(folder, first));
        const old = [];
        for (const name of names) {
          const found = await stat(join(folder, first, name)).catch(() => undefined);
          if (found && found.mtimeMs < olderThan) old.push(first + name);
        }
        if (old.length === 0) continue;
        for (const blob of await unreferenced(old)) {
          if (unlinkIfOld(path(blob), olderThan)) deleted++;
        }
      }
      return deleted;
    },
  };

  async function place(part: string, file: string): Promise<void> {
    const parent = join(file, '..');
    const made = await mkdir(parent, { recursive: true, mode: 0o700 });
    await rename(part, file);
    await sync(parent);
    if (made !== undefined) await sync(folder);
  }
}

// In one turn of the event loop, as `touch` is: between the look and the deletion nobody can come to rely on it.
function unlinkIfOld(file: string, olderThan: number): boolean {
  try {
    if (statSync(file).mtimeMs >= olderThan) return false;
    unlinkSync(file);
    return true;
  } catch {
    return false;
  }
}

async function write(
  file: string,
  source: Uint8Array | AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<{ hash: string; bytes: number }> {
  const handle = await open(file, 'wx', 0o600);
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of source instanceof Uint8Array ? [source] : source) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw fail('too-large', `The file is larger than the ${maxBytes} bytes that are allowed.`);
      hash.update(chunk);
      await writeAll(handle, chunk);
    }
    await handle.sync();
    return { hash: hash.digest('hex'), bytes };
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.byteLength; ) at += (await handle.write(chunk, at)).bytesWritten;
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? '';

function asFull(cause: unknown): unknown {
  if (codeOf(cause) === 'ENOSPC' || codeOf(cause) === 'EDQUOT') {
    return fail('disk-full', { detail: 'There is no room left for the file; nothing was kept of it.', cause });
  }
  if (['EIO', 'EROFS', 'EFBIG', 'EACCES', 'EPERM', 'EMFILE', 'ENFILE'].includes(codeOf(cause))) {
    return fail('store-unavailable', {
      detail: 'The data folder cannot be written; nothing was kept of the file.',
      cause,
    });
  }
  return cause;
}

const missing = (cause: unknown): unknown =>
  codeOf(cause) === 'ENOENT' ? fail('not-found', { detail: 'There is no such file.', cause }) : cause;
