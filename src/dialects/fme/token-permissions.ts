import type { Scope } from '../../model/principal.ts';
import { fieldError } from './bean-validation.ts';
import { choices } from './choices.ts';

const { tokenPermissions } = choices;

export const permissionNames = Object.keys(tokenPermissions);

/** What a token with these permissions may be used for here. Throws `invalid-input` naming those there are. */
export function scopesOf(permissions: readonly string[] | undefined): Scope[] {
  if (permissions === undefined || permissions.length === 0) throw fieldError('permissions', 'must not be empty');
  const unknown = permissions.some((name) => !Object.hasOwn(tokenPermissions, name));
  if (unknown) throw fieldError('permissions', `must be one of ${permissionNames.join(', ')}`);
  return [...new Set(permissions.flatMap((name) => tokenPermissions[name] ?? []))];
}

/** The permissions that a token with these scopes has. */
export const permissionsOf = (scopes: readonly Scope[]): string[] =>
  Object.entries(tokenPermissions)
    .filter(([, needed]) => needed.every((scope) => scopes.includes(scope)))
    .map(([name]) => name);
