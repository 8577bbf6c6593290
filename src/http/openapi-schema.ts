import * as z from 'zod';
import { fail } from '../model/errors.ts';

export type OpenApiVersion = '3.0.3' | '3.1.0';
type Node = Record<string, unknown>;

/** Turns zod schemas into schema objects of one document; named ones become its components. */
export interface SchemaWriter {
  /** `input`: as a client may send it; `output`: as the server answers it. */
  write(schema: z.ZodType, io: 'input' | 'output'): Node;
  /** Adds a component that does not come from zod. */
  add(name: string, schema: Node): Node;
  components(): Record<string, Node>;
}

export function createSchemaWriter(version: OpenApiVersion): SchemaWriter {
  const target = version === '3.0.3' ? 'openapi-3.0' : 'draft-2020-12';
  const components = new Map<string, Node>();

  function add(name: string, schema: Node): Node {
    const known = components.get(name);
    // One name for two shapes would leave generated clients with the wrong one.
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema)) {
      throw fail('invariant', `Two different schemas are called ${name}.`);
    }
    components.set(name, schema);
    return { $ref: `#/components/schemas/${name}` };
  }

  return {
    write(schema, io) {
      // Wrapped, because a named schema at the root would be written in place instead of referred to.
      const whole = z.toJSONSchema(z.object({ root: schema }), { target, io, unrepresentable: 'any' }) as Node;
      const definitions = (whole['$defs'] ?? whole['definitions'] ?? {}) as Record<string, Node>;
      for (const [name, definition] of Object.entries(definitions)) add(name, clean(definition, version));
      return clean((whole['properties'] as Record<string, Node>)['root']!, version);
    },
    add,
    components: () => Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Words of ours that steer the writing and do not belong into a document. */
const ownWords = ['accepted', 'explode', 'id'];

/** Takes out what zod writes and readers of the document stumble over. */
function clean(node: Node, version: OpenApiVersion): Node {
  const result: Node = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === 'properties') {
      result[key] = mapValues(value as Record<string, Node>, (child) => clean(child, version));
    } else if (key === '$ref' && typeof value === 'string') {
      result[key] = value.replace(/^#\/(\$defs|definitions)\//, '#/components/schemas/');
    } else if (key === 'example' && version === '3.1.0') {
      result['examples'] = [value];
    } else if (key === 'pattern' && 'format' in node) {
      // The format says it; generators make absurd samples from the pattern.
    } else if (isBareBound(key, value) || (ownWords.includes(key) && typeof value !== 'object')) {
    } else if (key === 'propertyNames' && isTrivial(value)) {
    } else if (Array.isArray(value)) {
      result[key] =
        key === 'enum' || key === 'required' || key === 'examples'
          ? value
          : value.map((item) => (isNode(item) ? clean(item, version) : item));
    } else {
      result[key] = isNode(value) && key !== 'example' && key !== 'default' ? clean(value, version) : value;
    }
  }
  // Siblings of a $ref are ignored by readers of 3.0, and an `allOf` of one is how zod hides them from it; what they
  // would say stands with the component.
  const only = Array.isArray(result['allOf']) && result['allOf'].length === 1 ? result['allOf'][0] : undefined;
  if (version === '3.0.3' && isNode(only) && '$ref' in only) return only;
  if (version === '3.0.3' && '$ref' in result) return { $ref: result['$ref'] };
  return result;
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const isTrivial = (value: unknown): boolean => isNode(value) && Object.keys(value).join() === 'type';
const isBareBound = (key: string, value: unknown): boolean =>
  (key === 'minimum' && value === Number.MIN_SAFE_INTEGER) || (key === 'maximum' && value === Number.MAX_SAFE_INTEGER);
const mapValues = <T, U>(record: Record<string, T>, change: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
