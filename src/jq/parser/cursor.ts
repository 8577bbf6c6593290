import type { Ast } from '../ast.ts';
import { JqSyntaxError } from '../errors.ts';
import type { Token } from '../lexer.ts';

/** Deeper programs are refused: the parser and the compiler recurse. */
const MAX_DEPTH = 1000;

/** Parses an expression of operators at or above a level. */
export type Expression = (cursor: Cursor, least: number) => Ast;

/** Where the parser stands. Rooms below `expression` get back to it through here. */
export interface Cursor {
  tokens: Token[];
  at: number;
  depth: number;
  readonly expression: Expression;
}

/** Parses one level deeper, and refuses programs with too many: the parser and the compiler recurse. */
export function nest<T>(cursor: Cursor, what: string, parse: () => T): T {
  if (++cursor.depth > MAX_DEPTH) {
    const { line, column } = peek(cursor);
    throw new JqSyntaxError(`the ${what} is nested too deeply`, {
      line,
      column,
      expected: `at most ${MAX_DEPTH} levels`,
    });
  }
  const parsed = parse();
  cursor.depth--;
  return parsed;
}

export function peek(cursor: Cursor): Token {
  return cursor.tokens[cursor.at] as Token;
}

export function advance(cursor: Cursor): Token {
  const token = peek(cursor);
  if (token.kind !== 'end') cursor.at++;
  return token;
}

export function isSymbol(token: Token, text: string): boolean {
  return token.kind === 'symbol' && token.text === text;
}

export function isKeyword(token: Token, text: string): boolean {
  return token.kind === 'keyword' && token.text === text;
}

function describe(token: Token): string {
  if (token.kind === 'string') return 'a string';
  if (token.kind === 'field') return `.${token.text}`;
  if (token.kind === 'variable') return `$${token.text}`;
  if (token.kind === 'format') return `@${token.text}`;
  return token.text;
}

export function unexpected(token: Token, expected: string): JqSyntaxError {
  const found = describe(token);
  return new JqSyntaxError(`unexpected ${found}, expected ${expected}`, {
    line: token.line,
    column: token.column,
    found,
    expected,
  });
}

export function eat(cursor: Cursor, symbol: string): boolean {
  if (!isSymbol(peek(cursor), symbol)) return false;
  cursor.at++;
  return true;
}

export function expectSymbol(cursor: Cursor, symbol: string): void {
  if (!eat(cursor, symbol)) throw unexpected(peek(cursor), symbol);
}

export function expectKeyword(cursor: Cursor, keyword: string): void {
  if (!isKeyword(peek(cursor), keyword)) throw unexpected(peek(cursor), keyword);
  cursor.at++;
}
