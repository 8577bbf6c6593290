import { readCharEscape, readClassEscape } from './characters.ts';
import { propertyClass } from './classes.ts';
import type { Anchor, RegexNode } from './node.ts';
import { bad, char, NEWLINE, type Reader, set } from './reader.ts';

const ANCHORS: Record<string, Anchor> = {
  A: 'start',
  Z: 'end-or-newline',
  z: 'end',
  G: 'search-start',
  b: 'word-boundary',
  B: 'no-word-boundary',
};

/** What a backslash begins; the reader stands after it. */
export function parseEscape(reader: Reader): RegexNode | null {
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
