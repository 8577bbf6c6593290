import { fail } from '../../../model/errors.ts';
import { type Role, roles } from '../../../model/principal.ts';
import { choices } from '../choices.ts';

/** Role as clients of the original know it. */
export const roleWire = (role: Role): string => choices.roles[role] ?? role;

/** All that may be sent: their words, and ours. */
const known = new Map<string, Role>(roles.flatMap((role) => [[role, role] as const, [roleWire(role), role] as const]));

/** Throws `invalid-input` for a role nobody has. */
export function readRoles(sent: readonly string[]): Role[] {
  const read = sent.map((name) => {
    const role = known.get(name.toLowerCase());
    if (role === undefined) {
      const accepted = roles.map(roleWire).join(', ');
      const message = `roles: ${JSON.stringify(name.slice(0, 40))} is not a role. Accepted: ${accepted}.`;
      throw fail('invalid-input', { detail: message, errors: [{ pointer: '/roles', message, accepted }] });
    }
    return role;
  });
  return [...new Set(read)];
}
