import { constants } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tooLarge } from './disk-errors.ts';
import type { RepositoryPath } from './safe-path.ts';

/**
 * Writes a new file and syncs it, then does what is left to do with it; when anything fails, the file is removed. Gives
 * its bytes. @throws too-large
 */
export async function writeNew(
  place: string,
  content: Uint8Array | AsyncIterable<Uint8Array>,
  { path, maxBytes, mode }: { path: RepositoryPath; maxBytes: number; mode: number },
  then: () => Promise<void> = async () => {},
): Promise<number> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  let handle: FileHandle | undefined = await open(place, flags, mode);
  try {
    const bytes = await writeAll(handle, content, path, maxBytes);
    await handle.sync();
    await handle.close();
    handle = undefined;
    await then();
    return bytes;
  } catch (error) {
    await handle?.close();
    await unlink(place).catch(() => {});
    throw error;
  }
}

/** Writes everything, at most `maxBytes`; gives the bytes. @throws too-large */
async function writeAll(
  handle: FileHandle,
  content: Uint8Array | AsyncIterable<Uint8Array>,
  path: RepositoryPath,
  maxBytes: number,
): Promise<number> {
  let written = 0;
  const put = async (chunk: Uint8Array): Promise<void> => {
    written += chunk.length;
    if (written > maxBytes) throw tooLarge(path, maxBytes);
    await handle.writeFile(chunk);
  };
  if (content instanceof Uint8Array) await put(content);
  else for await (const chunk of content) await put(chunk);
  return written;
}
