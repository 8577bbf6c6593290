import { WORD } from './classes.ts';
import type { Machine } from './machine.ts';
import type { Anchor } from './node.ts';
import { before } from './positions.ts';

/** Whether an anchor holds at a position. */
export function holds(machine: Machine, anchor: Anchor, at: number): boolean {
  const { text } = machine;
  switch (anchor) {
    case 'start':
      return at === 0;
    case 'end':
      return at === text.length;
    case 'end-or-newline':
      return at === text.length || (at === text.length - 1 && text[at] === '\n');
    case 'line-start':
      return at === 0 || text[at - 1] === '\n';
    case 'line-end':
      return at === text.length || text[at] === '\n';
    case 'search-start':
      return at === machine.from;
    default: {
      const boundary = (at > 0 && isWordAt(text, before(text, at))) !== isWordAt(text, at);
      return boundary === (anchor === 'word-boundary');
    }
  }
}

function isWordAt(text: string, at: number): boolean {
  const c = at < 0 ? undefined : text.codePointAt(at);
  return c !== undefined && WORD(c);
}
