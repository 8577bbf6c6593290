import type { FastifyRequest } from 'fastify';
import { fail } from '../model/errors.ts';
import type { Principal, Role, Scope } from '../model/principal.ts';

/**
 * Who may call a route. Declared with the route itself, so that no path trick can slip past it; a route without one
 * stops the start-up.
 */
export type Access = 'public' | 'signed-in' | { scope: Scope; roles?: readonly Role[] };

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null on public routes. Read it with `caller`. */
    principal: Principal | null;
  }
}

/** The signed-in caller of a route that is not public. */
export function caller(request: FastifyRequest): Principal {
  if (request.principal === null) throw fail('invariant', 'A public route asked who the caller is.');
  return request.principal;
}

/**
 * A scope that is good for others too: who may run jobs reads their own and brings files for them, who writes reads.
 * Which shared files those are is the engine's affair.
 */
const implies: Partial<Record<Scope, readonly Scope[]>> = {
  'jobs:run': ['jobs:read', 'workflows:read', 'files:read', 'files:write'],
  'workflows:write': ['workflows:read'],
  'files:write': ['files:read'],
};

/** True when a credential limited to `granted` (absent: not limited) may be used for `needed`. */
export const coversScope = (granted: readonly Scope[] | undefined, needed: Scope): boolean =>
  granted === undefined ||
  granted.includes(needed) ||
  granted.some((scope) => implies[scope]?.includes(needed) === true);

/** Throws `forbidden` when the caller's credential or roles do not reach a route. */
export function checkAccess(access: Access, principal: Principal): void {
  if (typeof access === 'string') return;
  if (!coversScope(principal.scopes, access.scope)) {
    throw fail('forbidden', {
      detail: `This token is limited to ${principal.scopes?.join(', ') || 'nothing'}; the request needs ${access.scope}.`,
      extra: { needs: access.scope },
    });
  }
  if (access.roles !== undefined && !access.roles.some((role) => principal.roles.includes(role))) {
    throw fail('forbidden', `This needs the role ${access.roles.join(' or ')}.`);
  }
}
