import type { Json } from '../../model/json.ts';
import { raise } from './errors.ts';

/** Bounds of any one value that goes from task to task: the workflow's data, its context, its output. */
export const dataLimits = { bytes: 16 * 1024 * 1024, depth: 256 };

interface Size {
  bytes: number;
  depth: number;
}

/**
 * Sizes already measured. Values never change once made, and share their parts: `{ a: ., b: . }` doubles what its JSON
 * takes while it takes no memory, so a part is measured once and then looked up.
 */
const known = new WeakMap<object, Size>();

/** Bytes of the JSON text (an estimate from below) and depth of a value; stops counting beyond the limits. */
export function measure(value: Json, level = 0): Size {
  if (typeof value === 'string') return { bytes: value.length + 2, depth: 0 };
  if (typeof value !== 'object' || value === null) return { bytes: 4, depth: 0 };
  const found = known.get(value);
  if (found) return found;
  const size: Size = { bytes: 2, depth: 0 };
  if (level > dataLimits.depth) return { bytes: 0, depth: 1 };
  const isList = Array.isArray(value);
  for (const key of isList ? value.keys() : Object.keys(value)) {
    const part = measure((value as Record<string | number, Json>)[key]!, level + 1);
    size.bytes += part.bytes + 1 + (isList ? 0 : (key as string).length + 3);
    size.depth = Math.max(size.depth, part.depth);
    if (size.bytes > dataLimits.bytes || size.depth > dataLimits.depth) break;
  }
  size.depth += 1;
  // Small parts are cheaper to count again than to remember.
  if (size.bytes > 128) known.set(value, size);
  return size;
}

/** Throws when a value is larger or nested deeper than data may be. */
export function checkSize(value: Json, what: string): void {
  const { bytes, depth } = measure(value);
  if (bytes > dataLimits.bytes) {
    throw raise('runtime', `${what} is larger than ${dataLimits.bytes / 1024 / 1024} MiB.`, { code: 'limit-exceeded' });
  }
  if (depth > dataLimits.depth) {
    throw raise('runtime', `${what} is nested more than ${dataLimits.depth} levels deep.`, { code: 'limit-exceeded' });
  }
}
