import type { Ast } from '../ast.ts';
import { type Cursor, eat, expectSymbol, isSymbol, peek, unexpected } from './cursor.ts';
import { parseObjectKey } from './keys.ts';
import { EXPRESSION } from './levels.ts';
import { variableOrLocation } from './names.ts';

/** An object in braces. */
export function parseObject(cursor: Cursor): Ast {
  const { line, column } = peek(cursor);
  expectSymbol(cursor, '{');
  const entries: { key: Ast; value: Ast }[] = [];
  while (!eat(cursor, '}')) {
    entries.push(parseObjectEntry(cursor));
    if (!eat(cursor, ',')) {
      if (!isSymbol(peek(cursor), '}')) throw unexpected(peek(cursor), ', or }');
    }
  }
  return { type: 'object', entries, line, column };
}

function parseObjectEntry(cursor: Cursor): { key: Ast; value: Ast } {
  const token = peek(cursor);
  const { line, column } = token;
  if (token.kind === 'variable') {
    cursor.at++;
    const variable: Ast = { type: 'variable', name: token.text, line, column };
    if (eat(cursor, ':')) return { key: variable, value: parseObjectValue(cursor) };
    return { key: { type: 'literal', value: token.text, line, column }, value: variableOrLocation(token) };
  }
  const bare = !isSymbol(token, '(');
  const key = parseObjectKey(cursor);
  if (eat(cursor, ':')) return { key, value: parseObjectValue(cursor) };
  if (!bare) throw unexpected(peek(cursor), ':');
  return { key, value: { type: 'index', target: { type: 'identity', line, column }, key, line, column } };
}

/** A value may be a pipe of expressions, but a comma ends it. */
function parseObjectValue(cursor: Cursor): Ast {
  const left = cursor.expression(cursor, EXPRESSION);
  const { line, column } = peek(cursor);
  if (!eat(cursor, '|')) return left;
  return { type: 'pipe', left, right: parseObjectValue(cursor), line, column };
}
