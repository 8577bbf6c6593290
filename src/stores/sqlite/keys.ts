import type { Base } from './base.ts';

/** A submit as its idempotency key names it. */
export interface IdempotencyKey {
  scope: string;
  key: string;
  fingerprint: string;
}

export interface Keys {
  find(key: IdempotencyKey): { job: number; fingerprint: string } | undefined;
  put(key: IdempotencyKey, job: number, at: number): void;
  /** Deletes the oldest ones made before a time, at most `max`. */
  prune(before: number, max: number): number;
}

export function createKeys(base: Base): Keys {
  const find = base.read<{ job: number; fingerprint: string }>(
    'SELECT job, fingerprint FROM idempotency_keys WHERE scope = ? AND key = ?',
  );
  const put = base.write(
    'INSERT INTO idempotency_keys (scope, key, fingerprint, job, created_at) VALUES (?, ?, ?, ?, ?)',
  );
  const prune = base.write(
    `DELETE FROM idempotency_keys
     WHERE id IN (SELECT id FROM idempotency_keys ORDER BY id LIMIT ?) AND created_at < ?`,
  );
  return {
    find: ({ scope, key }) => find.get(scope, key),
    put: ({ scope, key, fingerprint }, job, at) => void put.run(scope, key, fingerprint, job, at),
    prune: (before, max) => prune.run(max, before),
  };
}
