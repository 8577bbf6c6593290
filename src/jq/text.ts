import { checkDepth, checkLength, claim, tick } from './limits.ts';
import { compareStrings } from './order.ts';
import { wellFormed } from './unicode.ts';
import type { Json, JsonObject } from './value.ts';

/** How {@link stringify} lays a value out. */
export interface TextOptions {
  /** Spaces per level; 0, the default, prints one line. */
  indent?: number;
  /** Sorts the keys of every object, as `jq -S`. */
  sortKeys?: boolean;
}

/**
 * A number as jq 1.8 prints a double: the shortest digits that read back the same, in plain notation unless the
 * exponent is below -5 or there are more than 15 zeros to fill in. Infinities print as the largest double, nan as null.
 */
export function numberText(value: number): string {
  if (Number.isInteger(value) && value < 1e15 && value > -1e15) return Object.is(value, -0) ? '-0' : String(value);
  if (Number.isNaN(value)) return 'null';
  if (value === Infinity) return '1.7976931348623157e+308';
  if (value === -Infinity) return '-1.7976931348623157e+308';
  const sign = value < 0 ? '-' : '';
  const [mantissa = '', power = '0'] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const point = Number(power) + 1;
  if (point <= -4 || point > digits.length + 15) {
    const exponent = point - 1;
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits + '0'.repeat(point - digits.length);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

const PLAIN = /^[ !#-[\]-~\u0080-\ud7ff\ue000-\uffff]*$/;
const SHORT: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** A string as a JSON text. Half a surrogate pair prints as U+FFFD; DEL is escaped, as jq does. */
export function stringText(value: string): string {
  tick(1 + (value.length >>> 5));
  if (PLAIN.test(value)) return `"${value}"`;
  const escaped = wellFormed(value).replace(/["\\\u0000-\u001f\u007f]/g, (c) => {
    return SHORT[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}

function print(value: Json, options: TextOptions, depth: number): string {
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'string') return stringText(value);
  if (value === null || typeof value === 'boolean') return String(value);
  checkDepth(depth);
  const pad = options.indent ? `\n${' '.repeat(options.indent * (depth + 1))}` : '';
  const end = options.indent ? `\n${' '.repeat(options.indent * depth)}` : '';
  return Array.isArray(value)
    ? printArray(value, options, depth, pad, end)
    : printObject(value, options, depth, pad, end);
}

function printArray(items: Json[], options: TextOptions, depth: number, pad: string, end: string): string {
  if (items.length === 0) return '[]';
  let text = '[';
  for (let i = 0; i < items.length; i++) {
    tick();
    text += (i === 0 ? pad : `,${pad}`) + print(items[i] as Json, options, depth + 1);
    checkLength(text.length);
  }
  return `${text}${end}]`;
}

function printObject(object: JsonObject, options: TextOptions, depth: number, pad: string, end: string): string {
  const keys = Object.keys(object);
  if (keys.length === 0) return '{}';
  if (options.sortKeys) keys.sort(compareStrings);
  const colon = options.indent ? ': ' : ':';
  let text = '{';
  let first = true;
  for (const key of keys) {
    tick();
    text += (first ? pad : `,${pad}`) + stringText(key) + colon + print(object[key] as Json, options, depth + 1);
    checkLength(text.length);
    first = false;
  }
  return `${text}${end}}`;
}

/** The JSON text of a value within the limits of the current run (jq's `tojson`). */
export function jsonText(value: Json, options: TextOptions = {}): string {
  const text = print(value, options, 0);
  claim(text.length);
  return text;
}

/** jq's `tostring`: strings stay as they are, everything else becomes JSON. */
export function toText(value: Json): string {
  return typeof value === 'string' ? value : jsonText(value);
}

/** Longest text of a value that an error message quotes, in UTF-8 bytes. */
const QUOTED = 29;

/** The start of a value's text: enough of it to cut an excerpt from, however large the value is. */
function opening(value: Json, room: number): string {
  if (typeof value === 'string') return stringText(value.slice(0, room));
  if (value === null || typeof value !== 'object') return print(value, {}, 0);
  const isArray = Array.isArray(value);
  let text = isArray ? '[' : '{';
  let first = true;
  for (const key in value) {
    if (text.length > room) return text;
    if (!Object.hasOwn(value, key)) continue;
    const name = isArray ? '' : `${stringText(key)}:`;
    text += (first ? '' : ',') + name + opening((value as JsonObject)[key] as Json, room - text.length);
    first = false;
  }
  return text + (isArray ? ']' : '}');
}

/** A value as jq's error messages quote it: cut to 29 bytes with the closing mark kept, such as `"aaaa..."`. */
export function excerpt(value: Json): string {
  const text = opening(value, QUOTED + 1);
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= QUOTED) return text;
  const close = typeof value === 'string' ? '"' : Array.isArray(value) ? ']' : typeof value === 'object' ? '}' : '';
  let kept = QUOTED - 3 - close.length;
  while (kept > 0 && ((bytes[kept] as number) & 0xc0) === 0x80) kept--;
  return `${new TextDecoder().decode(bytes.subarray(0, kept))}...${close}`;
}
