import type { Ast, Pattern } from '../ast.ts';
import { type Cursor, eat, expectSymbol, nest, peek, unexpected } from './cursor.ts';
import { parseObjectKey } from './keys.ts';
import { parseVariableName } from './names.ts';

export function parsePatterns(cursor: Cursor): Pattern[] {
  const patterns = [parsePattern(cursor)];
  while (eat(cursor, '?//')) patterns.push(parsePattern(cursor));
  return patterns;
}

function parsePattern(cursor: Cursor): Pattern {
  return nest(cursor, 'pattern', () => parsePatternBody(cursor));
}

function parsePatternBody(cursor: Cursor): Pattern {
  if (eat(cursor, '[')) {
    const items: Pattern[] = [];
    do items.push(parsePattern(cursor));
    while (eat(cursor, ','));
    expectSymbol(cursor, ']');
    return { type: 'array', items };
  }
  if (eat(cursor, '{')) {
    const entries: { key: Ast; bind?: string; value?: Pattern }[] = [];
    do entries.push(parsePatternEntry(cursor));
    while (eat(cursor, ','));
    expectSymbol(cursor, '}');
    return { type: 'object', entries };
  }
  if (peek(cursor).kind !== 'variable') throw unexpected(peek(cursor), '$name, [ or {');
  return { type: 'variable', name: parseVariableName(cursor) };
}

function parsePatternEntry(cursor: Cursor): { key: Ast; bind?: string; value?: Pattern } {
  const token = peek(cursor);
  const { line, column } = token;
  if (token.kind === 'variable') {
    const bind = parseVariableName(cursor);
    const key: Ast = { type: 'literal', value: bind, line, column };
    return eat(cursor, ':') ? { key, bind, value: parsePattern(cursor) } : { key, bind };
  }
  const key = parseObjectKey(cursor);
  expectSymbol(cursor, ':');
  return { key, value: parsePattern(cursor) };
}
