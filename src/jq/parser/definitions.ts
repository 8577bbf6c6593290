import type { FunctionDefinition } from '../ast.ts';
import { type Cursor, eat, expectKeyword, expectSymbol, peek } from './cursor.ts';
import { PIPE } from './levels.ts';
import { parseName, parseVariableName } from './names.ts';

/** `def name(parameters): body;` */
export function parseDefinition(cursor: Cursor): FunctionDefinition {
  expectKeyword(cursor, 'def');
  const name = parseName(cursor);
  const parameters: FunctionDefinition['parameters'] = [];
  if (eat(cursor, '(')) {
    do {
      const value = peek(cursor).kind === 'variable';
      parameters.push({ name: value ? parseVariableName(cursor) : parseName(cursor), value });
    } while (eat(cursor, ';'));
    expectSymbol(cursor, ')');
  }
  expectSymbol(cursor, ':');
  const body = cursor.expression(cursor, PIPE);
  expectSymbol(cursor, ';');
  return { name, parameters, body };
}
