import { tick } from '../limits.ts';
import { readCharEscape, readClassEscape } from './characters.ts';
import { foldTest, not, posixClass } from './classes.ts';
import type { Test } from './node.ts';
import { bad, type Reader } from './reader.ts';

/** A class in brackets; the reader stands after `[`. */
export function parseClass(reader: Reader): Test {
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
