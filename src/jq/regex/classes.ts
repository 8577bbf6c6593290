import { failure } from '../errors.ts';
import type { Test } from './node.ts';

/**
 * Character classes by their Unicode definition (UTS #18, Annex C), each tested on one character at a time. JavaScript's
 * own property tables do the work; a pattern of one class cannot backtrack.
 */
const POSIX: Record<string, string> = {
  alnum: '[\\p{Alphabetic}\\p{Nd}]',
  alpha: '\\p{Alphabetic}',
  ascii: '[\\x00-\\x7f]',
  blank: '[\\p{Zs}\\t]',
  cntrl: '\\p{Cc}',
  digit: '\\p{Nd}',
  graph: '[^\\p{White_Space}\\p{Cc}\\p{Cs}\\p{Cn}]',
  lower: '\\p{Lowercase}',
  print: '[^\\p{Cc}\\p{Cs}\\p{Cn}]',
  punct: '[\\p{P}$+<=>^`|~]',
  space: '\\p{White_Space}',
  upper: '\\p{Uppercase}',
  xdigit: '[0-9a-fA-F]',
  word: '[\\p{L}\\p{M}\\p{N}\\p{Pc}]',
  any: '[^]',
  assigned: '\\P{Cn}',
};

const tests = new Map<string, Test>();

/** The test for a JavaScript class, with the ASCII part looked up in a table. */
function testFor(source: string): Test {
  const known = tests.get(source);
  if (known !== undefined) return known;
  const pattern = new RegExp(`^${source}$`, 'u');
  const table = Array.from({ length: 128 }, (_, code) => pattern.test(String.fromCharCode(code)));
  const test: Test = (code) => (code < 128 ? (table[code] as boolean) : pattern.test(String.fromCodePoint(code)));
  tests.set(source, test);
  return test;
}

/** `[:name:]` */
export function posixClass(name: string): Test | null {
  return Object.hasOwn(POSIX, name) ? testFor(POSIX[name] as string) : null;
}

export const DIGIT = testFor(POSIX.digit as string);
export const WORD = testFor(POSIX.word as string);
export const SPACE = testFor(POSIX.space as string);

/** `\p{name}`: a POSIX class, a general category, a script or a binary property; case, `_`, `-` and blanks do not matter. */
export function propertyClass(name: string): Test {
  const plain = name.toLowerCase().replace(/[ _-]/g, '');
  const posix = posixClass(plain);
  if (posix !== null) return posix;
  const words = name.toLowerCase().split(/[ _-]+/);
  const title = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('_');
  for (const source of [`\\p{${name}}`, `\\p{${title}}`, `\\p{Script=${title}}`]) {
    try {
      return testFor(source);
    } catch {
      // Not a name that JavaScript knows in this form; the next form may be.
    }
  }
  throw failure(`Regex failure: invalid character property name {${name}}`);
}

/** Everything that the class does not hold. */
export function not(test: Test): Test {
  return (code) => !test(code);
}

/** One form for all cases of a letter. */
export function fold(code: number): number {
  if (code < 128) return code >= 65 && code <= 90 ? code + 32 : code;
  const text = String.fromCodePoint(code);
  const upper = text.toUpperCase();
  const lower = (upper.length === text.length ? upper : text).toLowerCase();
  return lower.length === text.length ? (lower.codePointAt(0) as number) : code;
}

/** The class without regard to case. */
export function foldTest(test: Test): Test {
  return (code) => {
    if (test(code)) return true;
    const text = String.fromCodePoint(code);
    const lower = text.toLowerCase();
    const upper = text.toUpperCase();
    return (
      test(lower.codePointAt(0) as number) || (upper.length === text.length && test(upper.codePointAt(0) as number))
    );
  };
}
