import { fail } from '../../model/errors.ts';
import type { Token } from '../../model/principal.ts';
import type { Store } from '../../store.ts';
import type { Base, Sync } from './base.ts';
import { orNull } from './rows.ts';

interface TokenRow {
  id: number;
  hash: string;
  name: string;
  user: string;
  prefix: string;
  scopes: string | null;
  enabled: 0 | 1;
  created_at: number;
  expires_at: number | null;
}

const tokenOf = (row: TokenRow): Token => ({
  id: row.id,
  name: row.name,
  user: row.user,
  hash: row.hash,
  prefix: row.prefix,
  ...(row.scopes === null ? {} : { scopes: JSON.parse(row.scopes) }),
  enabled: row.enabled === 1,
  createdAt: row.created_at,
  ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
});

export function tokenWrites(base: Base): Sync<Pick<Store, 'insertToken' | 'deleteToken'>> {
  const userExists = base.read('SELECT 1 FROM users WHERE name = ?');
  const insert = base.write<TokenRow>(
    `INSERT INTO tokens (hash, name, user, prefix, scopes, enabled, created_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING *`,
  );
  const remove = base.write('DELETE FROM tokens WHERE id = ?');
  return {
    insertToken(token) {
      if (!userExists.get(token.user)) throw fail('not-found', `There is no user ${token.user}.`);
      const scopes = token.scopes ? JSON.stringify(token.scopes) : null;
      const enabled = token.enabled ? 1 : 0;
      const times = [token.createdAt, orNull(token.expiresAt)];
      return tokenOf(insert.get(token.hash, token.name, token.user, token.prefix, scopes, enabled, ...times)!);
    },
    deleteToken(id) {
      if (remove.run(id) === 0) throw fail('not-found', `There is no token ${id}.`);
    },
  };
}

export function tokenReads(base: Base): Sync<Pick<Store, 'findToken' | 'listTokens'>> {
  const find = base.read<TokenRow>('SELECT * FROM tokens WHERE hash = ?');
  const list = base.read<TokenRow>('SELECT * FROM tokens ORDER BY id');
  const listOf = base.read<TokenRow>('SELECT * FROM tokens WHERE user = ? ORDER BY id');
  return {
    findToken(hash) {
      const row = find.get(hash);
      return row && tokenOf(row);
    },
    listTokens: (user) => (user === undefined ? list.all() : listOf.all(user)).map(tokenOf),
  };
}
