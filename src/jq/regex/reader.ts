import { failure } from '../errors.ts';
import { foldTest } from './classes.ts';
import type { RegexNode, Test } from './node.ts';

/** Options that a pattern starts with; `(?imsx)` changes them inside it. */
export interface RegexOptions {
  ignoreCase: boolean;
  extended: boolean;
  dotAll: boolean;
  /** `^` and `$` mean the ends of the text. */
  singleLine: boolean;
}

/** Where the parser of a pattern stands. Rooms below `choice` get back to it through here. */
export interface Reader {
  readonly text: string;
  at: number;
  depth: number;
  options: RegexOptions;
  readonly names: (string | null)[];
  /** Groups in the whole pattern, known before parsing so that `\2` may precede its group. */
  readonly groups: number;
  readonly allNames: ReadonlySet<string>;
  /** Parses alternatives up to the end of their group. */
  readonly choice: (reader: Reader) => RegexNode;
}

export const MAX_DEPTH = 200;

export const NEWLINE = 10;

/** Ends parsing with the reason, in Oniguruma's words. */
export function bad(reason: string): never {
  throw failure(`Regex failure: ${reason}`);
}

/** A single character as the options have it. */
export function char(reader: Reader, code: number): RegexNode {
  return { type: 'char', code, fold: reader.options.ignoreCase };
}

/** One character of a class as the options have it. */
export function set(reader: Reader, test: Test): RegexNode {
  return { type: 'set', test: reader.options.ignoreCase ? foldTest(test) : test };
}
