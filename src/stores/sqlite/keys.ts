import { fail } from '../../model/errors.ts';
import type { Base } from './base.ts';

/** A submit as its idempotency key names it. */
export interface IdempotencyKey {
  scope: string;
  key: string;
  fingerprint: string;
}

export interface Keys {
  /** The job a key has made; throws `idempotency-conflict` when it did so for another request. */
  job(key: IdempotencyKey): number | undefined;
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
    job({ scope, key, fingerprint }) {
      const known = find.get(scope, key);
      if (known && known.fingerprint !== fingerprint) {
        throw fail('idempotency-conflict', `The key ${key} came with another request before.`);
      }
      return known?.job;
    },
    put: ({ scope, key, fingerprint }, job, at) => void put.run(scope, key, fingerprint, job, at),
    prune: (before, max) => prune.run(max, before),
  };
}
