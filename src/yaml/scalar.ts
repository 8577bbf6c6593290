import { boolCoreTag, floatCoreTag, intCoreTag, NOT_RESOLVED, nullCoreTag, type ScalarTagDefinition } from 'js-yaml';
import type { ScalarNode } from './node.ts';

type ScalarValue = ScalarNode['value'];

/** The plain scalars of the core schema (YAML 1.2.2 section 10.3.2), tried in this order; what fits none is a text. */
const coreTags: readonly ScalarTagDefinition[] = [nullCoreTag, boolCoreTag, intCoreTag, floatCoreTag];

const byName = new Map(coreTags.map((tag) => [tag.tagName, tag]));

/** How every plain scalar begins that is not a text; an empty one is null. */
const maybeOther = /^(?:$|[-+.~0-9nNtTfF])/;

/** The value of an untagged plain scalar. */
export function resolvePlain(source: string): ScalarValue {
  if (!maybeOther.test(source)) return source;
  for (const tag of coreTags) {
    const value: unknown = tag.resolve(source, false, tag.tagName);
    if (value !== NOT_RESOLVED) return value as ScalarValue;
  }
  return source;
}

/** True for the tags that `resolveTagged` knows. */
export const isScalarTag = (name: string): boolean => name === 'tag:yaml.org,2002:str' || byName.has(name);

/** The value of a scalar with a tag of the core schema; undefined when the text does not fit it or the tag is no such. */
export function resolveTagged(source: string, name: string): ScalarValue | undefined {
  if (name === 'tag:yaml.org,2002:str') return source;
  const tag = byName.get(name);
  const value: unknown = tag ? tag.resolve(source, true, name) : NOT_RESOLVED;
  return value === NOT_RESOLVED ? undefined : (value as ScalarValue);
}

/** The full name of a tag as written: `!!int`, `!<tag:yaml.org,2002:int>`, `!` (unresolved: by kind) or a local one. */
export function tagName(written: string): string {
  if (written.startsWith('!<') && written.endsWith('>')) return written.slice(2, -1);
  if (written.startsWith('!!')) return `tag:yaml.org,2002:${written.slice(2)}`;
  return written;
}
