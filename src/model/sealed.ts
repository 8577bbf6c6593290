import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { fail } from './errors.ts';
import { isJsonObject, type Json } from './json.ts';

/**
 * Secret values of an input. At rest each is sealed (AES-256-GCM under a key of the installation), so that neither the
 * database nor anything that shows a job has it in clear; only the thread that runs the job opens it.
 */
export interface Sealer {
  /**
   * The JSON text of a value in which every member of one of these names, at any depth, is sealed. What looks sealed
   * already is refused with `invalid-workflow-input`: a value copied from elsewhere would be opened for a run that it was
   * not sealed for. `text`: the value as JSON without escapes, where that is at hand.
   */
  seal(value: Json, names: ReadonlySet<string>, text?: string): string;
  /** A copy in which everything sealed is open again, and the secrets in it. */
  open(value: Json): { value: Json; secrets: Json[] };
}

/** The one member of an object that stands for a sealed value. */
const MARK = '$sealed';
const VERSION = 'v1.';
const ALGORITHM = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;

/** `key`: 32 bytes. */
export function createSealer(key: Uint8Array): Sealer {
  const sealOne = (value: Json): Json => {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv(ALGORITHM, key, nonce);
    const text = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
    return { [MARK]: VERSION + Buffer.concat([nonce, text, cipher.getAuthTag()]).toString('base64url') };
  };

  const openOne = (text: string): Json => {
    const bytes = Buffer.from(text.slice(VERSION.length), 'base64url');
    try {
      const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE));
      decipher.setAuthTag(bytes.subarray(-TAG));
      const open = Buffer.concat([decipher.update(bytes.subarray(NONCE, -TAG)), decipher.final()]);
      return JSON.parse(open.toString('utf8'));
    } catch (cause) {
      const detail =
        'A secret in the input of the job cannot be opened: the key it was sealed with is not there any more.';
      throw fail('unavailable-feature', { detail, cause });
    }
  };

  return {
    seal(value, names, text = JSON.stringify(value)) {
      if (maySeal(text) && holdsSealed(value)) throw refusal();
      return names.size === 0 ? text : JSON.stringify(sealWithin(value, names, sealOne));
    },
    open(value) {
      const secrets: Json[] = [];
      const open = replaceSealed(value, (text) => {
        const secret = openOne(text);
        secrets.push(secret);
        return secret;
      });
      return { value: open, secrets };
    },
  };
}

const refusal = () =>
  fail('invalid-workflow-input', `An object whose only member is "${MARK}" cannot be part of an input.`);

/** The text of a sealed value; undefined for every other object. */
function sealedText(value: { [key: string]: Json }): string | undefined {
  const text = value[MARK];
  const isSealed = typeof text === 'string' && text.startsWith(VERSION) && Object.keys(value).length === 1;
  return isSealed ? text : undefined;
}

function holdsSealed(value: Json): boolean {
  if (Array.isArray(value)) return value.some(holdsSealed);
  if (!isJsonObject(value)) return false;
  if (sealedText(value) !== undefined) return true;
  for (const name in value) if (holdsSealed(value[name]!)) return true;
  return false;
}

/** A copy in which something else stands for everything sealed. */
export const hideSealed = (value: Json, shown: Json): Json => replaceSealed(value, () => shown);

/**
 * A new value in which `hidden` means the secret that stood there before: clients send back what they were shown.
 * `before` with its secrets, and as it was shown.
 */
export function keepHidden(value: Json, before: { open: Json; shown: Json }, hidden: Json): Json {
  const { open, shown } = before;
  if (value === hidden && shown === hidden) return open;
  if (Array.isArray(value) && Array.isArray(open) && Array.isArray(shown)) {
    return value.map((item, at) => keepHidden(item, { open: open[at] ?? null, shown: shown[at] ?? null }, hidden));
  }
  if (!isJsonObject(value) || !isJsonObject(open) || !isJsonObject(shown)) return value;
  return mapMembers(value, (item, name) =>
    keepHidden(item, { open: open[name] ?? null, shown: shown[name] ?? null }, hidden),
  );
}

/** Whether JSON text may have sealed values in it; most has none and need not be walked. */
// Without its quotes: text is searched by the first character, and a quote is in every second place.
export const maySeal = (json: string): boolean => json.includes(MARK);

function sealWithin(value: Json, names: ReadonlySet<string>, seal: (value: Json) => Json): Json {
  if (Array.isArray(value)) return value.map((item) => sealWithin(item, names, seal));
  if (!isJsonObject(value)) return value;
  return mapMembers(value, (item, name) =>
    names.has(name) && item !== null ? seal(item) : sealWithin(item, names, seal),
  );
}

function replaceSealed(value: Json, replace: (text: string) => Json): Json {
  if (Array.isArray(value)) return value.map((item) => replaceSealed(item, replace));
  if (!isJsonObject(value)) return value;
  const text = sealedText(value);
  if (text !== undefined) return replace(text);
  return mapMembers(value, (item) => replaceSealed(item, replace));
}

const mapMembers = (value: { [key: string]: Json }, map: (item: Json, name: string) => Json): Json =>
  Object.fromEntries(Object.entries(value).map(([name, item]) => [name, map(item, name)]));
