import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Principal, Token, User } from '../model/principal.ts';
import type { Store } from '../store.ts';
import type { Attempts } from './attempts.ts';
import { impossibleHash, verifyPassword } from './passwords.ts';

/** Tells who a credential belongs to. */
export interface Credentials {
  /**
   * The user of that name and password; undefined when they do not fit. Unknown names cost the same time as known ones.
   * Throws `too-many-requests`.
   */
  checkPassword(name: string, password: string, address: string): Promise<Principal | undefined>;
  /** The user of an API token, with the token's scopes. */
  checkToken(secret: string): Promise<Principal | undefined>;
  /** The user of that name, if it is enabled and nothing about it changed since `revision`. */
  principalOf(name: string, revision: number): Promise<Principal | undefined>;
  revisionOf(name: string): Promise<number | undefined>;
  /** Counts up whenever a user or token changes: what was verified before does not count any more. */
  readonly generation: number;
  /** Believes a user and its password without a check: for who has just set the one or verified the other. */
  vouch(user: User, password: string): void;
  /** Forgets what was verified; call it when a user or token changes. */
  forget(): void;
}

/** A verified credential is believed for so long after its last use, unless `forget` is called; in milliseconds. */
const BELIEVED_MS = 60_000;
const MOST_REMEMBERED = 10_000;

export const principalFrom = ({ name, roles, groups }: User): Principal => ({ name, roles, groups });
export const tokenHash = (secret: string): string => createHash('sha256').update(secret).digest('hex');

export function createCredentials(parts: {
  store: Store;
  attempts: Attempts;
  /** Bearer token of the local administrator, kept in memory only. */
  controlToken: string;
  clock: () => number;
}): Credentials {
  const { store, attempts, clock } = parts;
  const controlHash = tokenHash(parts.controlToken);
  // scrypt is slow on purpose; what it verified is remembered under a keyed hash that is useless outside this process.
  const key = randomBytes(32);
  const verified = new Map<string, { principal: Principal; until: number }>();
  const tokens = new Map<string, { token: Token; principal: Principal; until: number }>();
  const verifying = new Map<string, Promise<Principal | undefined>>();
  let forgotten = 0;
  // Unknown names are checked against it, so that they take as long as known ones.
  const decoy = impossibleHash();

  const remember = <T>(map: Map<string, T>, id: string, value: T) => {
    if (map.size >= MOST_REMEMBERED) map.clear();
    map.set(id, value);
  };

  const idOf = (name: string, password: string): string =>
    createHmac('sha256', key).update(`${name.length}:${name}${password}`).digest('base64');

  const verify = (id: string, name: string, password: string): Promise<Principal | undefined> => {
    const age = forgotten;
    const done = verifyNow(name, password)
      .then((principal) => {
        // A change that came meanwhile may have been to this very user.
        if (principal && age === forgotten) remember(verified, id, { principal, until: clock() + BELIEVED_MS });
        return principal;
      })
      .finally(() => verifying.delete(id));
    verifying.set(id, done);
    return done;
  };

  const verifyNow = async (name: string, password: string): Promise<Principal | undefined> => {
    const user = await store.findUser(name);
    const fits = await verifyPassword(password, user?.passwordHash ?? decoy);
    return fits && user?.enabled ? principalFrom(user) : undefined;
  };

  return {
    async checkPassword(name, password, address) {
      const id = idOf(name, password);
      const known = verified.get(id);
      if (known && known.until > clock()) {
        known.until = clock() + BELIEVED_MS;
        return known.principal;
      }
      attempts.check(name, address);
      // Many connections that open at once with one credential cost one verification, not one each.
      const under = verifying.get(id) ?? verify(id, name, password);
      const principal = await under;
      if (principal) attempts.succeeded(name, address);
      else attempts.failed(name, address);
      return principal;
    },
    async checkToken(secret) {
      const hash = tokenHash(secret);
      if (hash === controlHash) return { name: 'admin', roles: ['admin'], groups: [] };
      const now = clock();
      const known = tokens.get(hash);
      if (known && known.until > now) return known.principal;
      const token = await store.findToken(hash);
      if (!token?.enabled || (token.expiresAt !== undefined && token.expiresAt <= now)) return undefined;
      const user = await store.findUser(token.user);
      if (!user?.enabled) return undefined;
      const principal: Principal = { ...principalFrom(user), ...(token.scopes ? { scopes: token.scopes } : {}) };
      remember(tokens, hash, {
        token,
        principal,
        until: Math.min(now + BELIEVED_MS, token.expiresAt ?? Number.POSITIVE_INFINITY),
      });
      return principal;
    },
    async principalOf(name, revision) {
      const user = await store.findUser(name);
      return user?.enabled && user.revision === revision ? principalFrom(user) : undefined;
    },
    vouch(user, password) {
      if (!user.enabled) return;
      const principal = principalFrom(user);
      remember(verified, idOf(user.name, password), { principal, until: clock() + BELIEVED_MS });
    },
    revisionOf: async (name) => (await store.findUser(name))?.revision,
    get generation() {
      return forgotten;
    },
    forget() {
      forgotten += 1;
      verified.clear();
      verifying.clear();
      tokens.clear();
    },
  };
}
