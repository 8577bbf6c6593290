import { hashPassword, makePassword, verifyPassword } from '../engine/passwords.ts';
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
 * the configuration the administrator has exactly that, at every start.
 */
export async function ensureAdmin(
  store: Store,
  password: string | undefined,
  now: number,
): Promise<FirstStart | undefined> {
  const known = await store.findUser(ADMIN);
  if (known) {
    if (password !== undefined && !(await verifyPassword(password, known.passwordHash))) {
      await store.saveUser(
        { ...known, passwordHash: await hashPassword(password), revision: known.revision + 1 },
        'old',
      );
    }
    return undefined;
  }
  if ((await store.listUsers()).length > 0 && password === undefined) return undefined;
  const drawn = password ?? makePassword();
  await store.saveUser(
    {
      name: ADMIN,
      passwordHash: await hashPassword(drawn),
      roles: ['admin'],
      groups: [],
      enabled: true,
      createdAt: now,
      revision: 1,
    },
    'new',
  );
  return password === undefined ? { user: ADMIN, password: drawn } : { user: ADMIN };
}
