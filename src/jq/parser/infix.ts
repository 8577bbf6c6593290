import type { Ast, BinaryOperator, UpdateOperator } from '../ast.ts';
import type { Token } from '../lexer.ts';
import { advance, type Cursor, eat, expectSymbol, isKeyword, isSymbol, nest, peek, unexpected } from './cursor.ts';
import { parseDefinition } from './definitions.ts';
import { ASSIGNMENT, BINDING, INFIX, infixOf, NEGATED, OPERAND, PIPE } from './levels.ts';
import { parseVariableName } from './names.ts';
import { parsePatterns } from './patterns.ts';
import { parsePostfix } from './postfix.ts';

/** An expression of operators that bind at least as tightly as `least`. */
export function parseInfix(cursor: Cursor, least: number): Ast {
  return nest(cursor, 'program', () => parseChain(cursor, least));
}

/**
 * A run of operators at or above `least`. The stages of a pipe are collected in a list and folded, so that a generated
 * program of a thousand stages does not recurse a thousand times here.
 */
function parseChain(cursor: Cursor, least: number): Ast {
  let left = parsePrefix(cursor, least);
  for (;;) {
    const token = peek(cursor);
    if (least <= BINDING && isKeyword(token, 'as')) {
      left = parseBinding(cursor, left);
      continue;
    }
    if (least <= PIPE && isSymbol(token, '|')) return parsePipe(cursor, left);
    const operator = infixOf(token);
    if (operator === null) return left;
    const { power, side } = INFIX[operator] as (typeof INFIX)[string];
    if (power < least) return left;
    cursor.at++;
    const right = parseInfix(cursor, side === 'right' ? power : power + 1);
    left = combine(operator, left, right, token);
    if (side === 'none') {
      const next = infixOf(peek(cursor));
      if (next !== null && INFIX[next]?.power === power)
        throw unexpected(peek(cursor), `parentheses: ${operator} does not chain`);
    }
  }
}

function parsePipe(cursor: Cursor, first: Ast): Ast {
  const stages = [first];
  while (eat(cursor, '|')) stages.push(parseInfix(cursor, PIPE + 1));
  return stages.reduceRight((right, left) => ({ type: 'pipe', left, right, line: left.line, column: left.column }));
}

function combine(operator: string, left: Ast, right: Ast, { line, column }: Token): Ast {
  switch (operator) {
    case ',':
      return { type: 'comma', left, right, line, column };
    case '//':
      return { type: 'alternative', left, right, line, column };
    case 'and':
    case 'or':
      return { type: operator, left, right, line, column };
  }
  if ((INFIX[operator] as { power: number }).power === ASSIGNMENT) {
    return { type: 'update', operator: operator as UpdateOperator, left, right, line, column };
  }
  return { type: 'binary', operator: operator as BinaryOperator, left, right, line, column };
}

function parsePrefix(cursor: Cursor, least: number): Ast {
  const token = peek(cursor);
  const { line, column } = token;
  if (least >= OPERAND) return parsePostfix(cursor);
  if (isKeyword(token, 'def')) {
    const definition = parseDefinition(cursor);
    return { type: 'define', definition, body: parseInfix(cursor, PIPE), line, column };
  }
  if (isKeyword(token, 'label')) {
    cursor.at++;
    const name = parseVariableName(cursor);
    expectSymbol(cursor, '|');
    return { type: 'label', name, body: parseInfix(cursor, PIPE), line, column };
  }
  if (isSymbol(token, '-')) {
    cursor.at++;
    return { type: 'negate', body: parseInfix(cursor, Math.max(least, NEGATED)), line, column };
  }
  return parsePostfix(cursor);
}

function parseBinding(cursor: Cursor, source: Ast): Ast {
  const { line, column } = advance(cursor);
  const patterns = parsePatterns(cursor);
  expectSymbol(cursor, '|');
  return { type: 'bind', source, patterns, body: parseInfix(cursor, PIPE), line, column };
}
