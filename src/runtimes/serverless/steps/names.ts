import { listed } from '../../../schema/index.ts';
import { type At, string } from '../check.ts';
import { reservedNames } from '../scope.ts';

/** The name of a variable that a task brings into sight (`each`, `at`, `as`), checked. */
export function variableName(at: At | undefined, what: string, otherwise: string): string {
  const name = string(at, what);
  if (name === undefined || !at) return otherwise;
  if (!/^(?!__)[a-z_][a-z0-9_]*$/i.test(name)) {
    at.check.issue(
      at.pointer,
      `${what} must be a name of letters, digits and _, without "$" or "__" before it; found ${JSON.stringify(name)}.`,
    );
    return otherwise;
  }
  if (reservedNames.includes(name)) {
    at.check.issue(
      at.pointer,
      `${what} cannot be ${JSON.stringify(name)}: ${listed(reservedNames)} have a meaning of their own.`,
    );
    return otherwise;
  }
  return name;
}
