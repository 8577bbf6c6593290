import type { Ast, BinaryOperator, FunctionDefinition, Pattern, UpdateOperator } from './ast.ts';
import { JqSyntaxError } from './errors.ts';
import { type Token, tokenize } from './lexer.ts';

type Side = 'left' | 'right' | 'none';

/** Binding power and associativity of the infix operators, loosest first (jq manual, "Basic filters" onwards). */
const INFIX: Record<string, { power: number; side: Side }> = {
  '|': { power: 1, side: 'right' },
  ',': { power: 2, side: 'left' },
  '//': { power: 4, side: 'right' },
  ...Object.fromEntries(['=', '|=', '+=', '-=', '*=', '/=', '%=', '//='].map((o) => [o, { power: 5, side: 'none' }])),
  or: { power: 6, side: 'left' },
  and: { power: 7, side: 'left' },
  ...Object.fromEntries(['==', '!=', '<', '<=', '>', '>='].map((o) => [o, { power: 8, side: 'none' }])),
  '+': { power: 9, side: 'left' },
  '-': { power: 9, side: 'left' },
  '*': { power: 10, side: 'left' },
  '/': { power: 10, side: 'left' },
  '%': { power: 10, side: 'left' },
};

const PIPE = 1;
/** `2 * . as $x | …` binds the product: `as` is looser than every operator but the comma and the pipe. */
const BINDING = 3;
/** An expression without `|`, `,` and `as`: what `reduce`, `foreach` and object values take. */
const EXPRESSION = 4;
const ASSIGNMENT = 5;
/** Operand of a unary minus: it binds tighter than any infix operator. */
const NEGATED = 11;

/** Deeper programs are refused: the parser and the compiler recurse. */
const MAX_DEPTH = 1000;

interface Cursor {
  tokens: Token[];
  at: number;
  depth: number;
}

/** Parses a whole program into its tree. Throws {@link JqSyntaxError}. */
export function parse(text: string): Ast {
  const cursor = { tokens: tokenize(text), at: 0, depth: 0 };
  // A program of nothing but blanks and comments is the identity, as in jq.
  if (peek(cursor).kind === 'end') return { type: 'identity', line: 1, column: 1 };
  const program = onlyDefinitions(cursor) ?? parseInfix(cursor, PIPE);
  if (peek(cursor).kind !== 'end') throw unexpected(peek(cursor), 'an operator or the end of the program');
  return program;
}

/** A program that ends after its definitions is the identity. */
function onlyDefinitions(cursor: Cursor): Ast | null {
  const start = cursor.at;
  const { line, column } = peek(cursor);
  const definitions: FunctionDefinition[] = [];
  while (isKeyword(peek(cursor), 'def')) definitions.push(parseDefinition(cursor));
  if (definitions.length === 0 || peek(cursor).kind !== 'end') {
    cursor.at = start;
    return null;
  }
  const identity: Ast = { type: 'identity', line, column };
  return definitions.reduceRight<Ast>(
    (body, definition) => ({ type: 'define', definition, body, line, column }),
    identity,
  );
}

function peek(cursor: Cursor): Token {
  return cursor.tokens[cursor.at] as Token;
}

function advance(cursor: Cursor): Token {
  const token = peek(cursor);
  if (token.kind !== 'end') cursor.at++;
  return token;
}

function isSymbol(token: Token, text: string): boolean {
  return token.kind === 'symbol' && token.text === text;
}

function isKeyword(token: Token, text: string): boolean {
  return token.kind === 'keyword' && token.text === text;
}

function describe(token: Token): string {
  if (token.kind === 'string') return 'a string';
  if (token.kind === 'field') return `.${token.text}`;
  if (token.kind === 'variable') return `$${token.text}`;
  if (token.kind === 'format') return `@${token.text}`;
  return token.text;
}

function unexpected(token: Token, expected: string): JqSyntaxError {
  const found = describe(token);
  return new JqSyntaxError(`unexpected ${found}, expected ${expected}`, {
    line: token.line,
    column: token.column,
    found,
    expected,
  });
}

function eat(cursor: Cursor, symbol: string): boolean {
  if (!isSymbol(peek(cursor), symbol)) return false;
  cursor.at++;
  return true;
}

function expectSymbol(cursor: Cursor, symbol: string): void {
  if (!eat(cursor, symbol)) throw unexpected(peek(cursor), symbol);
}

function expectKeyword(cursor: Cursor, keyword: string): void {
  if (!isKeyword(peek(cursor), keyword)) throw unexpected(peek(cursor), keyword);
  cursor.at++;
}

function infixOf(token: Token): string | null {
  if (token.kind === 'symbol') return Object.hasOwn(INFIX, token.text) ? token.text : null;
  return token.kind === 'keyword' && (token.text === 'and' || token.text === 'or') ? token.text : null;
}

function parseInfix(cursor: Cursor, least: number): Ast {
  if (++cursor.depth > MAX_DEPTH) {
    const { line, column } = peek(cursor);
    throw new JqSyntaxError('the program is nested too deeply', {
      line,
      column,
      expected: `at most ${MAX_DEPTH} levels`,
    });
  }
  const node = parseChain(cursor, least);
  cursor.depth--;
  return node;
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
    const { power, side } = INFIX[operator] as { power: number; side: Side };
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

function parseDefinition(cursor: Cursor): FunctionDefinition {
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
  const body = parseInfix(cursor, PIPE);
  expectSymbol(cursor, ';');
  return { name, parameters, body };
}

function parseName(cursor: Cursor): string {
  const token = peek(cursor);
  if (token.kind !== 'name' && token.kind !== 'keyword') throw unexpected(token, 'a name');
  cursor.at++;
  return token.text;
}

function parseVariableName(cursor: Cursor): string {
  const token = peek(cursor);
  if (token.kind !== 'variable') throw unexpected(token, 'a variable such as $name');
  cursor.at++;
  return token.text;
}

function parsePatterns(cursor: Cursor): Pattern[] {
  const patterns = [parsePattern(cursor)];
  while (eat(cursor, '?//')) patterns.push(parsePattern(cursor));
  return patterns;
}

function parsePattern(cursor: Cursor): Pattern {
  if (++cursor.depth > MAX_DEPTH) {
    throw new JqSyntaxError('the pattern is nested too deeply', {
      ...peek(cursor),
      expected: `at most ${MAX_DEPTH} levels`,
    });
  }
  const pattern = parsePatternBody(cursor);
  cursor.depth--;
  return pattern;
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

/** The keys that objects and patterns share: a name, a keyword, a string, or any expression in parentheses. */
function parseObjectKey(cursor: Cursor): Ast {
  const token = peek(cursor);
  const { line, column } = token;
  if (token.kind === 'name' || token.kind === 'keyword') {
    cursor.at++;
    return { type: 'literal', value: token.text, line, column };
  }
  if (token.kind === 'string' || token.kind === 'format') return parseStringTerm(cursor);
  if (eat(cursor, '(')) {
    const key = parseInfix(cursor, PIPE);
    expectSymbol(cursor, ')');
    if (isConstant(key) && !(key.type === 'literal' && typeof key.value === 'string')) {
      throw new JqSyntaxError('an object key must be a string', {
        line,
        column,
        found: key.type,
        expected: 'a string',
      });
    }
    return key;
  }
  throw unexpected(token, 'a name, a string, $name or (…) as a key');
}

/** jq folds constants when it compiles, and so refuses a key such as `([1])` without running it. */
function isConstant(node: Ast): boolean {
  if (node.type === 'array') return node.body === null || isConstantList(node.body);
  if (node.type === 'object') return node.entries.every(({ key, value }) => isConstant(key) && isConstant(value));
  return node.type === 'literal';
}

function isConstantList(node: Ast): boolean {
  if (node.type === 'comma') return isConstantList(node.left) && isConstantList(node.right);
  return isConstant(node);
}

function parseObject(cursor: Cursor): Ast {
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
  const left = parseInfix(cursor, EXPRESSION);
  const { line, column } = peek(cursor);
  if (!eat(cursor, '|')) return left;
  return { type: 'pipe', left, right: parseObjectValue(cursor), line, column };
}

function variableOrLocation(token: Token): Ast {
  const { line, column } = token;
  if (token.text === '__loc__') return { type: 'literal', value: { file: '<top-level>', line }, line, column };
  return { type: 'variable', name: token.text, line, column };
}

function parsePostfix(cursor: Cursor): Ast {
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

function parseQuotedField(cursor: Cursor, target: Ast): Ast {
  const { line, column } = peek(cursor);
  return { type: 'index', target, key: parseStringTerm(cursor), line, column };
}

function parseBracket(cursor: Cursor, target: Ast): Ast {
  const { line, column } = peek(cursor);
  expectSymbol(cursor, '[');
  if (eat(cursor, ']')) return { type: 'iterate', target, line, column };
  if (eat(cursor, ':')) {
    const to = parseInfix(cursor, PIPE);
    expectSymbol(cursor, ']');
    return { type: 'slice', target, from: null, to, line, column };
  }
  const key = parseInfix(cursor, PIPE);
  if (eat(cursor, ']')) return { type: 'index', target, key, line, column };
  if (!eat(cursor, ':')) throw unexpected(peek(cursor), '] or :');
  const to = isSymbol(peek(cursor), ']') ? null : parseInfix(cursor, PIPE);
  expectSymbol(cursor, ']');
  return { type: 'slice', target, from: key, to, line, column };
}

function parseStringTerm(cursor: Cursor): Ast {
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
  const cursor = { tokens, at: 0, depth: outer.depth };
  const node = parseInfix(cursor, PIPE);
  const last = peek(cursor);
  if (last.kind !== 'end' || last.text !== ')') throw unexpected(last, ')');
  return node;
}

function parseTerm(cursor: Cursor): Ast {
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
    do args.push(parseInfix(cursor, PIPE));
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
      const body = parseInfix(cursor, PIPE);
      expectSymbol(cursor, ')');
      return body;
    }
    case '[': {
      cursor.at++;
      if (eat(cursor, ']')) return { type: 'array', body: null, line, column };
      const body = parseInfix(cursor, PIPE);
      expectSymbol(cursor, ']');
      return { type: 'array', body, line, column };
    }
    case '{':
      return parseObject(cursor);
    default:
      throw unexpected(token, 'a filter');
  }
}

function parseKeywordTerm(cursor: Cursor): Ast {
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
      const extract = eat(cursor, ';') ? parseInfix(cursor, PIPE) : null;
      expectSymbol(cursor, ')');
      return { type: 'foreach', source, patterns, start, update, extract, line, column };
    }
    case 'def':
      cursor.at--;
      return parsePrefix(cursor, PIPE);
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
  return isSymbol(peek(cursor), '-') ? parsePrefix(cursor, NEGATED) : parsePostfix(cursor);
}

function parseLoopHead(cursor: Cursor): { source: Ast; patterns: Pattern[] } {
  const source = parseInfix(cursor, EXPRESSION);
  expectKeyword(cursor, 'as');
  return { source, patterns: parsePatterns(cursor) };
}

function parseLoopBody(cursor: Cursor, close = true): [Ast, Ast] {
  expectSymbol(cursor, '(');
  const start = parseInfix(cursor, PIPE);
  expectSymbol(cursor, ';');
  const update = parseInfix(cursor, PIPE);
  if (close) expectSymbol(cursor, ')');
  return [start, update];
}

function parseIf(cursor: Cursor, { line, column }: Token): Ast {
  const condition = parseInfix(cursor, PIPE);
  expectKeyword(cursor, 'then');
  const yes = parseInfix(cursor, PIPE);
  const next = peek(cursor);
  if (isKeyword(next, 'elif')) {
    cursor.at++;
    // `elif` is an `if` in the else branch that shares our `end`.
    return { type: 'if', condition, yes, no: parseIf(cursor, next), line, column };
  }
  let no: Ast | null = null;
  if (isKeyword(next, 'else')) {
    cursor.at++;
    no = parseInfix(cursor, PIPE);
  }
  expectKeyword(cursor, 'end');
  return { type: 'if', condition, yes, no, line, column };
}
