import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fail } from '../model/errors.ts';
import type { Log } from '../model/log.ts';

const KEY_BYTES = 32;

/** The key that signs JWTs, `<data>/keys/jwt.key`. */
export const readJwtKey = (dataFolder: string, log: Log): Buffer =>
  readKey(join(dataFolder, 'keys', 'jwt.key'), 'everyone then signs in again', log);

/** The key that secret parameters of jobs are sealed with, `<data>/keys/seal.key`. */
export const readSealKey = (dataFolder: string, log: Log): Buffer =>
  readKey(join(dataFolder, 'keys', 'seal.key'), 'unfinished jobs with secret parameters then fail', log).subarray(
    0,
    KEY_BYTES,
  );

/** The key behind addresses of results that need no sign-in, `<data>/keys/link.key`. */
export const readLinkKey = (dataFolder: string, log: Log): Buffer =>
  readKey(join(dataFolder, 'keys', 'link.key'), 'addresses of results that were given out then lead nowhere', log);

/** Reads a key, and draws it at the first start. Only its owner may read it. */
function readKey(file: string, withoutIt: string, log: Log): Buffer {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, randomBytes(KEY_BYTES), { mode: 0o600, flag: 'wx' });
  }
  if ((statSync(file).mode & 0o077) !== 0) {
    log.warn({ file }, 'others could read a key; its mode was set to 0600');
    chmodSync(file, 0o600);
  }
  const key = readFileSync(file);
  if (key.length < KEY_BYTES) {
    throw fail(
      'startup',
      `The key ${file} has ${key.length} bytes and needs ${KEY_BYTES}. Delete it to have a new one drawn; ${withoutIt}.`,
    );
  }
  return key;
}
