import type { Permission } from '../../model/principal.ts';
import type { Store } from '../../store.ts';
import type { Base, Sync } from './base.ts';

interface PermissionRow {
  path: string;
  kind: 'user' | 'group';
  subject: string;
  actions: string;
}

const subjectOf = (subject: Permission['subject']): ['user' | 'group', string] =>
  'user' in subject ? ['user', subject.user] : ['group', subject.group];

export function permissionWrites(base: Base): Sync<Pick<Store, 'savePermission'>> {
  const save = base.write(
    'INSERT INTO permissions VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET actions = excluded.actions',
  );
  const remove = base.write('DELETE FROM permissions WHERE path = ? AND kind = ? AND subject = ?');
  return {
    savePermission({ path, subject, actions }) {
      if (actions.length === 0) remove.run(path, ...subjectOf(subject));
      else save.run(path, ...subjectOf(subject), JSON.stringify(actions));
    },
  };
}

export function permissionReads(base: Base): Sync<Pick<Store, 'listPermissions'>> {
  const list = base.read<PermissionRow>('SELECT * FROM permissions ORDER BY path, kind, subject');
  return {
    listPermissions: () =>
      list.all().map(
        (row): Permission => ({
          path: row.path,
          subject: row.kind === 'user' ? { user: row.subject } : { group: row.subject },
          actions: JSON.parse(row.actions),
        }),
      ),
  };
}
