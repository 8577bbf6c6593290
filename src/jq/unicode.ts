import { tick } from './limits.ts';

const SURROGATE = /[\ud800-\udfff]/;

/** The text with every half of a surrogate pair replaced by U+FFFD, as jq keeps no such text. */
export function wellFormed(text: string): string {
  return SURROGATE.test(text) ? text.replace(/\p{Surrogate}/gu, '\ufffd') : text;
}

/** True when code units and code points of the text are the same, which is so for nearly every text. */
export function isFlat(text: string): boolean {
  tick(text.length >>> 6);
  return !SURROGATE.test(text);
}

/** Length in code points, which is how jq counts. */
export function codePoints(text: string): number {
  if (isFlat(text)) return text.length;
  let count = 0;
  for (const _ of text) count++;
  tick(count >>> 3);
  return count;
}

/** The code unit offset of the `count`-th code point after `from`. */
export function advanceBy(text: string, from: number, count: number): number {
  let offset = from;
  for (let i = 0; i < count && offset < text.length; i++)
    offset += (text.codePointAt(offset) as number) > 0xffff ? 2 : 1;
  return offset;
}

/** Slice by code points. */
export function sliceText(text: string, start: number, end: number): string {
  if (isFlat(text)) return text.slice(start, end);
  tick(end >>> 3);
  const from = advanceBy(text, 0, start);
  return text.slice(from, advanceBy(text, from, end - start));
}

/** Converts ascending code unit offsets into code point offsets without starting over each time. */
export function pointCounter(text: string): (offset: number) => number {
  if (isFlat(text)) return (offset) => offset;
  let unit = 0;
  let point = 0;
  return (offset) => {
    if (offset < unit) {
      unit = 0;
      point = 0;
    }
    while (unit < offset) {
      unit += (text.codePointAt(unit) as number) > 0xffff ? 2 : 1;
      point++;
    }
    return point;
  };
}

/** Length in UTF-8 bytes. */
export function utf8Length(text: string): number {
  let bytes = 0;
  tick(text.length >>> 3);
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x80) bytes += 1;
    else if (c < 0x800) bytes += 2;
    else if (c >= 0xd800 && c < 0xdc00 && i + 1 < text.length) {
      bytes += 4;
      i++;
    } else bytes += 3;
  }
  return bytes;
}
