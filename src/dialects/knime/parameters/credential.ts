import { isJsonObject, type Json, type JsonObject } from '../../../model/json.ts';
import { typesOf } from './kinds.ts';
import { ValueError } from './parameter-error.ts';

/** What stands for a password wherever a job is shown (reference section 9.1, `configuration`). */
export const HIDDEN = '*************';

/**
 * Credentials: `{"isEncrypted":false,"credentials":[{"id","user","password"}]}`, or as old nodes have them
 * `{"username","password"}`. A workflow gets one of them as an object, or all as a list where its schema says `array`. No
 * message ever shows what was sent.
 */
export function readCredentials(value: Json, schema: JsonObject): Json {
  const found = credentialsIn(value);
  if (typesOf(schema).includes('array')) return found;
  if (found.length === 1) return found[0]!;
  throw new ValueError(`one entry is accepted in "credentials"; there are ${found.length}.`);
}

function credentialsIn(value: Json): JsonObject[] {
  if (!isJsonObject(value)) throw malformed();
  if (value['isEncrypted'] === true) {
    throw new ValueError('encrypted credentials cannot be read here; send "isEncrypted": false over HTTPS.');
  }
  const { credentials } = value;
  if (credentials !== undefined && !Array.isArray(credentials)) throw malformed();
  return (credentials ?? [value]).map((entry) => {
    if (!isJsonObject(entry)) throw malformed();
    const { id, password } = entry;
    const user = entry['user'] ?? entry['username'] ?? null;
    if (user === null && password === undefined) throw malformed();
    if (![id, user, password].every((text) => text === undefined || text === null || typeof text === 'string')) {
      throw new ValueError('"id", "user" and "password" are texts.');
    }
    return { ...(typeof id === 'string' ? { id } : {}), user: user ?? '', password: password ?? '' };
  });
}

const malformed = (): ValueError =>
  new ValueError('accepted is {"isEncrypted":false,"credentials":[{"id":"…","user":"…","password":"…"}]}.');

/** As clients read them; passwords never. */
export function writeCredentials(value: Json): Json {
  const entries = (Array.isArray(value) ? value : [value]).map((entry) => {
    const { id, user } = isJsonObject(entry) ? entry : {};
    return { id: id ?? '', user: user ?? '', password: HIDDEN };
  });
  return { isEncrypted: false, credentials: entries };
}

/** Whether a value was read from a job that hides its secrets: what was not shown cannot be sent back. */
export function holdsHidden(value: Json): boolean {
  if (Array.isArray(value)) return value.some(holdsHidden);
  return isJsonObject(value) ? Object.values(value).some(holdsHidden) : value === HIDDEN;
}
