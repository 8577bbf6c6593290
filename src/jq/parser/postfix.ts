import type { Ast } from '../ast.ts';
import type { Token } from '../lexer.ts';
import { type Cursor, eat, expectSymbol, isSymbol, peek, unexpected } from './cursor.ts';
import { PIPE } from './levels.ts';
import { parseQuotedField, parseTerm } from './terms.ts';

/** A term and its suffixes: `.a`, `[0]`, `[1:2]`, `[]`, `?`. */
export function parsePostfix(cursor: Cursor): Ast {
  // `(.a)?` covers all of the parentheses, `.a?` the last step alone.
  let isStep = !isSymbol(peek(cursor), '(');
  let term = parseTerm(cursor);
  for (; ; isStep = true) {
    const token = peek(cursor);
    const { line, column } = token;
    if (token.kind === 'field') {
      cursor.at++;
      term = { type: 'index', target: term, key: { type: 'literal', value: token.text, line, column }, line, column };
    } else if (isSymbol(token, '[')) {
      term = parseBracket(cursor, term);
    } else if (isSymbol(token, '?')) {
      cursor.at++;
      term = optional(term, token, isStep);
    } else if (isSymbol(token, '?//')) {
      // Only patterns are separated by ?//; after a term it is a `?` and a `//` without the blank.
      cursor.tokens[cursor.at] = { ...token, text: '//', column: column + 1 };
      term = optional(term, token, isStep);
    } else if (isSymbol(token, '.') && startsSuffix(cursor.tokens[cursor.at + 1])) {
      cursor.at++;
      term = isSymbol(peek(cursor), '[') ? parseBracket(cursor, term) : parseQuotedField(cursor, term);
    } else {
      return term;
    }
  }
}

function optional(term: Ast, { line, column }: Token, isStep: boolean): Ast {
  const step = term.type === 'index' || term.type === 'slice' || term.type === 'iterate';
  if (isStep && step && term.optional === undefined) return { ...term, optional: true };
  return { type: 'try', body: term, handler: null, line, column };
}

function startsSuffix(token: Token | undefined): boolean {
  return token !== undefined && (token.kind === 'string' || token.kind === 'format' || isSymbol(token, '['));
}

function parseBracket(cursor: Cursor, target: Ast): Ast {
  const { line, column } = peek(cursor);
  expectSymbol(cursor, '[');
  if (eat(cursor, ']')) return { type: 'iterate', target, line, column };
  if (eat(cursor, ':')) {
    const to = cursor.expression(cursor, PIPE);
    expectSymbol(cursor, ']');
    return { type: 'slice', target, from: null, to, line, column };
  }
  const key = cursor.expression(cursor, PIPE);
  if (eat(cursor, ']')) return { type: 'index', target, key, line, column };
  if (!eat(cursor, ':')) throw unexpected(peek(cursor), '] or :');
  const to = isSymbol(peek(cursor), ']') ? null : cursor.expression(cursor, PIPE);
  expectSymbol(cursor, ']');
  return { type: 'slice', target, from: key, to, line, column };
}
