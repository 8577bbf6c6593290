import type { RegexNode } from './node.ts';
import { bad, type Reader } from './reader.ts';

/** Counts the capturing groups of a pattern and collects their names. */
export function countGroups(text: string): { groups: number; names: Set<string> } {
  const names = new Set<string>();
  let groups = 0;
  let inClass = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '\\') i++;
    else if (inClass) inClass = c !== ']';
    else if (c === '[') {
      inClass = true;
      if (text[i + 1] === '^') i++;
      if (text[i + 1] === ']') i++;
    } else if (c === '(') {
      const name = /^\(\?<([^=!>][^>]*)>/.exec(text.slice(i, i + 200))?.[1];
      if (name !== undefined) names.add(name);
      if (name !== undefined || text[i + 1] !== '?') groups++;
    }
  }
  return { groups, names };
}

/** What stands in parentheses; null for a comment or options. The reader stands after `(`. */
export function parseGroup(reader: Reader): RegexNode | null {
  const { text } = reader;
  if (text[reader.at] !== '?') return capture(reader, null);
  const head = text.slice(reader.at, reader.at + 3);
  if (head.startsWith('?:')) return parseBody(reader, 2);
  if (head.startsWith('?=')) return look(reader, 2, false, false);
  if (head.startsWith('?!')) return look(reader, 2, false, true);
  if (head === '?<=') return look(reader, 3, true, false);
  if (head === '?<!') return look(reader, 3, true, true);
  if (head.startsWith('?>')) return { type: 'atomic', body: parseBody(reader, 2) };
  if (head.startsWith('?#')) {
    const end = text.indexOf(')', reader.at);
    if (end < 0) bad('end pattern in group');
    reader.at = end + 1;
    return null;
  }
  if (head.startsWith('?<') || head.startsWith("?'")) {
    const close = head[1] === '<' ? '>' : "'";
    const end = text.indexOf(close, reader.at + 2);
    const name = end < 0 ? text.slice(reader.at + 2) : text.slice(reader.at + 2, end);
    if (end < 0 || !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name))
      bad(name === '' ? 'group name is empty' : `invalid group name <${name}>`);
    reader.at = end + 1;
    return capture(reader, name);
  }
  return parseOptions(reader);
}

function close(reader: Reader): void {
  if (reader.text[reader.at] !== ')') bad('end pattern with unmatched parenthesis');
  reader.at++;
}

function parseBody(reader: Reader, skip: number): RegexNode {
  reader.at += skip;
  const body = reader.choice(reader);
  close(reader);
  return body;
}

function capture(reader: Reader, name: string | null): RegexNode {
  const index = reader.names.length;
  reader.names.push(name);
  return { type: 'group', index, body: parseBody(reader, 0) };
}

function look(reader: Reader, skip: number, behind: boolean, negative: boolean): RegexNode {
  return { type: 'look', body: parseBody(reader, skip), behind, negative };
}

/** `(?i)`, `(?x-i: … )` */
function parseOptions(reader: Reader): RegexNode | null {
  reader.at++;
  const changed = { ...reader.options };
  let on = true;
  for (;;) {
    const c = reader.text[reader.at++];
    if (c === '-') on = false;
    else if (c === 'i') changed.ignoreCase = on;
    else if (c === 'x') changed.extended = on;
    else if (c === 's') changed.dotAll = on;
    else if (c === 'm') changed.singleLine = !on;
    else if (c === ')') {
      // Without a body the options hold for the rest of the group, alternatives included.
      reader.options = changed;
      return null;
    } else if (c === ':') {
      const outer = reader.options;
      reader.options = changed;
      const body = parseBody(reader, 0);
      reader.options = outer;
      return body;
    } else if (c === undefined) bad('end pattern in group');
    else bad('undefined group option');
  }
}
