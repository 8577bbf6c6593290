import { randomBytes } from 'node:crypto';
import { parseJson } from '../../../http/json-text.ts';
import { isJsonObject, type Json } from '../../../model/json.ts';

/**
 * JSON whose numbers are kept as they are written. JavaScript knows whole numbers up to 2^53 and no difference between
 * 42 and 42.0; a table of KNIME has 64-bit columns and columns that are always fractions. Such a number travels through
 * this dialect as a text behind a mark that nobody outside of this process can write.
 */
const mark = `exact:${randomBytes(12).toString('hex')}:`;
const marked = new RegExp(`"${mark}(-?[0-9.eE+-]+)"`, 'g');

/** Digits in a row that a number needs before it can be larger than JavaScript counts. */
const MANY_DIGITS = /[0-9]{16}/;

/** Parses as `parseJson` does, with its errors; whole numbers above 2^53 come marked. */
export function parseExact(text: string): Json {
  if (!MANY_DIGITS.test(text)) return parseJson(text);
  let value: Json;
  try {
    value = parseJson(markLongNumbers(text));
  } catch {
    // The places in its errors must be those of the text that was sent.
    return parseJson(text);
  }
  return value;
}

const longNumber = /-?[1-9][0-9]{15,}(?![0-9.eE])/y;

/** A loop over indexes rather than one expression over the text: a long string must not exhaust the matcher's stack. */
function markLongNumbers(text: string): string {
  let out = '';
  let kept = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at++;
      while (at < text.length && text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1;
    } else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      longNumber.lastIndex = at;
      const found = longNumber.exec(text)?.[0];
      if (found !== undefined && !Number.isSafeInteger(Number(found))) {
        out += `${text.slice(kept, at)}"${mark}${found}"`;
        kept = at + found.length;
      }
      // To the end of the number, so that its tail is not taken for one of its own.
      while (/[0-9.eE+-]/.test(text[at + 1] ?? '')) at++;
    }
  }
  return out + text.slice(kept);
}

/** The digits of a marked number; undefined for everything else. */
export const exactDigits = (value: Json): string | undefined =>
  typeof value === 'string' && value.startsWith(mark) ? value.slice(mark.length) : undefined;

/** The value with marked numbers as JavaScript's own, which are not exact any more; itself where there are none. */
export function plainNumbers(value: Json): Json {
  const digits = exactDigits(value);
  if (digits !== undefined) return Number(digits);
  if (Array.isArray(value)) {
    const items = value.map(plainNumbers);
    return items.every((item, at) => item === value[at]) ? value : items;
  }
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([name, item]): [string, Json] => [name, plainNumbers(item)]);
  return entries.every(([name, item]) => item === value[name]) ? value : Object.fromEntries(entries);
}

/** A number that `stringifyExact` writes as this text. */
export const exactNumber = (text: string): Json => `${mark}${text}`;

export function stringifyExact(value: unknown): string {
  const text = JSON.stringify(value);
  return text.includes(mark) ? text.replace(marked, '$1') : text;
}
