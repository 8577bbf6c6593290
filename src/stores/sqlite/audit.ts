import type { AuditEntry, Store } from '../../store.ts';
import { cursorOf, readCursor } from '../cursor.ts';
import type { Base, Sync } from './base.ts';
import { orNull } from './rows.ts';

interface AuditRow {
  id: number;
  at: number;
  actor: string;
  action: string;
  target: string | null;
  address: string | null;
  detail: string | null;
}

export function auditWrites(base: Base): Sync<Pick<Store, 'appendAudit'>> {
  const append = base.write('INSERT INTO audit (at, actor, action, target, address, detail) VALUES (?, ?, ?, ?, ?, ?)');
  return {
    appendAudit({ at, actor, action, target, address, detail }) {
      append.run(at, actor, action, orNull(target), orNull(address), orNull(detail));
    },
  };
}

export function auditReads(base: Base): Sync<Pick<Store, 'listAudit'>> {
  const list = base.read<AuditRow>('SELECT * FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?');
  return {
    listAudit({ limit, cursor }) {
      const rows = list.all(readCursor(cursor, 'audit') ?? Number.MAX_SAFE_INTEGER, limit + 1);
      const items = rows.slice(0, limit).map(entryOf);
      return rows.length > limit ? { items, next: cursorOf('audit', items.at(-1)!.id) } : { items };
    },
  };
}

function entryOf(row: AuditRow): AuditEntry & { id: number } {
  return {
    id: row.id,
    at: row.at,
    actor: row.actor,
    action: row.action,
    ...(row.target === null ? {} : { target: row.target }),
    ...(row.address === null ? {} : { address: row.address }),
    ...(row.detail === null ? {} : { detail: row.detail }),
  };
}
