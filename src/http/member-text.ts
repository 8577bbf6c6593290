const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const SPACE = 0x20;

/**
 * The text of one member of a JSON object, as it stands in the text of the object: what was read a moment ago need not be
 * written again. Undefined where there is no such member, where it stands there twice, and where the text is not as
 * compact as JSON is written here: with spaces, escapes or exponents.
 * @param text valid JSON
 */
export function memberText(text: string, name: string): string | undefined {
  if (text[0] !== '{' || text.includes('\\')) return undefined;
  let depth = 0;
  let from = -1;
  let to = -1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const close = text.indexOf('"', at + 1);
      // Of two texts one level down, the one before a colon is a name.
      if (depth === 1 && text.charCodeAt(close + 1) === COLON && text.slice(at + 1, close) === name) {
        if (from >= 0) return undefined;
        from = close + 2;
      }
      at = close;
    } else if (opens(code)) depth++;
    else if (code === COMMA || closes(code)) {
      if (depth === 1 && from >= 0 && to < 0) to = at;
      if (code !== COMMA) depth--;
    } else if (code <= SPACE || (isExponent(code) && isDigit(text.charCodeAt(at - 1)))) return undefined;
  }
  return from < 0 ? undefined : text.slice(from, to);
}

const opens = (code: number): boolean => code === 0x7b || code === 0x5b;
const closes = (code: number): boolean => code === 0x7d || code === 0x5d;
const isExponent = (code: number): boolean => code === 0x65 || code === 0x45;
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
