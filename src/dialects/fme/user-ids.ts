import { createHash } from 'node:crypto';
import type { DialectContext } from '../../dialect.ts';
import type { Principal } from '../../model/principal.ts';

/** Names are hashed below it (RFC 9562, 5.5), so that the same user has the same id for ever, on every server. */
const NAMESPACE = Buffer.from('a3c1f0de5b7e4d0f9a0c6d3f1b2e4c58', 'hex');

/** The UUID a user has there; ours have names only. */
export function userId(name: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The user behind an id, as far as the caller may know of users. */
export async function userWithId(
  { engine }: DialectContext,
  principal: Principal,
  id: string,
): Promise<string | undefined> {
  const wanted = id.toLowerCase();
  if (userId(principal.name) === wanted) return principal.name;
  if (!principal.roles.includes('admin')) return undefined;
  return (await engine.accounts.listUsers(principal)).find(({ name }) => userId(name) === wanted)?.name;
}
