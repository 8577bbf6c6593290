import { fail } from '../../model/errors.ts';
import type { User } from '../../model/principal.ts';
import type { Store } from '../../store.ts';
import type { Base, Sync } from './base.ts';

interface UserRow {
  name: string;
  password_hash: string;
  roles: string;
  enabled: 0 | 1;
  created_at: number;
  revision: number;
}

export function userWrites(base: Base): Sync<Pick<Store, 'saveUser' | 'deleteUser'>> {
  const exists = base.read('SELECT 1 FROM users WHERE name = ?');
  const insert = base.write('INSERT INTO users VALUES (?, ?, ?, ?, ?, ?)');
  const update = base.write(
    'UPDATE users SET password_hash = ?, roles = ?, enabled = ?, created_at = ?, revision = ? WHERE name = ?',
  );
  const groupExists = base.read('SELECT 1 FROM groups WHERE name = ?');
  const leave = base.write('DELETE FROM user_groups WHERE user = ?');
  const join = base.write('INSERT OR IGNORE INTO user_groups VALUES (?, ?)');
  const permissions = base.write(`DELETE FROM permissions WHERE kind = 'user' AND subject = ?`);
  const remove = base.write('DELETE FROM users WHERE name = ?');
  return {
    saveUser(user, expect) {
      const known = exists.get(user.name) !== undefined;
      if (known && expect === 'new') throw fail('exists', `There is a user ${user.name} already.`);
      if (!known && expect === 'old') throw fail('not-found', `There is no user ${user.name}.`);
      for (const group of user.groups) {
        if (!groupExists.get(group)) throw fail('not-found', `There is no group ${group}.`);
      }
      const roles = JSON.stringify(user.roles);
      const enabled = user.enabled ? 1 : 0;
      if (known) update.run(user.passwordHash, roles, enabled, user.createdAt, user.revision, user.name);
      else insert.run(user.name, user.passwordHash, roles, enabled, user.createdAt, user.revision);
      leave.run(user.name);
      for (const group of user.groups) join.run(user.name, group);
    },
    deleteUser(name) {
      permissions.run(name);
      if (remove.run(name) === 0) throw fail('not-found', `There is no user ${name}.`);
    },
  };
}

export function userReads(base: Base): Sync<Pick<Store, 'listUsers' | 'findUser'>> {
  const list = base.read<UserRow>('SELECT * FROM users ORDER BY name');
  const find = base.read<UserRow>('SELECT * FROM users WHERE name = ?');
  const groups = base.read<{ group_name: string }>(
    'SELECT group_name FROM user_groups WHERE user = ? ORDER BY group_name',
  );
  const userOf = (row: UserRow): User => ({
    name: row.name,
    passwordHash: row.password_hash,
    roles: JSON.parse(row.roles),
    groups: groups.all(row.name).map((group) => group.group_name),
    enabled: row.enabled === 1,
    createdAt: row.created_at,
    revision: row.revision,
  });
  return {
    listUsers: () => list.all().map(userOf),
    findUser(name) {
      const row = find.get(name);
      return row && userOf(row);
    },
  };
}
