import type { At } from '../check.ts';

/** Notes a text that is neither an absolute address nor an expression. */
export function checkUri(at: At, what: string): void {
  const { value } = at;
  if (
    typeof value === 'string' &&
    (/^[A-Za-z][A-Za-z0-9+\-.]*:\/\/\S*/.test(value) || /^\s*\$\{[\s\S]+\}\s*$/.test(value))
  )
    return;
  if (typeof value === 'string' && /^[A-Za-z][A-Za-z0-9+\-.]*:\/\/|\$\{/.test(value)) return;
  at.check.issue(
    at.pointer,
    `${what} must be an absolute address such as "https://example.org/…" or an expression; found ${JSON.stringify(value)}.`,
  );
}
