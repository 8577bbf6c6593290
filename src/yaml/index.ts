import type { Json } from '../model/json.ts';
import type { DefinitionIssue } from '../model/workflow.ts';
import { composeYaml } from './compose.ts';
import { composeJson } from './json.ts';
import { type IssueSink, SourceError, sourceLimits } from './limits.ts';
import { findOffset, type SourceNode, toJson } from './node.ts';
import { type Place, placeIndex } from './place.ts';

export { sourceLimits } from './limits.ts';
export type { Place } from './place.ts';

/** A source as read. */
export interface ParsedSource {
  /** The value; null when the source could not be read to its end. Objects have no prototype; nothing is shared. */
  value: Json;
  /** What is wrong, with places; when there is any, `value` is not to be used for more than further checks. */
  issues: DefinitionIssue[];
  /**
   * Where the thing stands that a JSON pointer (RFC 6901) names: its key, for a member of a mapping. A pointer to what
   * is missing gives the nearest thing above it. Undefined only when the source could not be read to its end.
   */
  locate(pointer: string): Place | undefined;
}

/**
 * Reads one YAML 1.2 document (core schema), of which JSON is a part. Never throws and never takes long: size, depth
 * and what aliases unfold to are bounded (`sourceLimits`). Duplicate keys, merge keys, unknown tags, numbers that JSON
 * does not know and further documents are issues.
 */
export const parseYaml = (text: string, mostNodes?: number): ParsedSource => parse(text, composeYaml, mostNodes);

/** Reads a JSON text (RFC 8259) with the same result, limits and checks as `parseYaml`. */
export const parseJson = (text: string, mostNodes?: number): ParsedSource => parse(text, composeJson, mostNodes);

function parse(
  text: string,
  compose: (text: string, issues: IssueSink, mostNodes: number) => SourceNode | undefined,
  mostNodes: number = sourceLimits.nodes,
): ParsedSource {
  const issues: DefinitionIssue[] = [];
  const bytes = Buffer.byteLength(text);
  if (bytes > sourceLimits.bytes) {
    const message = `The definition has ${bytes} bytes; at most ${sourceLimits.bytes} are accepted.`;
    return { value: null, issues: [{ line: 1, column: 1, message }], locate: () => undefined };
  }
  const placeOf = placeIndex(text);
  const sink: IssueSink = {
    add(offset, message) {
      if (issues.length < sourceLimits.issues) issues.push({ ...placeOf(offset), message });
    },
  };
  try {
    const root = compose(text, sink, mostNodes);
    if (root) return { value: toJson(root), issues, locate: (pointer) => placeOf(findOffset(root, pointer)) };
    issues.push({ line: 1, column: 1, message: 'The definition is empty.' });
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    issues.push({ ...placeOf(error.offset), message: error.message });
  }
  return { value: null, issues, locate: () => undefined };
}
