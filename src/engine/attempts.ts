import { fail } from '../model/errors.ts';

/** Counts failed sign-ins per account and address, so that guessing is slow while others sign in undisturbed. */
export interface Attempts {
  /** Throws `too-many-requests` when the account had too many failures from this address within a minute. */
  check(name: string, address: string): void;
  failed(name: string, address: string): void;
  succeeded(name: string, address: string): void;
}

const WINDOW_MS = 60_000;
const MOST_REMEMBERED = 50_000;

export function createAttempts(perMinute: number, clock: () => number): Attempts {
  const failures = new Map<string, { count: number; until: number }>();
  const keyOf = (name: string, address: string) => `${address} ${name}`;

  return {
    check(name, address) {
      const known = failures.get(keyOf(name, address));
      if (!known || known.count < perMinute) return;
      const restMs = known.until - clock();
      if (restMs <= 0) return;
      const seconds = Math.ceil(restMs / 1000);
      throw fail('too-many-requests', {
        detail: `Too many failed sign-ins for this user from this address; try again in ${seconds} s.`,
        headers: { 'retry-after': String(seconds) },
      });
    },
    failed(name, address) {
      const now = clock();
      const key = keyOf(name, address);
      const known = failures.get(key);
      if (known && known.until > now) known.count += 1;
      else {
        if (failures.size >= MOST_REMEMBERED)
          for (const [old, { until }] of failures) if (until <= now) failures.delete(old);
        if (failures.size >= MOST_REMEMBERED) failures.clear();
        failures.set(key, { count: 1, until: now + WINDOW_MS });
      }
    },
    succeeded(name, address) {
      failures.delete(keyOf(name, address));
    },
  };
}
