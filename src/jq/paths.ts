import { index, set, sliceBounds } from './access.ts';
import { failure } from './errors.ts';
import { tick } from './limits.ts';
import { compare } from './order.ts';
import { copyObject, isObject, type Json, own, typeName } from './value.ts';

/** `delpaths(paths)`: the longest and last paths go first, so that none moves the place of another. */
export function deletePaths(input: Json, paths: readonly Json[]): Json {
  const sorted = paths.slice().sort(compare);
  let result = input;
  for (let i = sorted.length - 1; i >= 0; i--) {
    const path = sorted[i] as Json;
    if (!Array.isArray(path)) throw failure(`Path must be specified as array, not ${typeName(path)}`);
    result = deletePath(result, path, 0);
  }
  return result;
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
