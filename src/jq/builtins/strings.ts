import { children } from '../access.ts';
import { splitText } from '../arithmetic.ts';
import { failure } from '../errors.ts';
import { checkLength, claim, tick } from '../limits.ts';
import { excerpt, jsonText } from '../text.ts';
import { type Json, typeName } from '../value.ts';
import { type Builtins, plainAll } from './define.ts';

function failed(message: string): never {
  throw failure(message);
}

function both(input: Json, part: Json, name: string): asserts input is string {
  if (typeof input !== 'string' || typeof part !== 'string') throw failure(`${name}() requires string inputs`);
}

function startsWith(input: Json, part: Json): boolean {
  both(input, part, 'startswith');
  return input.startsWith(part as string);
}

function endsWith(input: Json, part: Json): boolean {
  both(input, part, 'endswith');
  return input.endsWith(part as string);
}

function trimStart(input: Json, part: Json): Json {
  return startsWith(input, part) ? (input as string).slice((part as string).length) : input;
}

function trimEnd(input: Json, part: Json): Json {
  return endsWith(input, part) ? (input as string).slice(0, (input as string).length - (part as string).length) : input;
}

function trimmed(pattern: RegExp): (input: Json) => Json {
  return (input) => (typeof input === 'string' ? input.replace(pattern, '') : failed('trim input must be a string'));
}

/** White space as jq's trim sees it (C's isspace in the C locale). */
const LEADING = /^[ \t\n\v\f\r]+/;
const TRAILING = /(?<![ \t\n\v\f\r])[ \t\n\v\f\r]+$/;

function mapAscii(pattern: RegExp, shift: (text: string) => string): (input: Json) => Json {
  return (input) => {
    // jq's own is written with explode, hence its words.
    if (typeof input !== 'string') return failed('explode input must be a string');
    tick(input.length >>> 3);
    return input.replace(pattern, shift);
  };
}

function explode(input: Json): Json {
  if (typeof input !== 'string') return failed('explode input must be a string');
  tick(input.length);
  claim(8 * input.length);
  return Array.from(input, (c) => c.codePointAt(0) as number);
}

function implode(input: Json): Json {
  if (!Array.isArray(input)) return failed('implode input must be an array');
  claim(2 * input.length);
  let text = '';
  for (const code of input) {
    tick();
    if (typeof code !== 'number' || Number.isNaN(code)) {
      throw failure(`${typeName(code)} (${excerpt(code)}) can't be imploded, unicode codepoint needs to be numeric`);
    }
    const point = Math.trunc(code);
    const valid = point >= 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
    text += valid ? String.fromCodePoint(point) : '\ufffd';
  }
  return text;
}

function join(input: Json, separator: Json): Json {
  const items = children(input);
  if (items.length === 0) return '';
  if (typeof separator !== 'string') {
    if (separator === null) return join(items, '');
    const first = join(items.slice(0, 1), '');
    if (items.length === 1) return first;
    throw failure(`string (${excerpt(first)}) and ${typeName(separator)} (${excerpt(separator)}) cannot be added`);
  }
  let text = '';
  for (let i = 0; i < items.length; i++) {
    tick();
    const item = items[i] as Json;
    if (i > 0) text += separator;
    if (item !== null && typeof item === 'object') {
      throw failure(`string (${excerpt(text)}) and ${typeName(item)} (${excerpt(item)}) cannot be added`);
    }
    if (item !== null) text += typeof item === 'string' ? item : jsonText(item);
    checkLength(text.length);
  }
  claim(text.length);
  return text;
}

export const strings: Builtins = {
  ...plainAll({
    'startswith/1': startsWith,
    'endswith/1': endsWith,
    'ltrimstr/1': trimStart,
    'rtrimstr/1': trimEnd,
    'trimstr/1': (input, part) => trimEnd(trimStart(input, part), part),
    'ltrim/0': trimmed(LEADING),
    'rtrim/0': trimmed(TRAILING),
    'trim/0': (input) => trimmed(TRAILING)(trimmed(LEADING)(input)),
    'ascii_downcase/0': mapAscii(/[A-Z]+/g, (t) => t.toLowerCase()),
    'ascii_upcase/0': mapAscii(/[a-z]+/g, (t) => t.toUpperCase()),
    'ascii/0': (code) => {
      if (typeof code !== 'number' || code < 0 || code > 127) throw failure('ascii codepoint required');
      return String.fromCharCode(code);
    },
    'explode/0': explode,
    'implode/0': implode,
    'join/1': join,
    'split/1': (input, separator) => {
      if (typeof input !== 'string' || typeof separator !== 'string') {
        throw failure('split input and separator must be strings');
      }
      return splitText(input, separator);
    },
  }),
};
