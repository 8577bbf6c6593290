import { failure } from '../errors.ts';
import { claim, tick } from '../limits.ts';
import { excerpt, jsonText, numberText, toText } from '../text.ts';
import { wellFormed } from '../unicode.ts';
import { type Json, typeName } from '../value.ts';
import type { Builtins } from './define.ts';
import { plain } from './define.ts';

type Formatter = (value: Json) => string;

const HTML: Record<string, string> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', "'": '&apos;', '"': '&quot;' };

function rows(value: Json, format: string): Json[] {
  if (Array.isArray(value)) return value;
  throw failure(`${typeName(value)} (${excerpt(value)}) cannot be ${format}-formatted, only array`);
}

function cell(value: Json, text: (value: string) => string): string {
  tick();
  if (value === null) return '';
  if (typeof value === 'string') return text(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isNaN(value) ? '' : numberText(value);
  throw failure(`${typeName(value)} (${excerpt(value)}) is not valid in a csv row`);
}

const TSV: Record<string, string> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\\': '\\\\' };

function shell(value: Json): string {
  if (value !== null && typeof value === 'object') {
    throw failure(`${typeName(value)} (${excerpt(value)}) can not be escaped for shell`);
  }
  return typeof value === 'string' ? `'${value.replaceAll("'", "'\\''")}'` : jsonText(value);
}

function encodeUri(text: string): string {
  return encodeURIComponent(wellFormed(text)).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decodeUri(value: Json): string {
  const text = toText(value);
  const bytes: number[] = [];
  for (const byte of new TextEncoder().encode(text.replace(/%(?![0-9a-fA-F]{2})/g, '\u0000'))) bytes.push(byte);
  if (/%(?![0-9a-fA-F]{2})/.test(text))
    throw failure(`${typeName(value)} (${excerpt(text)}) is not a valid uri encoding`);
  const plainBytes: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte !== 0x25) plainBytes.push(byte);
    else {
      plainBytes.push(Number.parseInt(String.fromCharCode(bytes[i + 1] as number, bytes[i + 2] as number), 16));
      i += 2;
    }
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(plainBytes));
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648: packs bytes into digits of `bits` bits, padded to whole groups of `group` digits. */
function encodeBase(text: string, alphabet: string, bits: number, group: number): string {
  let out = '';
  let buffer = 0;
  let held = 0;
  for (const byte of new TextEncoder().encode(text)) {
    buffer = ((buffer << 8) | byte) & 0xffff;
    held += 8;
    while (held >= bits) {
      held -= bits;
      out += alphabet[(buffer >> held) & ((1 << bits) - 1)];
    }
  }
  if (held > 0) out += alphabet[(buffer << (bits - held)) & ((1 << bits) - 1)];
  while (out.length % group !== 0) out += '=';
  return out;
}

/** The value of each digit by its character code; -1 for what is no digit. */
function placesOf(alphabet: string): number[] {
  return Array.from({ length: 128 }, (_, code) => alphabet.indexOf(String.fromCharCode(code)));
}

/** Unpacks RFC 4648 text. Bytes that are no UTF-8 become U+FFFD; a stray digit or a text without any byte is refused. */
function decodeBase(value: Json, alphabet: string, bits: number, name: string): string {
  const text = toText(value);
  const bad = () => failure(`${typeName(value)} (${excerpt(value)}) is not valid ${name} data`);
  let buffer = 0;
  let held = 0;
  let count = 0;
  const digits = text.replace(/=+$/, '');
  const bytes = new Uint8Array(Math.ceil((digits.length * bits) / 8));
  const places = placesOf(alphabet);
  tick(digits.length >>> 1);
  for (let i = 0; i < digits.length; i++) {
    const digit = places[digits.charCodeAt(i)] ?? -1;
    if (digit < 0) throw bad();
    buffer = ((buffer << bits) | digit) & 0xffff;
    held += bits;
    if (held >= 8) {
      held -= 8;
      bytes[count++] = (buffer >> held) & 0xff;
    }
  }
  if (count === 0 && digits.length > 0) {
    throw failure(`string (${excerpt(text)}) trailing ${name} byte found`);
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, count));
}

const FORMATTERS: Record<string, Formatter> = {
  text: toText,
  json: (value) => jsonText(value),
  html: (value) => toText(value).replace(/[<>&'"]/g, (c) => HTML[c] as string),
  uri: (value) => encodeUri(toText(value)),
  urid: decodeUri,
  csv: (value) =>
    rows(value, 'csv')
      .map((item) => cell(item, (t) => `"${t.replaceAll('"', '""')}"`))
      .join(','),
  tsv: (value) =>
    rows(value, 'tsv')
      .map((item) => cell(item, (t) => t.replace(/[\t\n\r\\]/g, (c) => TSV[c] as string)))
      .join('\t'),
  sh: (value) => (Array.isArray(value) ? value.map(shell).join(' ') : shell(value)),
  base64: (value) => encodeBase(toText(value), BASE64, 6, 4),
  base64d: (value) => decodeBase(value, BASE64, 6, 'base64'),
  base32: (value) => encodeBase(toText(value), BASE32, 5, 8),
  base32d: (value) => decodeBase(value, BASE32, 5, 'base32'),
};

/** The function behind `@name`. An unknown name is an error when it runs, as in jq. */
export function formatter(name: string): Formatter {
  const format = Object.hasOwn(FORMATTERS, name) ? (FORMATTERS[name] as Formatter) : null;
  if (format === null) {
    return () => {
      throw failure(`${name} is not a valid format`);
    };
  }
  return (value) => {
    if (typeof value === 'string') tick(value.length >>> 2);
    const text = format(value);
    claim(text.length);
    return text;
  };
}

export const formats: Builtins = {
  'format/1': plain((input, name) => {
    if (typeof name !== 'string') throw failure(`${typeName(name)} (${excerpt(name)}) is not a valid format`);
    return formatter(name)(input);
  }),
};
