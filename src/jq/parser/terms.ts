import type { Ast } from '../ast.ts';
import { advance, type Cursor, eat, expectSymbol, peek, unexpected } from './cursor.ts';
import { parseKeywordTerm } from './keywords.ts';
import { PIPE } from './levels.ts';
import { parseVariableName, variableOrLocation } from './names.ts';
import { parseObject } from './objects.ts';
import { parseStringTerm } from './strings.ts';

/** A term without suffixes. */
export function parseTerm(cursor: Cursor): Ast {
  const token = peek(cursor);
  const { line, column } = token;
  switch (token.kind) {
    case 'number':
      cursor.at++;
      return { type: 'literal', value: Number(token.text), line, column };
    case 'string':
    case 'format':
      return parseStringTerm(cursor);
    case 'field':
      cursor.at++;
      return {
        type: 'index',
        target: { type: 'identity', line, column },
        key: { type: 'literal', value: token.text, line, column },
        line,
        column,
      };
    case 'variable':
      cursor.at++;
      return variableOrLocation(token);
    case 'name':
      return parseCall(cursor);
    case 'keyword':
      return parseKeywordTerm(cursor);
    case 'symbol':
      return parseSymbolTerm(cursor);
    default:
      throw unexpected(token, 'a filter');
  }
}

const CONSTANTS: Record<string, null | boolean> = { null: null, true: true, false: false };

function parseCall(cursor: Cursor): Ast {
  const { text: name, line, column } = advance(cursor);
  if (name === 'break' && peek(cursor).kind === 'variable') {
    return { type: 'break', name: parseVariableName(cursor), line, column };
  }
  const args: Ast[] = [];
  if (eat(cursor, '(')) {
    do args.push(cursor.expression(cursor, PIPE));
    while (eat(cursor, ';'));
    expectSymbol(cursor, ')');
  } else if (Object.hasOwn(CONSTANTS, name)) {
    return { type: 'literal', value: CONSTANTS[name] as null | boolean, line, column };
  }
  return { type: 'call', name, args, line, column };
}

function parseSymbolTerm(cursor: Cursor): Ast {
  const token = peek(cursor);
  const { line, column } = token;
  switch (token.text) {
    case '.': {
      cursor.at++;
      const identity: Ast = { type: 'identity', line, column };
      const next = peek(cursor);
      return next.kind === 'string' || next.kind === 'format' ? parseQuotedField(cursor, identity) : identity;
    }
    case '..':
      cursor.at++;
      return { type: 'recurse', line, column };
    case '(': {
      cursor.at++;
      const body = cursor.expression(cursor, PIPE);
      expectSymbol(cursor, ')');
      return body;
    }
    case '[': {
      cursor.at++;
      if (eat(cursor, ']')) return { type: 'array', body: null, line, column };
      const body = cursor.expression(cursor, PIPE);
      expectSymbol(cursor, ']');
      return { type: 'array', body, line, column };
    }
    case '{':
      return parseObject(cursor);
    default:
      throw unexpected(token, 'a filter');
  }
}

export function parseQuotedField(cursor: Cursor, target: Ast): Ast {
  const { line, column } = peek(cursor);
  return { type: 'index', target, key: parseStringTerm(cursor), line, column };
}
