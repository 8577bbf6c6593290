import type { Ast } from '../ast.ts';
import type { Token } from '../lexer.ts';
import { advance, type Cursor, peek, unexpected } from './cursor.ts';
import { PIPE } from './levels.ts';

/** A string with its interpolations, or a format such as `@csv`, alone or before a string. */
export function parseStringTerm(cursor: Cursor): Ast {
  const token = advance(cursor);
  const { line, column } = token;
  if (token.kind === 'format') {
    if (peek(cursor).kind !== 'string') return { type: 'format', name: token.text, line, column };
    const string = parseStringTerm(cursor);
    return string.type === 'string' ? { ...string, format: token.text } : string;
  }
  const parts = (token.parts as (string | Token[])[]).map((part) =>
    typeof part === 'string' ? part : parseInner(part, cursor),
  );
  const [only] = parts;
  if (parts.length === 1 && typeof only === 'string') return { type: 'literal', value: only, line, column };
  return { type: 'string', format: null, parts, line, column };
}

function parseInner(tokens: Token[], outer: Cursor): Ast {
  const cursor = { ...outer, tokens, at: 0 };
  const node = cursor.expression(cursor, PIPE);
  const last = peek(cursor);
  if (last.kind !== 'end' || last.text !== ')') throw unexpected(last, ')');
  return node;
}
