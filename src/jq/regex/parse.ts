import { failure } from '../errors.ts';
import { tick } from '../limits.ts';
import { DIGIT, foldTest, not, posixClass, propertyClass, SPACE, WORD } from './classes.ts';
import type { Anchor, ParsedRegex, RegexNode, Test } from './node.ts';

/** Options that a pattern starts with; `(?imsx)` changes them inside it. */
export interface RegexOptions {
  ignoreCase: boolean;
  extended: boolean;
  dotAll: boolean;
  /** `^` and `$` mean the ends of the text. */
  singleLine: boolean;
}

interface Reader {
  readonly text: string;
  at: number;
  depth: number;
  options: RegexOptions;
  readonly names: (string | null)[];
  /** Groups in the whole pattern, known before parsing so that `\2` may precede its group. */
  readonly groups: number;
  readonly allNames: ReadonlySet<string>;
}

const MAX_DEPTH = 200;
const MAX_REPEAT = 100_000;

function bad(reason: string): never {
  throw failure(`Regex failure: ${reason}`);
}

/** Parses a pattern in Oniguruma's "Perl_NT" syntax, which is what jq sets. */
export function parseRegex(text: string, options: RegexOptions): ParsedRegex {
  const { groups, names } = countGroups(text);
  const reader: Reader = { text, at: 0, depth: 0, options: { ...options }, names: [], groups, allNames: names };
  const node = parseChoice(reader);
  if (reader.at < text.length) bad('unmatched close parenthesis');
  return { node, names: reader.names };
}

function countGroups(text: string): { groups: number; names: Set<string> } {
  const names = new Set<string>();
  let groups = 0;
  let inClass = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '\\') i++;
    else if (inClass) inClass = c !== ']';
    else if (c === '[') {
      inClass = true;
      if (text[i + 1] === '^') i++;
      if (text[i + 1] === ']') i++;
    } else if (c === '(') {
      const name = /^\(\?<([^=!>][^>]*)>/.exec(text.slice(i, i + 200))?.[1];
      if (name !== undefined) names.add(name);
      if (name !== undefined || text[i + 1] !== '?') groups++;
    }
  }
  return { groups, names };
}

function parseChoice(reader: Reader): RegexNode {
  if (++reader.depth > MAX_DEPTH) bad('parse depth limit over');
  const outer = reader.options;
  const items = [parseSequence(reader)];
  while (reader.text[reader.at] === '|') {
    reader.at++;
    items.push(parseSequence(reader));
  }
  // An option set inside a group ends with the group.
  reader.options = outer;
  reader.depth--;
  return items.length === 1 ? (items[0] as RegexNode) : { type: 'choice', items };
}

function parseSequence(reader: Reader): RegexNode {
  const items: RegexNode[] = [];
  for (;;) {
    tick();
    if (reader.options.extended) skipExtended(reader);
    const c = reader.text[reader.at];
    if (c === undefined || c === '|' || c === ')') break;
    const atom = parseAtom(reader);
    if (atom !== null) items.push(parseQuantifiers(reader, atom));
  }
  return items.length === 1 ? (items[0] as RegexNode) : { type: 'sequence', items };
}

function skipExtended(reader: Reader): void {
  for (;;) {
    const c = reader.text[reader.at];
    if (c === '#') {
      const end = reader.text.indexOf('\n', reader.at);
      reader.at = end < 0 ? reader.text.length : end + 1;
    } else if (c !== undefined && /\s/.test(c)) reader.at++;
    else return;
  }
}

function parseQuantifiers(reader: Reader, atom: RegexNode): RegexNode {
  let node = atom;
  for (let count = 0; ; count++) {
    if (reader.options.extended) skipExtended(reader);
    const range = readRange(reader);
    if (range === null) return node;
    if (count > MAX_DEPTH) bad('parse depth limit over');
    if (atom.type === 'anchor' || atom.type === 'keep') {
      if (range.max > 1) range.max = 1;
    }
    let mode: 'greedy' | 'lazy' | 'possessive' = 'greedy';
    if (reader.text[reader.at] === '?') {
      mode = 'lazy';
      reader.at++;
    } else if (reader.text[reader.at] === '+') {
      mode = 'possessive';
      reader.at++;
    }
    node = { type: 'repeat', body: node, ...range, mode };
  }
}

function readRange(reader: Reader): { min: number; max: number } | null {
  const c = reader.text[reader.at];
  const simple =
    c === '*'
      ? { min: 0, max: Infinity }
      : c === '+'
        ? { min: 1, max: Infinity }
        : c === '?'
          ? { min: 0, max: 1 }
          : null;
  if (simple !== null) {
    reader.at++;
    return simple;
  }
  if (c !== '{') return null;
  const pattern = /\{(\d+)(,?)(\d*)\}/y;
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text);
  // A brace that does not hold a range stands for itself.
  if (found === null) return null;
  reader.at += found[0].length;
  const min = Number(found[1]);
  const max = found[2] === '' ? min : found[3] === '' ? Infinity : Number(found[3]);
  if (min > MAX_REPEAT || (max > MAX_REPEAT && max !== Infinity)) bad('too big number for repeat range');
  if (max < min) bad('upper is smaller than lower in repeat range');
  return { min, max };
}

function char(reader: Reader, code: number): RegexNode {
  return { type: 'char', code, fold: reader.options.ignoreCase };
}

function set(reader: Reader, test: Test): RegexNode {
  return { type: 'set', test: reader.options.ignoreCase ? foldTest(test) : test };
}

const NEWLINE = 10;

function parseAtom(reader: Reader): RegexNode | null {
  const { options } = reader;
  const code = reader.text.codePointAt(reader.at) as number;
  const c = String.fromCodePoint(code);
  reader.at += c.length;
  switch (c) {
    case '.':
      return { type: 'set', test: options.dotAll ? () => true : (other) => other !== NEWLINE };
    case '^':
      return { type: 'anchor', kind: options.singleLine ? 'start' : 'line-start' };
    case '$':
      return { type: 'anchor', kind: options.singleLine ? 'end-or-newline' : 'line-end' };
    case '[':
      return set(reader, parseClass(reader));
    case '(':
      return parseGroup(reader);
    case '\\':
      return parseEscape(reader);
    case '*':
    case '+':
    case '?':
      return bad('target of repeat operator is not specified');
    default:
      return char(reader, code);
  }
}

function parseGroup(reader: Reader): RegexNode | null {
  const { text } = reader;
  if (text[reader.at] !== '?') return capture(reader, null);
  const head = text.slice(reader.at, reader.at + 3);
  if (head.startsWith('?:')) return parseBody(reader, 2);
  if (head.startsWith('?=')) return look(reader, 2, false, false);
  if (head.startsWith('?!')) return look(reader, 2, false, true);
  if (head === '?<=') return look(reader, 3, true, false);
  if (head === '?<!') return look(reader, 3, true, true);
  if (head.startsWith('?>')) return { type: 'atomic', body: parseBody(reader, 2) };
  if (head.startsWith('?#')) {
    const end = text.indexOf(')', reader.at);
    if (end < 0) bad('end pattern in group');
    reader.at = end + 1;
    return null;
  }
  if (head.startsWith('?<') || head.startsWith("?'")) {
    const close = head[1] === '<' ? '>' : "'";
    const end = text.indexOf(close, reader.at + 2);
    const name = end < 0 ? text.slice(reader.at + 2) : text.slice(reader.at + 2, end);
    if (end < 0 || !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name))
      bad(name === '' ? 'group name is empty' : `invalid group name <${name}>`);
    reader.at = end + 1;
    return capture(reader, name);
  }
  return parseOptions(reader);
}

function close(reader: Reader): void {
  if (reader.text[reader.at] !== ')') bad('end pattern with unmatched parenthesis');
  reader.at++;
}

function parseBody(reader: Reader, skip: number): RegexNode {
  reader.at += skip;
  const body = parseChoice(reader);
  close(reader);
  return body;
}

function capture(reader: Reader, name: string | null): RegexNode {
  const index = reader.names.length;
  reader.names.push(name);
  return { type: 'group', index, body: parseBody(reader, 0) };
}

function look(reader: Reader, skip: number, behind: boolean, negative: boolean): RegexNode {
  return { type: 'look', body: parseBody(reader, skip), behind, negative };
}

/** `(?i)`, `(?x-i: … )` */
function parseOptions(reader: Reader): RegexNode | null {
  reader.at++;
  const changed = { ...reader.options };
  let on = true;
  for (;;) {
    const c = reader.text[reader.at++];
    if (c === '-') on = false;
    else if (c === 'i') changed.ignoreCase = on;
    else if (c === 'x') changed.extended = on;
    else if (c === 's') changed.dotAll = on;
    else if (c === 'm') changed.singleLine = !on;
    else if (c === ')') {
      // Without a body the options hold for the rest of the group, alternatives included.
      reader.options = changed;
      return null;
    } else if (c === ':') {
      const outer = reader.options;
      reader.options = changed;
      const body = parseBody(reader, 0);
      reader.options = outer;
      return body;
    } else if (c === undefined) bad('end pattern in group');
    else bad('undefined group option');
  }
}

const ANCHORS: Record<string, Anchor> = {
  A: 'start',
  Z: 'end-or-newline',
  z: 'end',
  G: 'search-start',
  b: 'word-boundary',
  B: 'no-word-boundary',
};

const CLASSES: Record<string, Test> = { d: DIGIT, D: not(DIGIT), w: WORD, W: not(WORD), s: SPACE, S: not(SPACE) };

const CONTROLS: Record<string, number> = { t: 9, n: 10, v: 11, f: 12, r: 13, a: 7, e: 27 };

function parseEscape(reader: Reader): RegexNode | null {
  const c = reader.text[reader.at];
  if (c === undefined) return bad('end pattern at escape');
  if (Object.hasOwn(ANCHORS, c)) {
    reader.at++;
    return { type: 'anchor', kind: ANCHORS[c] as Anchor };
  }
  if (c === 'K') {
    reader.at++;
    return { type: 'keep' };
  }
  if (c === 'Q') return parseQuoted(reader);
  if (c === 'k') return parseNamedReference(reader);
  if (c === 'g') return bad('subexpression calls are not supported');
  if (c === 'N' || c === 'O') {
    reader.at++;
    return { type: 'set', test: c === 'O' ? () => true : (code) => code !== NEWLINE };
  }
  if (c === 'R' || c === 'X') {
    reader.at++;
    return c === 'R' ? LINE_BREAK : GRAPHEME;
  }
  if (/[1-9]/.test(c)) {
    const digits = /\d+/y;
    digits.lastIndex = reader.at;
    const text = (digits.exec(reader.text) as RegExpExecArray)[0];
    const index = Number(text);
    if (index <= reader.groups || text.length === 1) {
      if (index > reader.groups) bad('invalid backref number/name');
      reader.at += text.length;
      return { type: 'backreference', groups: [index - 1], fold: reader.options.ignoreCase };
    }
  }
  const test = readClassEscape(reader);
  return test === null ? char(reader, readCharEscape(reader)) : set(reader, test);
}

function oneOf(...codes: number[]): RegexNode {
  return { type: 'set', test: (code) => codes.includes(code) };
}

const CR_LF: RegexNode = { type: 'sequence', items: [oneOf(13), oneOf(10)] };

/** `\R`: CR LF as one, or any single line break. */
const LINE_BREAK: RegexNode = {
  type: 'atomic',
  body: { type: 'choice', items: [CR_LF, oneOf(10, 11, 12, 13, 0x85, 0x2028, 0x2029)] },
};

/** `\X`: a character with the marks that belong to it. */
const GRAPHEME: RegexNode = {
  type: 'atomic',
  body: {
    type: 'choice',
    items: [
      CR_LF,
      {
        type: 'sequence',
        items: [
          { type: 'set', test: () => true },
          { type: 'repeat', body: { type: 'set', test: propertyClass('M') }, min: 0, max: Infinity, mode: 'greedy' },
        ],
      },
    ],
  },
};

function parseQuoted(reader: Reader): RegexNode {
  const end = reader.text.indexOf('\\E', reader.at);
  const quoted = reader.text.slice(reader.at + 1, end < 0 ? undefined : end);
  reader.at = end < 0 ? reader.text.length : end + 2;
  return { type: 'sequence', items: Array.from(quoted, (c) => char(reader, c.codePointAt(0) as number)) };
}

function parseNamedReference(reader: Reader): RegexNode {
  const found = /^k(?:<([^>]*)>|'([^']*)')/.exec(reader.text.slice(reader.at, reader.at + 200));
  if (found === null) return bad('invalid backref number/name');
  reader.at += found[0].length;
  const name = found[1] ?? found[2] ?? '';
  if (/^-?\d+$/.test(name)) {
    const index = name.startsWith('-') ? reader.names.length + Number(name) : Number(name) - 1;
    if (index < 0 || index >= reader.groups) bad('invalid backref number/name');
    return { type: 'backreference', groups: [index], fold: reader.options.ignoreCase };
  }
  if (!reader.allNames.has(name)) bad(`undefined name <${name}> reference`);
  const groups = reader.names.flatMap((other, index) => (other === name ? [index] : []));
  return { type: 'backreference', groups, fold: reader.options.ignoreCase };
}

/** `\d`, `\p{…}` and the like; null when the escape is a single character. The reader stands after the backslash. */
function readClassEscape(reader: Reader): Test | null {
  const c = reader.text[reader.at] as string;
  if (Object.hasOwn(CLASSES, c)) {
    reader.at++;
    return CLASSES[c] as Test;
  }
  if ((c === 'p' || c === 'P') && reader.text[reader.at + 1] === '{') {
    const end = reader.text.indexOf('}', reader.at);
    if (end < 0) bad(`invalid character property name {${c}}`);
    const name = reader.text.slice(reader.at + 2, end);
    reader.at = end + 1;
    const negative = name.startsWith('^') !== (c === 'P');
    const test = propertyClass(name.startsWith('^') ? name.slice(1) : name);
    return negative ? not(test) : test;
  }
  return null;
}

/** The code point of `\t`, `\x41`, `\x{1F600}`, `\101`, `\cA` or an escaped character. */
function readCharEscape(reader: Reader): number {
  const code = reader.text.codePointAt(reader.at);
  if (code === undefined) return bad('end pattern at escape');
  const c = String.fromCodePoint(code);
  const rest = reader.text.slice(reader.at, reader.at + 12);
  const hex = /^x(?:\{([0-9a-fA-F]{1,8})\}|([0-9a-fA-F]{1,2}))/.exec(rest);
  if (hex !== null) {
    reader.at += hex[0].length;
    const value = Number.parseInt((hex[1] ?? hex[2]) as string, 16);
    return value > 0x10ffff ? bad('too big wide-char value') : value;
  }
  const octal = /^[0-7]{1,3}/.exec(rest);
  if (octal !== null) {
    reader.at += octal[0].length;
    return Number.parseInt(octal[0], 8) & 0xff;
  }
  if (c === 'c' && rest.length > 1) {
    reader.at += 2;
    return rest.charCodeAt(1) & 0x1f;
  }
  reader.at += c.length;
  return Object.hasOwn(CONTROLS, c) ? (CONTROLS[c] as number) : code;
}

/** A class in brackets; the reader stands after `[`. */
function parseClass(reader: Reader): Test {
  const negative = reader.text[reader.at] === '^';
  if (negative) reader.at++;
  const tests: Test[] = [];
  const ranges: [number, number][] = [];
  for (let first = true; ; first = false) {
    tick();
    if (reader.at >= reader.text.length) bad('premature end of char-class');
    if (reader.text[reader.at] === ']' && !first) break;
    const item = readClassItem(reader);
    if (typeof item === 'function') {
      tests.push(item);
      continue;
    }
    const end = readRangeEnd(reader);
    if (end !== null && end < item) bad('empty range in char class');
    ranges.push([item, end ?? item]);
  }
  reader.at++;
  const test: Test = (code) => ranges.some(([low, high]) => code >= low && code <= high) || tests.some((t) => t(code));
  const folded = reader.options.ignoreCase ? foldTest(test) : test;
  return negative ? not(folded) : folded;
}

function readClassItem(reader: Reader): number | Test {
  const posix = /^\[:(\^?)([a-zA-Z]+):\]/.exec(reader.text.slice(reader.at, reader.at + 40));
  if (posix !== null) {
    const test = posixClass((posix[2] as string).toLowerCase());
    if (test === null) return bad('invalid POSIX bracket type');
    reader.at += posix[0].length;
    return posix[1] === '^' ? not(test) : test;
  }
  if (reader.text[reader.at] === '\\') {
    reader.at++;
    if (reader.at >= reader.text.length) bad('end pattern at escape');
    if (reader.text[reader.at] === 'b') {
      reader.at++;
      return 8;
    }
    return readClassEscape(reader) ?? readCharEscape(reader);
  }
  const code = reader.text.codePointAt(reader.at) as number;
  reader.at += code > 0xffff ? 2 : 1;
  return code;
}

/** The upper end of `a-z` when there is one; a dash before `]` or a class stands for itself. */
function readRangeEnd(reader: Reader): number | null {
  if (reader.text[reader.at] !== '-' || reader.text[reader.at + 1] === ']' || reader.at + 1 >= reader.text.length)
    return null;
  const start = reader.at;
  reader.at++;
  const end = readClassItem(reader);
  if (typeof end === 'number') return end;
  reader.at = start;
  return null;
}
