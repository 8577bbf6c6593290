import { tick } from '../limits.ts';
import { parseClass } from './brackets.ts';
import { parseEscape } from './escapes.ts';
import { countGroups, parseGroup } from './groups.ts';
import type { ParsedRegex, RegexNode } from './node.ts';
import { parseQuantifiers, skipExtended } from './quantifiers.ts';
import { bad, char, MAX_DEPTH, NEWLINE, type Reader, type RegexOptions, set } from './reader.ts';

/** Parses a pattern in Oniguruma's "Perl_NT" syntax, which is what jq sets. */
export function parseRegex(text: string, options: RegexOptions): ParsedRegex {
  const { groups, names } = countGroups(text);
  const reader: Reader = {
    text,
    at: 0,
    depth: 0,
    options: { ...options },
    names: [],
    groups,
    allNames: names,
    choice: parseChoice,
  };
  const node = parseChoice(reader);
  if (reader.at < text.length) bad('unmatched close parenthesis');
  return { node, names: reader.names };
}

function parseChoice(reader: Reader): RegexNode {
  if (++reader.depth > MAX_DEPTH) bad('parse depth limit over');
  const outer = reader.options;
  const items = [parseSequence(reader)];
  while (reader.text[reader.at] === '|') {
    reader.at++;
    items.push(parseSequence(reader));
  }
  // An option set inside a group ends with the group.
  reader.options = outer;
  reader.depth--;
  return items.length === 1 ? (items[0] as RegexNode) : { type: 'choice', items };
}

function parseSequence(reader: Reader): RegexNode {
  const items: RegexNode[] = [];
  for (;;) {
    tick();
    if (reader.options.extended) skipExtended(reader);
    const c = reader.text[reader.at];
    if (c === undefined || c === '|' || c === ')') break;
    const atom = parseAtom(reader);
    if (atom !== null) items.push(parseQuantifiers(reader, atom));
  }
  return items.length === 1 ? (items[0] as RegexNode) : { type: 'sequence', items };
}

function parseAtom(reader: Reader): RegexNode | null {
  const { options } = reader;
  const code = reader.text.codePointAt(reader.at) as number;
  const c = String.fromCodePoint(code);
  reader.at += c.length;
  switch (c) {
    case '.':
      return { type: 'set', test: options.dotAll ? () => true : (other) => other !== NEWLINE };
    case '^':
      return { type: 'anchor', kind: options.singleLine ? 'start' : 'line-start' };
    case '$':
      return { type: 'anchor', kind: options.singleLine ? 'end-or-newline' : 'line-end' };
    case '[':
      return set(reader, parseClass(reader));
    case '(':
      return parseGroup(reader);
    case '\\':
      return parseEscape(reader);
    case '*':
    case '+':
    case '?':
      return bad('target of repeat operator is not specified');
    default:
      return char(reader, code);
  }
}
