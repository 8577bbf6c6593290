import { EVENT_ID, type Event, parseEvents, SCALAR_STYLE, type ScalarEvent, YAMLException } from 'js-yaml';
import { SourceError, sourceLimits } from './limits.ts';

/** The events that are nodes. */
export type NodeEvent = Extract<Event, { anchorStart: number }>;

/** The parser's events; its own errors come out as `SourceError` with their offset. */
export function readEvents(text: string): Event[] {
  try {
    // The parser counts a scalar as one more level; one beyond the limit lets our own message speak.
    return parseEvents(text, { maxDepth: sourceLimits.depth + 2 });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const deep = error.reason.startsWith('nesting exceeded');
    throw deep
      ? tooDeep(error.mark?.position ?? 0)
      : new SourceError(error.mark?.position ?? 0, sentence(error.reason));
  }
}

export const tooDeep = (at: number): SourceError =>
  new SourceError(at, `There are more than ${sourceLimits.depth} levels of lists and mappings.`);

/** The tag as written, if there is one. */
export function writtenTag(
  text: string,
  event: Exclude<NodeEvent, { type: typeof EVENT_ID.ALIAS }>,
): string | undefined {
  return event.tagStart < 0 ? undefined : text.slice(event.tagStart, event.tagEnd);
}

/** Where a node begins, its anchor, tag, quote and block indicator included; `before` stands for an empty node. */
export function offsetOf(text: string, event: NodeEvent, before: number): number {
  let first = Number.POSITIVE_INFINITY;
  if (event.anchorStart >= 0) first = event.anchorStart - 1;
  if (event.type !== EVENT_ID.ALIAS) {
    if (event.tagStart >= 0) first = Math.min(first, event.tagStart);
    if (event.type !== EVENT_ID.SCALAR) first = Math.min(first, event.start);
    else if (event.valueStart >= 0) first = Math.min(first, scalarOffset(text, event));
  }
  return first === Number.POSITIVE_INFINITY ? before : first;
}

function scalarOffset(text: string, event: ScalarEvent): number {
  if (event.style === SCALAR_STYLE.PLAIN) return event.valueStart;
  if (event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED)
    return event.valueStart - 1;
  // The value of a block scalar begins on the line after its header (`|`, `>-`, `|2 # why`).
  let headerEnd = event.valueStart;
  if (text[headerEnd - 1] === '\n') headerEnd--;
  if (text[headerEnd - 1] === '\r') headerEnd--;
  let headerStart = headerEnd;
  while (headerStart > 0 && text[headerStart - 1] !== '\n' && text[headerStart - 1] !== '\r') headerStart--;
  const found = text.slice(headerStart, headerEnd).search(/[|>][0-9+-]{0,2}[ \t]*(?:[ \t]#.*)?$/);
  return found < 0 ? event.valueStart : headerStart + found;
}

const sentence = (reason: string): string => `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`;
