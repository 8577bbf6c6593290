/** A piece of a text: literal, or the jq between `${` and its `}`. */
export type Piece = { literal: string } | { jq: string };

/**
 * Splits a text into literal pieces and `${ … }` expressions. Braces and strings inside an expression are counted as jq
 * reads them. A `${` that is never closed is literal.
 */
export function splitTemplate(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (let start = text.indexOf('${'); start >= 0; start = text.indexOf('${', from)) {
    const end = closingBrace(text, start + 2);
    if (end < 0) break;
    if (start > from) pieces.push({ literal: text.slice(from, start) });
    pieces.push({ jq: text.slice(start + 2, end) });
    from = end + 1;
  }
  if (from < text.length || pieces.length === 0) pieces.push({ literal: text.slice(from) });
  return pieces;
}

/** The jq of a text that is one expression and nothing else but white space around it. */
export function wholeExpression(text: string): string | undefined {
  const trimmed = text.trim();
  const [only, more] = splitTemplate(trimmed);
  if (!only || more) return undefined;
  if ('jq' in only) return only.jq;
  // Meant as an expression but not closed as jq reads it: its syntax error tells more than a silent literal.
  return trimmed.startsWith('${') && trimmed.endsWith('}') ? trimmed.slice(2, -1) : undefined;
}

/** Index of the brace that closes the one before `from`, or -1. Each string or `\( )` inside is one level more. */
function closingBrace(text: string, from: number): number {
  const open: string[] = [];
  for (let i = from; i < text.length; i++) {
    const char = text[i]!;
    const inside = open.at(-1);
    if (inside === '"') {
      if (char === '"') open.pop();
      else if (char === '\\' && text[++i] === '(') open.push(')');
    } else if (char === '"') open.push('"');
    else if (char === '#') i = endOfLine(text, i);
    else if (char === '{') open.push('}');
    else if (char === '(' || char === '[') open.push(char === '(' ? ')' : ']');
    else if (char === inside) open.pop();
    else if (char === '}') return i;
  }
  return -1;
}

/** jq comments run to the end of the line. */
function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}
