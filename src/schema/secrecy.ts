import { pointerNames } from './pointer.ts';

const secretName = /passw|secret|token|credential|api-?_?key|private-?_?key/i;

/**
 * Names of properties anywhere in a schema whose values must not be shown: `format: password`, `writeOnly: true`, or an
 * extension (`x-…`) that calls them a password. Of what an extension calls a credential, the member `password` is hidden.
 */
export function secretNames(schema: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(schema)) for (const item of schema) secretNames(item, found);
  else if (typeof schema === 'object' && schema !== null) {
    if (isCalled(schema, 'credential')) found.add('password');
    for (const [key, value] of Object.entries(schema)) {
      if (isHidden(value)) found.add(key);
      secretNames(value, found);
    }
  }
  return found;
}

const isHidden = (schema: unknown): boolean =>
  typeof schema === 'object' &&
  schema !== null &&
  ((schema as { format?: unknown }).format === 'password' ||
    (schema as { writeOnly?: unknown }).writeOnly === true ||
    isCalled(schema, 'password'));

const isCalled = (schema: object, name: string): boolean =>
  Object.entries(schema).some(([key, value]) => value === name && key.startsWith('x-'));

/** True when the value at `pointer` must not appear in a message. */
export const isSecret = (pointer: string, hidden: ReadonlySet<string>, schema: unknown): boolean =>
  isHidden(schema) || pointerNames(pointer).some((name) => hidden.has(name) || secretName.test(name));
