import { EVENT_ID, type Event, getScalarValue, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import { offsetOf, readEvents, tooDeep, writtenTag } from './events.ts';
import { type IssueSink, SourceError, sourceLimits, tooMany } from './limits.ts';
import {
  addWeight,
  type MappingNode,
  mappingNode,
  type SequenceNode,
  type SourceNode,
  scalarNode,
  sequenceNode,
} from './node.ts';
import { isScalarTag, resolvePlain, resolveTagged, tagName } from './scalar.ts';

/** A collection that is being filled; a mapping has a key between its key and its value. */
interface Open {
  node: SequenceNode | MappingNode;
  anchor: string | undefined;
  /** `dropped`: the key cannot be used, so its value is read and left out. */
  key: { text: string; at: number; dropped: boolean } | undefined;
}

/** An anchor whose collection is still open: an alias to it would contain itself. */
const unfinished = Symbol('unfinished');

/**
 * Composes the tree of the one document in a YAML 1.2 text out of the parser's events. js-yaml's own constructor is not
 * used because it keeps no offsets, shares aliased objects, has no limit for what aliases unfold to and stops at the
 * first duplicate key.
 *
 * @throws SourceError where reading cannot go on
 */
export function composeYaml(text: string, issues: IssueSink, mostNodes: number): SourceNode | undefined {
  const anchors = new Map<string, SourceNode | typeof unfinished>();
  const stack: Open[] = [];
  let root: SourceNode | undefined;
  // Everything composed so far, aliases unfolded: stops an alias bomb before anything is unfolded.
  let nodes = 0;
  let chars = 0;

  const spend = (at: number, node: { nodes: number; chars: number }): void => {
    nodes += node.nodes;
    chars += node.chars;
    if (nodes > mostNodes) throw tooMany(at, mostNodes);
    if (chars <= sourceLimits.chars) return;
    const message = `With its aliases unfolded the definition has more than ${sourceLimits.chars} characters.`;
    throw new SourceError(at, message);
  };

  const expectsKey = (): boolean => {
    const parent = stack.at(-1);
    return parent?.node.kind === 'mapping' && parent.key === undefined;
  };

  const takeKey = (key: string, at: number, isMerge: boolean): void => {
    const parent = stack.at(-1)!;
    const isDuplicate = (parent.node as MappingNode).entries.has(key);
    if (isMerge) issues.add(at, 'Merge keys (`<<`) are not part of YAML 1.2; write the members out.');
    else if (isDuplicate) issues.add(at, `The key ${JSON.stringify(key)} occurs twice in the same mapping.`);
    parent.key = { text: key, at, dropped: isMerge || isDuplicate };
    parent.node.nodes++;
    parent.node.chars += key.length;
  };

  const takeValue = (node: SourceNode, at: number): void => {
    const parent = stack.at(-1);
    if (stack.length + node.height > sourceLimits.depth) throw tooDeep(at);
    if (!parent) {
      root = node;
      return;
    }
    if (parent.node.kind === 'sequence') parent.node.items.push({ at, node });
    else {
      if (!parent.key!.dropped) parent.node.entries.set(parent.key!.text, { at: parent.key!.at, node });
      parent.key = undefined;
    }
    addWeight(parent.node, node);
  };

  const takeScalar = (event: ScalarEvent, at: number): void => {
    const source = event.valueStart < 0 ? '' : getScalarValue(text, event);
    const tag = writtenTag(text, event);
    const isPlain = event.style === SCALAR_STYLE.PLAIN && tag === undefined;
    const node = scalarNode(at, isPlain ? resolvePlain(source) : taggedScalar(tag, source, at, issues));
    if (typeof node.value === 'number' && !Number.isFinite(node.value))
      issues.add(at, `${source} is not a number in JSON; put it in quotes to have the text.`);
    spend(at, node);
    // A key is what the source says: `1`, `null` and `0x10` are not resolved first.
    if (expectsKey()) takeKey(source, at, isPlain && source === '<<');
    else takeValue(node, at);
    if (event.anchorStart >= 0) anchors.set(text.slice(event.anchorStart, event.anchorEnd), node);
  };

  const takeAlias = (name: string, at: number): void => {
    const node = anchors.get(name);
    if (node === undefined) throw new SourceError(at, `The alias *${name} has no anchor &${name} before it.`);
    if (node === unfinished) throw new SourceError(at, `The alias *${name} contains itself.`);
    spend(at, node);
    if (!expectsKey()) takeValue(node, at);
    else if (node.kind === 'scalar') takeKey(String(node.value), at, false);
    else throw keyIsCollection(at);
  };

  const open = (event: Extract<Event, { start: number }>, at: number): void => {
    if (expectsKey()) throw keyIsCollection(at);
    const isSequence = event.type === EVENT_ID.SEQUENCE;
    const node = isSequence ? sequenceNode(at) : mappingNode(at);
    spend(at, node);
    const tag = writtenTag(text, event);
    if (tag !== undefined && tag !== '!' && tagName(tag) !== (isSequence ? seqTagName : mapTagName))
      issues.add(at, unknownTag(tag));
    const anchor = event.anchorStart < 0 ? undefined : text.slice(event.anchorStart, event.anchorEnd);
    if (anchor !== undefined) anchors.set(anchor, unfinished);
    stack.push({ node, anchor, key: undefined });
    if (stack.length > sourceLimits.depth) throw tooDeep(at);
  };

  const close = (): void => {
    const closed = stack.pop();
    // The last closing event is the document's.
    if (!closed) return;
    takeValue(closed.node, closed.node.at);
    if (closed.anchor !== undefined) anchors.set(closed.anchor, closed.node);
  };

  let documents = 0;
  let at = 0;
  for (const event of readEvents(text)) {
    if (event.type === EVENT_ID.POP) close();
    else if (event.type === EVENT_ID.DOCUMENT) {
      if (++documents > 1) throw new SourceError(at, 'More than one document (`---`) follows; a definition is one.');
      if (event.directives.some((directive) => directive.kind === 'tag'))
        throw new SourceError(0, 'The directive %TAG is not accepted.');
    } else {
      at = offsetOf(text, event, at);
      if (event.type === EVENT_ID.ALIAS) takeAlias(text.slice(event.anchorStart, event.anchorEnd), at);
      else if (event.type === EVENT_ID.SCALAR) takeScalar(event, at);
      else open(event, at);
    }
  }
  return root;
}

const seqTagName = 'tag:yaml.org,2002:seq';
const mapTagName = 'tag:yaml.org,2002:map';

const keyIsCollection = (at: number): SourceError =>
  new SourceError(at, 'A key must be a text, number, true, false or null; here it is a list or a mapping.');

const unknownTag = (tag: string): string =>
  `The tag ${tag} is not known here; only !!str, !!int, !!float, !!bool, !!null, !!seq and !!map are accepted.`;

function taggedScalar(tag: string | undefined, source: string, at: number, issues: IssueSink) {
  if (tag === undefined || tag === '!') return source;
  const name = tagName(tag);
  const value = resolveTagged(source, name);
  if (value !== undefined) return value;
  issues.add(at, isScalarTag(name) ? `${JSON.stringify(source)} is not what its tag ${tag} says.` : unknownTag(tag));
  return null;
}
