import { type IssueSink, SourceError, sourceLimits, tooMany } from './limits.ts';
import { mappingNode, type SourceNode, scalarNode, sequenceNode } from './node.ts';

const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const wordPattern = /true|false|null/y;
const escapePattern = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * Composes the tree of a JSON text (RFC 8259): exactly what `JSON.parse` accepts, but with offsets, duplicate keys
 * reported and depth bounded. The texts of V8's own errors differ between Node versions and often have no position.
 *
 * @throws SourceError at the first character that does not fit
 */
export function composeJson(text: string, issues: IssueSink, mostNodes: number): SourceNode {
  // RFC 8259 section 8.1 lets a reader ignore a byte order mark.
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;

  const unexpected = (accepted: string): SourceError => {
    if (at >= text.length) return new SourceError(at, `The text ends where ${accepted} is expected.`);
    return new SourceError(
      at,
      `Found ${JSON.stringify(String.fromCodePoint(text.codePointAt(at)!))} where ${accepted} is expected.`,
    );
  };

  const skipSpace = (): void => {
    for (;;) {
      const code = text.charCodeAt(at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      at++;
    }
  };

  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };

  const string = (): string => {
    const start = at++;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === 0x22) break;
      if (Number.isNaN(code)) throw new SourceError(start, 'The text that begins here has no closing quote.');
      if (code < 0x20) throw unexpected('a character (in a text, line breaks and tabs are written `\\n` and `\\t`)');
      if (code !== 0x5c) at++;
      else if (match(escapePattern) === undefined)
        throw new SourceError(
          at,
          'JSON has only the escapes \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hex digits.',
        );
    }
    return JSON.parse(text.slice(start, ++at));
  };

  let nodes = 0;
  const value = (depth: number): SourceNode => {
    skipSpace();
    const start = at;
    if (++nodes > mostNodes) throw tooMany(at, mostNodes);
    const first = text[at];
    if (first === '"') return scalarNode(start, string());
    if (first === '{') return object(start, depth + 1);
    if (first === '[') return array(start, depth + 1);
    const word = match(wordPattern);
    if (word !== undefined) return scalarNode(start, JSON.parse(word));
    const number = match(numberPattern);
    if (number === undefined) throw unexpected('a value');
    if (!Number.isFinite(Number(number))) issues.add(start, `The number ${number.slice(0, 40)} is too large.`);
    return scalarNode(start, Number(number));
  };

  const array = (start: number, depth: number): SourceNode => {
    const node = sequenceNode(start);
    checkDepth(start, depth);
    at++;
    skipSpace();
    if (text[at] === ']') {
      at++;
      return node;
    }
    for (;;) {
      const item = value(depth);
      node.items.push({ at: item.at, node: item });
      skipSpace();
      if (text[at] === ']') break;
      if (text[at] !== ',') throw unexpected('`,` or `]`');
      at++;
    }
    at++;
    return node;
  };

  const object = (start: number, depth: number): SourceNode => {
    const node = mappingNode(start);
    checkDepth(start, depth);
    at++;
    skipSpace();
    if (text[at] === '}') {
      at++;
      return node;
    }
    for (;;) {
      skipSpace();
      const keyAt = at;
      if (text[at] !== '"') throw unexpected('a key in double quotes');
      const key = string();
      nodes++;
      skipSpace();
      if (text[at] !== ':') throw unexpected('`:`');
      at++;
      const member = value(depth);
      if (node.entries.has(key)) issues.add(keyAt, `The key ${JSON.stringify(key)} occurs twice in the same object.`);
      else node.entries.set(key, { at: keyAt, node: member });
      skipSpace();
      if (text[at] === '}') break;
      if (text[at] !== ',') throw unexpected('`,` or `}`');
      at++;
    }
    at++;
    return node;
  };

  const root = value(0);
  skipSpace();
  if (at < text.length) throw unexpected('the end');
  return root;
}

function checkDepth(at: number, depth: number): void {
  if (depth > sourceLimits.depth)
    throw new SourceError(at, `There are more than ${sourceLimits.depth} levels of arrays and objects.`);
}
