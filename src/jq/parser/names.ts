import type { Ast } from '../ast.ts';
import type { Token } from '../lexer.ts';
import { type Cursor, peek, unexpected } from './cursor.ts';

export function parseName(cursor: Cursor): string {
  const token = peek(cursor);
  if (token.kind !== 'name' && token.kind !== 'keyword') throw unexpected(token, 'a name');
  cursor.at++;
  return token.text;
}

export function parseVariableName(cursor: Cursor): string {
  const token = peek(cursor);
  if (token.kind !== 'variable') throw unexpected(token, 'a variable such as $name');
  cursor.at++;
  return token.text;
}

export function variableOrLocation(token: Token): Ast {
  const { line, column } = token;
  if (token.text === '__loc__') return { type: 'literal', value: { file: '<top-level>', line }, line, column };
  return { type: 'variable', name: token.text, line, column };
}
