import { DIGIT, not, propertyClass, SPACE, WORD } from './classes.ts';
import type { Test } from './node.ts';
import { bad, type Reader } from './reader.ts';

const CLASSES: Record<string, Test> = { d: DIGIT, D: not(DIGIT), w: WORD, W: not(WORD), s: SPACE, S: not(SPACE) };

const CONTROLS: Record<string, number> = { t: 9, n: 10, v: 11, f: 12, r: 13, a: 7, e: 27 };

/** `\d`, `\p{…}` and the like; null when the escape is a single character. The reader stands after the backslash. */
export function readClassEscape(reader: Reader): Test | null {
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
export function readCharEscape(reader: Reader): number {
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
