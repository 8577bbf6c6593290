import type { Ast, FunctionDefinition } from './ast.ts';
import { tokenize } from './lexer.ts';
import { type Cursor, isKeyword, peek, unexpected } from './parser/cursor.ts';
import { parseDefinition } from './parser/definitions.ts';
import { parseInfix } from './parser/infix.ts';
import { PIPE } from './parser/levels.ts';

/** Parses a whole program into its tree. Throws `JqSyntaxError`. */
export function parse(text: string): Ast {
  const cursor: Cursor = { tokens: tokenize(text), at: 0, depth: 0, expression: parseInfix };
  // A program of nothing but blanks and comments is the identity, as in jq.
  if (peek(cursor).kind === 'end') return { type: 'identity', line: 1, column: 1 };
  const program = onlyDefinitions(cursor) ?? parseInfix(cursor, PIPE);
  if (peek(cursor).kind !== 'end') throw unexpected(peek(cursor), 'an operator or the end of the program');
  return program;
}

/** A program that ends after its definitions is the identity. */
function onlyDefinitions(cursor: Cursor): Ast | null {
  const start = cursor.at;
  const { line, column } = peek(cursor);
  const definitions: FunctionDefinition[] = [];
  while (isKeyword(peek(cursor), 'def')) definitions.push(parseDefinition(cursor));
  if (definitions.length === 0 || peek(cursor).kind !== 'end') {
    cursor.at = start;
    return null;
  }
  const identity: Ast = { type: 'identity', line, column };
  return definitions.reduceRight<Ast>(
    (body, definition) => ({ type: 'define', definition, body, line, column }),
    identity,
  );
}
