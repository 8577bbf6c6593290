import { getPath, index, set, sliceBounds } from './access.ts';
import { failure } from './errors.ts';
import { claim, tick } from './limits.ts';
import { compare } from './order.ts';
import { copyObject, isObject, type Json, type JsonObject, own, typeName } from './value.ts';

/** `delpaths(paths)`: the longest and last paths go first, so that none moves the place of another. */
export function deletePaths(input: Json, paths: readonly Json[]): Json {
  const fixed = paths.length === 1 ? paths : paths.flatMap((path) => absolute(input, path));
  const sorted = fixed.slice().sort(compare);
  let result = input;
  for (let i = sorted.length - 1; i >= 0; i--) {
    const path = sorted[i] as Json;
    if (i < sorted.length - 1 && compare(path, sorted[i + 1] as Json) === 0) continue;
    if (!Array.isArray(path)) throw failure(`Path must be specified as array, not ${typeName(path)}`);
    result = deletePath(result, path, 0);
  }
  return result;
}

/** Negative places and slices at the end of a path as plain places: they mean the array as it is before any deletion. */
function absolute(input: Json, path: Json): Json[] {
  const last = Array.isArray(path) ? path.at(-1) : undefined;
  if (!Array.isArray(path) || !(isObject(last ?? null) || (typeof last === 'number' && last < 0))) return [path];
  const parentPath = path.slice(0, -1);
  const parent = getPath(input, parentPath);
  if (!Array.isArray(parent)) return [path];
  if (typeof last === 'number') {
    const at = Math.floor(last) + parent.length;
    return at < 0 ? [] : [[...parentPath, at]];
  }
  const { start, end } = last as JsonObject;
  if (start === undefined || end === undefined) return [path];
  const [from, to] = sliceBounds(parent.length, start, end);
  tick(to - from);
  claim((to - from) * (16 + 8 * path.length));
  return Array.from({ length: to - from }, (_, i) => [...parentPath, from + i]);
}

function deletePath(input: Json, path: readonly Json[], at: number): Json {
  tick();
  if (input === null || at === path.length) return null;
  const key = path[at] as Json;
  if (at === path.length - 1) return deleteKey(input, key);
  const child = index(input, key);
  // Below a place that is not there, there is nothing to delete.
  if (child === null) return input;
  const changed = deletePath(child, path, at + 1);
  return changed === child ? input : set(input, key, changed);
}

function deleteKey(input: Json, key: Json): Json {
  if (Array.isArray(input)) {
    if (typeof key === 'number') return deleteElement(input, key);
    if (isObject(key)) {
      const [start, end] = sliceBounds(
        input.length,
        key.start === undefined ? key : key.start,
        key.end === undefined ? key : key.end,
      );
      tick(input.length >>> 6);
      return start === end ? input : [...input.slice(0, start), ...input.slice(end)];
    }
    throw failure(`Cannot delete ${typeName(key)} element of array`);
  }
  if (!isObject(input)) throw failure(`Cannot delete fields from ${typeName(input)}`);
  if (typeof key !== 'string') throw failure(`Cannot delete ${typeName(key)} field of object`);
  if (own(input, key) === undefined) return input;
  const copy = copyObject(input);
  delete copy[key];
  return copy;
}

function deleteElement(items: Json[], position: number): Json {
  const floor = Math.floor(position);
  const at = floor < 0 ? floor + items.length : floor;
  if (!(at >= 0 && at < items.length)) return items;
  tick(items.length >>> 6);
  return [...items.slice(0, at), ...items.slice(at + 1)];
}
