import type { WorkflowVersion } from '../../model/workflow.ts';
import type { Store } from '../../store.ts';
import type { Base, Sync } from './base.ts';

export function versionWrites(base: Base): Sync<Pick<Store, 'saveVersion' | 'setCurrentVersion'>> {
  // What the server knows of a version may grow with a new build; the source never changes.
  const save = base.write(
    `INSERT INTO workflow_versions VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (hash) DO UPDATE SET runtime = excluded.runtime, info = excluded.info
     WHERE runtime <> excluded.runtime OR info <> excluded.info`,
  );
  const set = base.write(
    `INSERT INTO workflow_current VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET hash = excluded.hash, updated_at = excluded.updated_at WHERE hash <> excluded.hash`,
  );
  const unset = base.write('DELETE FROM workflow_current WHERE path = ?');
  return {
    saveVersion({ hash, runtime, source, info }, at) {
      save.run(hash, runtime, at, JSON.stringify(info), source);
    },
    setCurrentVersion(path, hash, at) {
      // `null` after its way through JSON.
      if (hash == null) unset.run(path);
      else set.run(path, hash, at);
    },
  };
}

export function versionReads(base: Base): Sync<Pick<Store, 'findVersion' | 'currentVersion'>> {
  const find = base.read<{ hash: string; runtime: string; source: string; info: string }>(
    'SELECT hash, runtime, source, info FROM workflow_versions WHERE hash = ?',
  );
  const current = base.read<{ hash: string }>('SELECT hash FROM workflow_current WHERE path = ?');
  return {
    findVersion(hash): WorkflowVersion | undefined {
      const row = find.get(hash);
      return row && { hash: row.hash, runtime: row.runtime, source: row.source, info: JSON.parse(row.info) };
    },
    currentVersion: (path) => current.get(path)?.hash,
  };
}
