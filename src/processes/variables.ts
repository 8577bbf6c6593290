import { fail } from '../model/errors.ts';

const identifiers = {
  javascript: /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u,
  python: /^[\p{XID_Start}_][\p{XID_Continue}]*$/u,
};

/** Names that would change how the host itself works rather than be seen by the script. */
const reserved = { javascript: /^(await|arguments|eval)$/, python: /^__/ };

const titles = { javascript: 'JavaScript', python: 'Python' };

/**
 * Checks that argument names can be variables. Names may come from data, and in JavaScript they become the parameters
 * of a function: one like `a = f()` would be code.
 */
export function checkNames(language: 'javascript' | 'python', names: readonly string[]): void {
  for (const name of names) {
    if (identifiers[language].test(name) && !reserved[language].test(name)) continue;
    throw fail(
      'invalid-definition',
      `The argument ${JSON.stringify(name)} cannot become a variable of a ${titles[language]} script; rename it.`,
    );
  }
}
