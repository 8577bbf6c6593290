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
  description: string | null;
  scopes: string | null;
  enabled: 0 | 1;
  created_at: number;
  updated_at: number;
  expires_at: number | null;
}

const tokenOf = (row: TokenRow): Token => ({
  id: row.id,
  name: row.name,
  user: row.user,
  hash: row.hash,
  prefix: row.prefix,
  ...(row.description === null ? {} : { description: row.description }),
  ...(row.scopes === null ? {} : { scopes: JSON.parse(row.scopes) }),
  enabled: row.enabled === 1,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
});

const settings = ({ description, scopes, enabled }: Omit<Token, 'id'>) => [
  orNull(description),
  scopes ? JSON.stringify(scopes) : null,
  enabled ? 1 : 0,
];
const times = ({ updatedAt, expiresAt }: Omit<Token, 'id'>) => [updatedAt, orNull(expiresAt)];

export function tokenWrites(
  base: Base,
): Sync<Pick<Store, 'insertToken' | 'updateToken' | 'deleteToken' | 'pruneTokens'>> {
  const userExists = base.read('SELECT 1 FROM users WHERE name = ?');
  const insert = base.write<TokenRow>(
    `INSERT INTO tokens (hash, name, user, prefix, description, scopes, enabled, created_at, updated_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *`,
  );
  const named = base.read('SELECT 1 FROM tokens WHERE user = ? AND name = ?');
  const update = base.write(
    'UPDATE tokens SET name = ?, description = ?, scopes = ?, enabled = ?, updated_at = ?, expires_at = ? WHERE id = ?',
  );
  const remove = base.write('DELETE FROM tokens WHERE id = ?');
  const prune = base.write(
    `DELETE FROM tokens WHERE id IN (
       SELECT id FROM tokens INDEXED BY tokens_expiring WHERE expires_at IS NOT NULL AND expires_at < ?
       ORDER BY expires_at LIMIT ?)`,
  );
  return {
    insertToken(token, options) {
      const { hash, name, user, prefix, createdAt } = token;
      if (!userExists.get(user)) throw fail('not-found', `There is no user ${user}.`);
      if (options?.uniqueName && named.get(user, name)) throw fail('exists', `${user} has a token ${name} already.`);
      return tokenOf(insert.get(hash, name, user, prefix, ...settings(token), createdAt, ...times(token))!);
    },
    updateToken(token) {
      if (update.run(token.name, ...settings(token), ...times(token), token.id) > 0) return;
      throw fail('not-found', `There is no token ${token.id}.`);
    },
    deleteToken(id) {
      if (remove.run(id) === 0) throw fail('not-found', `There is no token ${id}.`);
    },
    pruneTokens: ({ before, max }) => prune.run(before, max),
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
