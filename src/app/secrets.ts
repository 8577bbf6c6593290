import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../model/errors.ts';
import type { Json } from '../model/json.ts';

/** Largest secret, in bytes. */
const MOST_BYTES = 64 * 1024;

/**
 * Reads secrets of workflows: one file each in `folder`, named as the definition names them. A file that holds a JSON
 * object or array gives that, any other its text without the last line break.
 */
export const createSecrets =
  (folder: string) =>
  async (name: string): Promise<Json> => {
    // The name comes from a definition, so only plain names reach the disk.
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
      throw fail(
        'workflow-failed',
        `Secret "${name}" cannot exist: names are letters, digits, dots, dashes and underscores, 64 at most.`,
      );
    }
    const bytes = await readFile(join(folder, name)).catch(() => undefined);
    if (!bytes)
      throw fail(
        'workflow-failed',
        `There is no secret "${name}": put its value into a file of that name in the secrets folder of the server.`,
      );
    if (bytes.length > MOST_BYTES)
      throw fail('workflow-failed', `Secret "${name}" is larger than ${MOST_BYTES} bytes.`);
    const text = bytes.toString('utf8').replace(/\r?\n$/, '');
    if (!/^\s*[[{]/.test(text)) return text;
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  };
