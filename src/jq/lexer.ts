import type { Position } from './ast.ts';
import { JqSyntaxError } from './errors.ts';
import { wellFormed } from './unicode.ts';

export type TokenKind = 'number' | 'name' | 'keyword' | 'field' | 'variable' | 'format' | 'string' | 'symbol' | 'end';

/** A string token carries its text and, for each `\( … )`, the tokens inside. */
export interface Token extends Position {
  kind: TokenKind;
  /** Symbol, name without `.`/`$`/`@`, number text; for strings the raw text is not kept. */
  text: string;
  parts?: (string | Token[])[];
}

const KEYWORDS = new Set(
  'def module import include if then elif else end as reduce foreach try catch label and or __loc__'.split(' '),
);

/** Longest first, so that `?//=`-like neighbours never split wrongly. */
const SYMBOLS = [
  '?//', '//=',
  '|=', '+=', '-=', '*=', '/=', '%=', '==', '!=', '<=', '>=', '//', '..',
  '.', '[', ']', '{', '}', '(', ')', '|', ',', ':', ';', '=', '<', '>', '+', '-', '*', '/', '%', '?', '$',
]; // biome-ignore format: kept by length

const NUMBER = /(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y;
const NAME = /(?:[a-zA-Z_][a-zA-Z_0-9]*::)*[a-zA-Z_][a-zA-Z_0-9]*/y;
const FIELD = /\.[a-zA-Z_][a-zA-Z_0-9]*/y;
const FORMAT = /@[a-zA-Z0-9_]+/y;
const ESCAPES: Record<string, string> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** Interpolations nest strings in strings; beyond this the text is refused rather than the stack risked. */
const MAX_NESTING = 500;

/** Cuts a program into tokens. */
export function tokenize(text: string): Token[] {
  const lineStarts = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) lineStarts.push(i + 1);
  let position = 0;

  function locate(offset: number): Position {
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((lineStarts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (lineStarts[low] as number) + 1 };
  }

  function match(pattern: RegExp): string | null {
    pattern.lastIndex = position;
    const found = pattern.exec(text);
    return found ? found[0] : null;
  }

  /** A comment runs to the end of its line; an odd number of backslashes before the line break carries it on. */
  function skipComment(): void {
    for (;;) {
      const end = text.indexOf('\n', position);
      if (end < 0) {
        position = text.length;
        return;
      }
      let last = end - 1;
      if (text[last] === '\r') last--;
      let backslashes = 0;
      while (last - backslashes >= position && text[last - backslashes] === '\\') backslashes++;
      position = end + 1;
      if (backslashes % 2 === 0) return;
    }
  }

  function skipBlank(): void {
    while (position < text.length) {
      const c = text[position];
      if (c === '#') skipComment();
      else if (c === ' ' || c === '\t' || c === '\n' || c === '\r') position++;
      else return;
    }
  }

  function unicodeEscape(): string {
    const digits = /[0-9a-fA-F]{4}/y;
    digits.lastIndex = position;
    const found = digits.exec(text);
    if (!found) {
      throw new JqSyntaxError('invalid \\u escape', {
        ...locate(position),
        found: text.slice(position, position + 4),
        expected: 'four hexadecimal digits',
      });
    }
    position += 4;
    return String.fromCharCode(Number.parseInt(found[0], 16));
  }

  function readString(nesting: number): Token {
    const start = locate(position);
    position++;
    const parts: (string | Token[])[] = [];
    let run = '';
    for (;;) {
      const c = text[position];
      if (c === undefined) {
        throw new JqSyntaxError('unterminated string', { ...start, found: 'end of program', expected: '"' });
      }
      position++;
      if (c === '"') break;
      if (c !== '\\') {
        run += c;
        continue;
      }
      const code = text[position++] ?? '';
      if (code === '(') {
        if (run) parts.push(wellFormed(run));
        run = '';
        parts.push(readUntilParenthesis(nesting + 1));
      } else if (code === 'u') {
        run += unicodeEscape();
      } else if (Object.hasOwn(ESCAPES, code)) {
        run += ESCAPES[code];
      } else {
        throw new JqSyntaxError('invalid escape in string', {
          ...locate(position - 2),
          found: `\\${code}`,
          expected: '\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX or \\(',
        });
      }
    }
    if (run || parts.length === 0) parts.push(wellFormed(run));
    return { kind: 'string', text: '', parts, ...start };
  }

  function readUntilParenthesis(nesting: number): Token[] {
    if (nesting > MAX_NESTING) {
      throw new JqSyntaxError('strings are nested too deeply', {
        ...locate(position),
        expected: `at most ${MAX_NESTING} levels`,
      });
    }
    const tokens: Token[] = [];
    let open = 0;
    for (;;) {
      const token = next(nesting);
      if (token.kind === 'symbol' && token.text === '(') open++;
      if (token.kind === 'symbol' && token.text === ')' && open-- === 0) {
        tokens.push({ ...token, kind: 'end', text: ')' });
        return tokens;
      }
      tokens.push(token);
      if (token.kind === 'end') return tokens;
    }
  }

  function take(kind: TokenKind, length: number, textOf: string): Token {
    const token = { kind, text: textOf, ...locate(position) };
    position += length;
    return token;
  }

  function next(nesting: number): Token {
    skipBlank();
    if (position >= text.length) return { kind: 'end', text: 'end of program', ...locate(position) };
    if (text[position] === '"') return readString(nesting);
    const field = match(FIELD);
    if (field) return take('field', field.length, field.slice(1));
    const number = match(NUMBER);
    if (number) return take('number', number.length, number);
    const name = match(NAME);
    if (name) return take(KEYWORDS.has(name) ? 'keyword' : 'name', name.length, name);
    const format = match(FORMAT);
    if (format) return take('format', format.length, format.slice(1));
    if (text[position] === '$') {
      position++;
      const variable = match(NAME);
      position--;
      if (variable) return take('variable', variable.length + 1, variable);
    }
    for (const symbol of SYMBOLS) {
      if (text.startsWith(symbol, position)) return take('symbol', symbol.length, symbol);
    }
    const found = String.fromCodePoint(text.codePointAt(position) as number);
    throw new JqSyntaxError(`unexpected character ${JSON.stringify(found)}`, { ...locate(position), found });
  }

  const tokens: Token[] = [];
  for (;;) {
    const token = next(0);
    tokens.push(token);
    if (token.kind === 'end') return tokens;
  }
}
