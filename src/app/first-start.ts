import { hashPassword, makePassword, verifyPassword } from '../engine/passwords.ts';
import type { User } from '../model/principal.ts';
import type { Store } from '../store.ts';

/** Name of the account that a new installation has. */
export const ADMIN = 'admin';

export interface FirstStart {
  user: string;
  /** Present when it was drawn just now; it is kept nowhere in clear. */
  password?: string;
}

/**
 * Makes the administrator of a new installation; answers undefined when there are users already. With `password` from
 * the configuration the administrator has exactly that, at every start. `vouch` spares the first sign-in, which mostly
 * comes at once, the hash that was just computed here.
 */
export async function ensureAdmin(
  store: Store,
  password: string | undefined,
  now: number,
  vouch: (user: User, password: string) => void,
): Promise<FirstStart | undefined> {
  const known = await store.findUser(ADMIN);
  if (known) {
    if (password !== undefined) vouch(await withPassword(store, known, password), password);
    return undefined;
  }
  if ((await store.listUsers()).length > 0 && password === undefined) return undefined;
  const drawn = password ?? makePassword();
  const user: User = {
    name: ADMIN,
    passwordHash: await hashPassword(drawn),
    roles: ['admin'],
    groups: [],
    enabled: true,
    createdAt: now,
    revision: 1,
  };
  await store.saveUser(user, 'new');
  vouch(user, drawn);
  return password === undefined ? { user: ADMIN, password: drawn } : { user: ADMIN };
}

async function withPassword(store: Store, user: User, password: string): Promise<User> {
  if (await verifyPassword(password, user.passwordHash)) return user;
  const changed = { ...user, passwordHash: await hashPassword(password), revision: user.revision + 1 };
  await store.saveUser(changed, 'old');
  return changed;
}
