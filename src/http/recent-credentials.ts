import type { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Accounts } from '../engine/accounts.ts';
import type { Principal } from '../model/principal.ts';

/** A connection is believed for so long before its credential is looked at again, in milliseconds. */
const BELIEVED_MS = 1_000;

/**
 * Who a connection was when it sent the same `Authorization` header a moment ago. Checking a credential costs a keyed
 * hash and several turns of promises even when it is known; a client that keeps its connection open pays that once a
 * second. A change of any user or token ends it at once.
 */
export interface Recent {
  /** Undefined when the credential has to be checked. `ways`: how one signs in there; what holds for one does not for another. */
  find(request: FastifyRequest, ways: unknown): Principal | undefined;
  /** `generation`: that of the accounts before the credential was checked. */
  remember(request: FastifyRequest, ways: unknown, principal: Principal, generation: number): void;
}

interface Known {
  header: string;
  ways: unknown;
  principal: Principal;
  generation: number;
  until: number;
}

export function createRecent(accounts: Pick<Accounts, 'generation'>): Recent {
  const known = new WeakMap<Socket, Known>();
  return {
    find({ raw }, ways) {
      const entry = known.get(raw.socket);
      if (entry === undefined || entry.header !== raw.headers.authorization || entry.ways !== ways) return undefined;
      return entry.generation === accounts.generation && entry.until > performance.now() ? entry.principal : undefined;
    },
    remember({ raw }, ways, principal, generation) {
      const header = raw.headers.authorization;
      if (header === undefined) return;
      known.set(raw.socket, { header, ways, principal, generation, until: performance.now() + BELIEVED_MS });
    },
  };
}
