import type { Ast, Pattern } from '../ast.ts';
import { JqSyntaxError } from '../errors.ts';
import type { Token } from '../lexer.ts';
import {
  advance,
  type Cursor,
  eat,
  expectKeyword,
  expectSymbol,
  isKeyword,
  isSymbol,
  peek,
  unexpected,
} from './cursor.ts';
import { EXPRESSION, NEGATED, OPERAND, PIPE } from './levels.ts';
import { parsePatterns } from './patterns.ts';

/** What begins with a keyword: conditions, loops, `try`, and a definition before its body. */
export function parseKeywordTerm(cursor: Cursor): Ast {
  const token = advance(cursor);
  const { line, column } = token;
  switch (token.text) {
    case 'if':
      return parseIf(cursor, token);
    case 'try': {
      const body = parseGuarded(cursor);
      if (!isKeyword(peek(cursor), 'catch')) return { type: 'try', body, handler: null, line, column };
      cursor.at++;
      return { type: 'try', body, handler: parseGuarded(cursor), line, column };
    }
    case 'reduce': {
      const { source, patterns } = parseLoopHead(cursor);
      const [start, update] = parseLoopBody(cursor);
      return { type: 'reduce', source, patterns, start, update, line, column };
    }
    case 'foreach': {
      const { source, patterns } = parseLoopHead(cursor);
      const [start, update] = parseLoopBody(cursor, false);
      const extract = eat(cursor, ';') ? cursor.expression(cursor, PIPE) : null;
      expectSymbol(cursor, ')');
      return { type: 'foreach', source, patterns, start, update, extract, line, column };
    }
    case 'def':
      cursor.at--;
      return cursor.expression(cursor, PIPE);
    case 'import':
    case 'include':
    case 'module':
      throw new JqSyntaxError('modules are not supported', { line, column, found: token.text, expected: 'a filter' });
    default:
      throw unexpected(token, 'a filter');
  }
}

/** What `try` and `catch` take: a term, which may be negated. */
function parseGuarded(cursor: Cursor): Ast {
  return cursor.expression(cursor, isSymbol(peek(cursor), '-') ? NEGATED : OPERAND);
}

function parseLoopHead(cursor: Cursor): { source: Ast; patterns: Pattern[] } {
  const source = cursor.expression(cursor, EXPRESSION);
  expectKeyword(cursor, 'as');
  return { source, patterns: parsePatterns(cursor) };
}

function parseLoopBody(cursor: Cursor, close = true): [Ast, Ast] {
  expectSymbol(cursor, '(');
  const start = cursor.expression(cursor, PIPE);
  expectSymbol(cursor, ';');
  const update = cursor.expression(cursor, PIPE);
  if (close) expectSymbol(cursor, ')');
  return [start, update];
}

function parseIf(cursor: Cursor, { line, column }: Token): Ast {
  const condition = cursor.expression(cursor, PIPE);
  expectKeyword(cursor, 'then');
  const yes = cursor.expression(cursor, PIPE);
  const next = peek(cursor);
  if (isKeyword(next, 'elif')) {
    cursor.at++;
    // `elif` is an `if` in the else branch that shares our `end`.
    return { type: 'if', condition, yes, no: parseIf(cursor, next), line, column };
  }
  let no: Ast | null = null;
  if (isKeyword(next, 'else')) {
    cursor.at++;
    no = cursor.expression(cursor, PIPE);
  }
  expectKeyword(cursor, 'end');
  return { type: 'if', condition, yes, no, line, column };
}
