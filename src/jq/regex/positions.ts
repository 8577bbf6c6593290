// Positions in a text are code units; characters above U+FFFF take two.

/** The position after the character at `at`. */
export function after(text: string, at: number): number {
  return at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
}

/** The position before the character that ends at `at`. */
export function before(text: string, at: number): number {
  const low = text.charCodeAt(at - 1);
  const high = at > 1 ? text.charCodeAt(at - 2) : 0;
  return low >= 0xdc00 && low <= 0xdfff && high >= 0xd800 && high <= 0xdbff ? at - 2 : at - 1;
}

/** The position so many characters on. */
export function skip(text: string, from: number, count: number): number {
  let at = from;
  for (let i = 0; i < count; i++) at = after(text, at);
  return at;
}
