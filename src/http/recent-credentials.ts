import type { FastifyRequest } from 'fastify';
import type { Accounts } from '../engine/accounts.ts';
import type { Principal } from '../model/principal.ts';

/** A credential is believed for so long at most before it is looked at again, in milliseconds. */
const BELIEVED_MS = 1_000;
/** Credentials kept at most: with more of them at a time, most are checked anew. */
const MOST = 1_000;

/**
 * Who sent the same `Authorization` header a moment ago. Checking a credential costs a keyed hash and several turns of
 * promises even when it is known; whoever asks often, over one connection or over many, pays that once a second. A change
 * of any user or token ends it at once.
 */
export interface Recent {
  /** Undefined when the credential has to be checked. `ways`: how one signs in there; what holds for one does not for another. */
  find(request: Pick<FastifyRequest, 'raw'>, ways: unknown): Principal | undefined;
  /** `generation`: that of the accounts before the credential was checked. */
  remember(request: Pick<FastifyRequest, 'raw'>, ways: unknown, principal: Principal, generation: number): void;
}

interface Known {
  principal: Principal;
  ways: unknown;
}

/** @param now a clock in milliseconds */
export function createRecent(accounts: Pick<Accounts, 'generation'>, now = () => performance.now()): Recent {
  // All are forgotten together: no secret stays longer than it is believed and somebody asks.
  let known = new Map<string, Known>();
  let until = 0;
  let generation = accounts.generation;
  const forgetOld = (): void => {
    if (now() < until && generation === accounts.generation) return;
    if (known.size > 0) known = new Map();
    until = now() + BELIEVED_MS;
    generation = accounts.generation;
  };
  return {
    find({ raw }, ways) {
      const { authorization } = raw.headers;
      if (authorization === undefined) return undefined;
      forgetOld();
      const entry = known.get(authorization);
      return entry?.ways === ways ? entry?.principal : undefined;
    },
    remember({ raw }, ways, principal, before) {
      const { authorization } = raw.headers;
      forgetOld();
      if (authorization === undefined || before !== generation || known.size >= MOST) return;
      known.set(authorization, { principal, ways });
    },
  };
}
