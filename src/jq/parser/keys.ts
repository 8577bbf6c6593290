import type { Ast } from '../ast.ts';
import { JqSyntaxError } from '../errors.ts';
import { constantType } from './constants.ts';
import { type Cursor, eat, expectSymbol, peek, unexpected } from './cursor.ts';
import { PIPE } from './levels.ts';
import { parseStringTerm } from './strings.ts';

/** The keys that objects and patterns share: a name, a keyword, a string, or any expression in parentheses. */
export function parseObjectKey(cursor: Cursor): Ast {
  const token = peek(cursor);
  const { line, column } = token;
  if (token.kind === 'name' || token.kind === 'keyword') {
    cursor.at++;
    return { type: 'literal', value: token.text, line, column };
  }
  if (token.kind === 'string' || token.kind === 'format') return parseStringTerm(cursor);
  if (eat(cursor, '(')) {
    const key = cursor.expression(cursor, PIPE);
    expectSymbol(cursor, ')');
    // jq folds constants when it compiles, and so refuses a key such as `([1])` without running it.
    const type = constantType(key);
    if (type !== null && type !== 'string') {
      throw new JqSyntaxError('an object key must be a string', {
        line,
        column,
        found: type,
        expected: 'a string',
      });
    }
    return key;
  }
  throw unexpected(token, 'a name, a string, $name or (…) as a key');
}
