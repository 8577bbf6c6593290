import type { RegexNode } from './node.ts';
import { bad, MAX_DEPTH, type Reader } from './reader.ts';

const MAX_REPEAT = 100_000;

/** Skips white space and comments, which option `x` allows between the parts of a pattern. */
export function skipExtended(reader: Reader): void {
  for (;;) {
    const c = reader.text[reader.at];
    if (c === '#') {
      const end = reader.text.indexOf('\n', reader.at);
      reader.at = end < 0 ? reader.text.length : end + 1;
    } else if (c !== undefined && /\s/.test(c)) reader.at++;
    else return;
  }
}

/** An atom with all quantifiers behind it. */
export function parseQuantifiers(reader: Reader, atom: RegexNode): RegexNode {
  let node = atom;
  for (let count = 0; ; count++) {
    if (reader.options.extended) skipExtended(reader);
    const range = readRange(reader);
    if (range === null) return node;
    if (count > MAX_DEPTH) bad('parse depth limit over');
    if (atom.type === 'anchor' || atom.type === 'keep') {
      if (range.max > 1) range.max = 1;
    }
    let mode: 'greedy' | 'lazy' | 'possessive' = 'greedy';
    if (reader.text[reader.at] === '?') {
      mode = 'lazy';
      reader.at++;
    } else if (reader.text[reader.at] === '+') {
      mode = 'possessive';
      reader.at++;
    }
    node = { type: 'repeat', body: node, ...range, mode };
  }
}

function readRange(reader: Reader): { min: number; max: number } | null {
  const c = reader.text[reader.at];
  const simple =
    c === '*'
      ? { min: 0, max: Infinity }
      : c === '+'
        ? { min: 1, max: Infinity }
        : c === '?'
          ? { min: 0, max: 1 }
          : null;
  if (simple !== null) {
    reader.at++;
    return simple;
  }
  if (c !== '{') return null;
  const pattern = /\{(\d+)(,?)(\d*)\}/y;
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text);
  // A brace that does not hold a range stands for itself.
  if (found === null) return null;
  reader.at += found[0].length;
  const min = Number(found[1]);
  const max = found[2] === '' ? min : found[3] === '' ? Infinity : Number(found[3]);
  if (min > MAX_REPEAT || (max > MAX_REPEAT && max !== Infinity)) bad('too big number for repeat range');
  if (max < min) bad('upper is smaller than lower in repeat range');
  return { min, max };
}
