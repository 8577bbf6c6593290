import { fail } from '../../model/errors.ts';
import type { Group } from '../../model/principal.ts';
import type { Store } from '../../store.ts';
import type { Base, Sync } from './base.ts';
import { orNull } from './rows.ts';

export function groupWrites(base: Base): Sync<Pick<Store, 'saveGroup' | 'deleteGroup'>> {
  const save = base.write(
    'INSERT INTO groups VALUES (?, ?) ON CONFLICT DO UPDATE SET description = excluded.description',
  );
  const permissions = base.write(`DELETE FROM permissions WHERE kind = 'group' AND subject = ?`);
  const remove = base.write('DELETE FROM groups WHERE name = ?');
  return {
    saveGroup: (group) => void save.run(group.name, orNull(group.description)),
    deleteGroup(name) {
      permissions.run(name);
      if (remove.run(name) === 0) throw fail('not-found', `There is no group ${name}.`);
    },
  };
}

export function groupReads(base: Base): Sync<Pick<Store, 'listGroups'>> {
  const list = base.read<{ name: string; description: string | null }>('SELECT * FROM groups ORDER BY name');
  return {
    listGroups: () =>
      list.all().map(
        (row): Group => ({
          name: row.name,
          ...(row.description === null ? {} : { description: row.description }),
        }),
      ),
  };
}
