import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fail } from '../model/errors.ts';
import type { Log } from '../model/log.ts';

const KEY_BYTES = 32;

/** Reads the key that signs JWTs from `<data>/keys/jwt.key`; draws it at the first start. Only its owner may read it. */
export function readJwtKey(dataFolder: string, log: Log): Buffer {
  const file = join(dataFolder, 'keys', 'jwt.key');
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, randomBytes(KEY_BYTES), { mode: 0o600, flag: 'wx' });
  }
  if ((statSync(file).mode & 0o077) !== 0) {
    log.warn({ file }, 'others could read the signing key; its mode was set to 0600');
    chmodSync(file, 0o600);
  }
  const key = readFileSync(file);
  if (key.length < KEY_BYTES) {
    throw fail(
      'startup',
      `The signing key ${file} has ${key.length} bytes and needs ${KEY_BYTES}. Delete it to have a new one drawn; everyone then signs in again.`,
    );
  }
  return key;
}
