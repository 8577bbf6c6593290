import type { Json, JsonObject } from '../model/json.ts';

/**
 * A parsed source as a tree that remembers where everything stood. Nodes never change once made, so that an alias can
 * share the node of its anchor; `weight` and `height` are kept beside each node so that what an alias would unfold to
 * is known without unfolding it.
 */
export type SourceNode = ScalarNode | SequenceNode | MappingNode;

interface NodeBase {
  /** Offset of the first character, anchor and tag included. */
  at: number;
  /** Nodes below and including this one, aliases unfolded. */
  nodes: number;
  /** Characters of all texts below, aliases unfolded. */
  chars: number;
  /** Levels of arrays and objects, this one included; 0 for a scalar. */
  height: number;
}

export interface ScalarNode extends NodeBase {
  kind: 'scalar';
  value: string | number | boolean | null;
}

export interface SequenceNode extends NodeBase {
  kind: 'sequence';
  items: { at: number; node: SourceNode }[];
}

export interface MappingNode extends NodeBase {
  kind: 'mapping';
  /** By key; `at` is the offset of the key. */
  entries: Map<string, { at: number; node: SourceNode }>;
}

export const scalarNode = (at: number, value: ScalarNode['value']): ScalarNode => ({
  kind: 'scalar',
  at,
  nodes: 1,
  chars: typeof value === 'string' ? value.length : 4,
  height: 0,
  value,
});

export const sequenceNode = (at: number): SequenceNode => ({
  kind: 'sequence',
  at,
  nodes: 1,
  chars: 0,
  height: 1,
  items: [],
});

export const mappingNode = (at: number): MappingNode => ({
  kind: 'mapping',
  at,
  nodes: 1,
  chars: 0,
  height: 1,
  entries: new Map(),
});

/** Adds what the child weighs to its parent; called once for each child, when the child is complete. */
export function addWeight(parent: SourceNode, child: SourceNode): void {
  parent.nodes += child.nodes;
  parent.chars += child.chars;
  parent.height = Math.max(parent.height, child.height + 1);
}

/**
 * The JSON value of a tree. Every alias becomes a copy, so that nothing is shared; objects have no prototype, so that
 * keys such as `__proto__` and `constructor` are data like any other and a look-up never finds what was not written.
 * Recursion is bounded by the depth limit of the parsers.
 */
export function toJson(node: SourceNode): Json {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'sequence') return node.items.map((item) => toJson(item.node));
  const object: JsonObject = Object.create(null);
  for (const [key, entry] of node.entries) object[key] = toJson(entry.node);
  return object;
}

/**
 * The offset of what a JSON pointer (RFC 6901) names: of its key, for a member of an object. A pointer that leads
 * beyond what is there, such as to a missing member, gives the nearest thing above that is.
 */
export function findOffset(root: SourceNode, pointer: string): number {
  let node = root;
  let at = root.at;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const child =
      node.kind === 'mapping'
        ? node.entries.get(key)
        : node.kind === 'sequence' && /^(?:0|[1-9]\d{0,8})$/.test(key)
          ? node.items[Number(key)]
          : undefined;
    if (!child) return at;
    ({ at, node } = child);
  }
  return at;
}
