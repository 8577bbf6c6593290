import type { Token } from '../lexer.ts';

type Side = 'left' | 'right' | 'none';

/** Binding power and associativity of the infix operators, loosest first (jq manual, "Basic filters" onwards). */
export const INFIX: Record<string, { power: number; side: Side }> = {
  '|': { power: 1, side: 'right' },
  ',': { power: 2, side: 'left' },
  '//': { power: 4, side: 'right' },
  ...Object.fromEntries(['=', '|=', '+=', '-=', '*=', '/=', '%=', '//='].map((o) => [o, { power: 5, side: 'none' }])),
  or: { power: 6, side: 'left' },
  and: { power: 7, side: 'left' },
  ...Object.fromEntries(['==', '!=', '<', '<=', '>', '>='].map((o) => [o, { power: 8, side: 'none' }])),
  '+': { power: 9, side: 'left' },
  '-': { power: 9, side: 'left' },
  '*': { power: 10, side: 'left' },
  '/': { power: 10, side: 'left' },
  '%': { power: 10, side: 'left' },
};

export const PIPE = 1;

/** `2 * . as $x | …` binds the product: `as` is looser than every operator but the comma and the pipe. */
export const BINDING = 3;

/** An expression without `|`, `,` and `as`: what `reduce`, `foreach` and object values take. */
export const EXPRESSION = 4;

export const ASSIGNMENT = 5;

/** Operand of a unary minus: it binds tighter than any infix operator. */
export const NEGATED = 11;

/** An operand alone: what `try` and `catch` take. */
export const OPERAND = 12;

export function infixOf(token: Token): string | null {
  if (token.kind === 'symbol') return Object.hasOwn(INFIX, token.text) ? token.text : null;
  return token.kind === 'keyword' && (token.text === 'and' || token.text === 'or') ? token.text : null;
}
