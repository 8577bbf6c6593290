import { failure } from './errors.ts';
import { checkDepth, claim, tick } from './limits.ts';
import { wellFormed } from './unicode.ts';
import { type Json, type JsonObject, put } from './value.ts';

const ESCAPES: Record<string, string> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const NUMBER = /-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const BLANK = /[ \t\r\n]*/y;
const RUN = /[^"\\]*/y;
const WORD = /-?[a-zA-Z]+/y;
const WORDS: Record<string, Json> = { null: null, true: true, false: false, nan: Number.NaN, NaN: Number.NaN };

interface Reader {
  readonly text: string;
  at: number;
}

/** jq's `fromjson`: one JSON text, `nan` included. Nesting is bounded by the run's depth limit. */
export function parseJson(text: string): Json {
  tick(text.length >>> 3);
  const reader = { text, at: 0 };
  skipBlank(reader);
  if (reader.at === text.length) throw bad(reader, 'Expected JSON value');
  const value = readValue(reader, 0);
  skipBlank(reader);
  if (reader.at < text.length) throw bad(reader, 'Unexpected extra JSON values');
  return value;
}

function bad(reader: Reader, reason: string): Error {
  const { text, at } = reader;
  const shown = text.length > 200 ? `${text.slice(0, 200)}...` : text;
  return failure(`${reason} at offset ${at} (while parsing '${shown}')`);
}

function sticky(pattern: RegExp, reader: Reader): string {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0] ?? '';
  reader.at += found.length;
  return found;
}

function skipBlank(reader: Reader): void {
  sticky(BLANK, reader);
}

function readValue(reader: Reader, depth: number): Json {
  tick();
  const c = reader.text[reader.at];
  if (c === '[') return readArray(reader, depth);
  if (c === '{') return readObject(reader, depth);
  if (c === '"') return readString(reader);
  const number = sticky(NUMBER, reader);
  if (number !== '') {
    const value = Number(number);
    return Number.isFinite(value) ? value : Math.sign(value) * Number.MAX_VALUE;
  }
  const word = sticky(WORD, reader);
  if (Object.hasOwn(WORDS, word)) return WORDS[word] as Json;
  if (word === '-nan' || word === '-NaN') return Number.NaN;
  if (c === undefined) throw bad(reader, 'Unfinished JSON term');
  throw bad(reader, word === '' ? `Unexpected character ${JSON.stringify(c)}` : 'Invalid literal');
}

function readArray(reader: Reader, depth: number): Json[] {
  checkDepth(depth + 1);
  claim(16);
  reader.at++;
  const items: Json[] = [];
  skipBlank(reader);
  if (reader.text[reader.at] === ']') {
    reader.at++;
    return items;
  }
  for (;;) {
    skipBlank(reader);
    items.push(readValue(reader, depth + 1));
    claim(8);
    skipBlank(reader);
    const c = reader.text[reader.at];
    if (c !== ',' && c !== ']') throw bad(reader, c === undefined ? 'Unfinished JSON term' : 'Expected , or ]');
    reader.at++;
    if (c === ']') return items;
  }
}

function readObject(reader: Reader, depth: number): JsonObject {
  checkDepth(depth + 1);
  claim(32);
  reader.at++;
  const object: JsonObject = {};
  skipBlank(reader);
  if (reader.text[reader.at] === '}') {
    reader.at++;
    return object;
  }
  for (;;) {
    skipBlank(reader);
    if (reader.text[reader.at] !== '"') throw bad(reader, 'Object keys must be strings');
    const key = readString(reader);
    skipBlank(reader);
    if (reader.text[reader.at] !== ':') throw bad(reader, 'Expected : after an object key');
    reader.at++;
    skipBlank(reader);
    put(object, key, readValue(reader, depth + 1));
    claim(16);
    skipBlank(reader);
    const c = reader.text[reader.at];
    if (c !== ',' && c !== '}') throw bad(reader, c === undefined ? 'Unfinished JSON term' : 'Expected , or }');
    reader.at++;
    if (c === '}') return object;
  }
}

function readString(reader: Reader): string {
  reader.at++;
  let text = '';
  for (;;) {
    text += sticky(RUN, reader);
    const c = reader.text[reader.at++];
    if (c === '"') {
      claim(text.length);
      return wellFormed(text);
    }
    if (c === undefined) throw bad(reader, 'Unfinished string');
    const code = reader.text[reader.at++] ?? '';
    if (code === 'u') {
      const digits = reader.text.slice(reader.at, reader.at + 4);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw bad(reader, 'Invalid \\u escape');
      text += String.fromCharCode(Number.parseInt(digits, 16));
      reader.at += 4;
    } else {
      const plain = Object.hasOwn(ESCAPES, code) ? ESCAPES[code] : undefined;
      if (plain === undefined) throw bad(reader, 'Invalid escape');
      text += plain;
    }
  }
}
