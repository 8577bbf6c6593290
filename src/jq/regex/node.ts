/** Tells whether a code point belongs to a class. */
export type Test = (code: number) => boolean;

export type Anchor =
  | 'start'
  | 'end'
  | 'end-or-newline'
  | 'line-start'
  | 'line-end'
  | 'search-start'
  | 'word-boundary'
  | 'no-word-boundary';

/** A parsed pattern. Options such as case and dot-all are already worked into the nodes. */
export type RegexNode =
  | { type: 'empty' }
  | { type: 'char'; code: number; fold: boolean }
  | { type: 'set'; test: Test }
  | { type: 'sequence'; items: RegexNode[] }
  | { type: 'choice'; items: RegexNode[] }
  | { type: 'group'; index: number; body: RegexNode }
  | { type: 'repeat'; body: RegexNode; min: number; max: number; mode: 'greedy' | 'lazy' | 'possessive' }
  | { type: 'atomic'; body: RegexNode }
  | { type: 'look'; body: RegexNode; behind: boolean; negative: boolean }
  | { type: 'anchor'; kind: Anchor }
  | { type: 'backreference'; groups: number[]; fold: boolean }
  | { type: 'keep' };

/** A pattern and the names of its groups; null for a group without a name. */
export interface ParsedRegex {
  node: RegexNode;
  names: (string | null)[];
}
