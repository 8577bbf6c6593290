import { fail } from '../model/errors.ts';
import type { Json } from '../model/json.ts';

/** Arrays and objects inside each other, at most. */
export const MAX_DEPTH = 64;

/**
 * Parses a JSON text (RFC 8259) as it comes from outside; a byte order mark before it, which editors of Windows write, is
 * passed over. Throws `invalid-json` with line, column, what was found and
 * what would fit; `too-deep` beyond 64 levels; `invalid-input` for keys that reach the prototype.
 */
export function parseJson(given: string): Json {
  const text = given.charCodeAt(0) === 0xfeff ? given.slice(1) : given;
  if (opensMoreThan(text, MAX_DEPTH)) checkDepth(text);
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidJson(text);
  }
  // The search is cheap and nearly always empty; only a hit is walked. \u escapes hide the names, hence the backslash.
  if (text.includes('\\u') || text.includes('__proto__') || text.includes('constructor')) refusePoison(value, '');
  return value;
}

/** True when a text has more than so many brackets of both kinds, wherever they stand: fewer cannot be too deep. */
function opensMoreThan(text: string, most: number): boolean {
  let found = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) if (++found > most) return true;
  }
  return false;
}

function checkDepth(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at++;
      while (at < text.length && text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1;
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > MAX_DEPTH) {
        throw fail('too-deep', `The body is nested deeper than ${MAX_DEPTH} levels (${place(text, at)}).`);
      }
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
}

function refusePoison(value: Json, pointer: string): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) refusePoison(item, `${pointer}/${index}`);
    return;
  }
  const made = Object.hasOwn(value, 'constructor') ? value['constructor'] : undefined;
  const reaches = typeof made === 'object' && made !== null && Object.hasOwn(made, 'prototype');
  if (Object.hasOwn(value, '__proto__') || reaches) {
    const name = reaches ? 'constructor.prototype' : '__proto__';
    throw fail('invalid-input', {
      detail: `The key "${name}" is not accepted.`,
      errors: [
        { pointer: `${pointer}/${reaches ? 'constructor' : name}`, message: `The key "${name}" is not accepted.` },
      ],
    });
  }
  for (const [key, item] of Object.entries(value)) refusePoison(item, `${pointer}/${key}`);
}

const place = (text: string, at: number): string => {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  return `line ${line}, column ${at - before.lastIndexOf('\n')}`;
};

function invalidJson(text: string): Error {
  const found = findFault(text);
  const character = found.at >= text.length ? 'the end of the text' : `${JSON.stringify(text[found.at])}`;
  const before = text.slice(0, found.at);
  const line = before.split('\n').length;
  const column = found.at - before.lastIndexOf('\n');
  return fail('invalid-json', {
    detail: `The body is not valid JSON: line ${line}, column ${column}, expected ${found.expected} but found ${character}.`,
    errors: [{ pointer: '', message: `Expected ${found.expected} but found ${character}.`, line, column }],
  });
}

interface Fault {
  at: number;
  expected: string;
}

/** Where a text stops being JSON. A loop with a stack of its own, so that no text can exhaust the call stack. */
export function findFault(text: string): Fault {
  const open: ('{' | '[')[] = [];
  let at = 0;
  const skip = () => {
    while (at < text.length && ' \t\n\r'.includes(text[at]!)) at++;
  };
  const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
  const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
  /** Moves over a string; answers what is wrong with it. */
  const readString = (): Fault | undefined => {
    string.lastIndex = at;
    const length = string.exec(text)![0].length;
    at += length;
    if (text[at] === '"') {
      at++;
      return undefined;
    }
    return {
      at,
      expected:
        text[at] === '\\'
          ? 'an escape such as \\n or \\u00e9'
          : at >= text.length
            ? '"'
            : 'an escaped control character',
    };
  };
  /** Moves over a key and its colon. */
  const readKey = (expected: string): Fault | undefined => {
    skip();
    if (text[at] !== '"') return { at, expected };
    const fault = readString();
    if (fault) return fault;
    skip();
    if (text[at] !== ':') return { at, expected: '":"' };
    at++;
    return undefined;
  };
  for (;;) {
    // a value
    skip();
    const start = text[at];
    if (start === '{' || start === '[') {
      at++;
      skip();
      if (text[at] !== (start === '{' ? '}' : ']')) {
        open.push(start);
        if (start === '{') {
          const fault = readKey('a key in double quotes or "}"');
          if (fault) return fault;
        }
        continue;
      }
      at++;
    } else if (start === '"') {
      const fault = readString();
      if (fault) return fault;
    } else {
      scalar.lastIndex = at;
      const match = scalar.exec(text);
      if (!match) return { at, expected: 'a value' };
      at += match[0].length;
    }
    // what may follow it
    for (;;) {
      skip();
      const top = open.at(-1);
      if (top === undefined) return { at, expected: 'the end of the text' };
      if (text[at] === ',') {
        at++;
        if (top === '{') {
          const fault = readKey('a key in double quotes');
          if (fault) return fault;
        }
        break;
      }
      if (text[at] !== (top === '{' ? '}' : ']')) return { at, expected: top === '{' ? '"," or "}"' : '"," or "]"' };
      at++;
      open.pop();
    }
  }
}
