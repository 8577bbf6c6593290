import { failure } from './errors.ts';
import { claim, meter, tick } from './limits.ts';
import { equal } from './order.ts';
import { excerpt } from './text.ts';
import { codePoints, sliceText } from './unicode.ts';
import { copyObject, isObject, type Json, type JsonObject, own, put, typeName } from './value.ts';

/** Largest array index that may be set, as jq; the memory bound usually ends it much sooner. */
const MAX_INDEX = 536_870_911;

const BAD_SLICE = 'Array/string slice indices must be integers';

/** The error of `.["key"]`, `.[0]` and the like on a value that has no such thing. */
export function cannotIndex(input: Json, key: Json): never {
  throw failure(`Cannot index ${typeName(input)} with ${typeName(key)} (${excerpt(key)})`);
}

/** `.name` */
export function field(input: Json, name: string): Json {
  if (input === null) return null;
  if (typeof input !== 'object' || Array.isArray(input)) return cannotIndex(input, name);
  return own(input, name) ?? null;
}

function isSlice(key: Json): key is JsonObject {
  return isObject(key) && Object.hasOwn(key, 'start') && Object.hasOwn(key, 'end');
}

/** `.[key]` for any key: name, number, array to search for, or a slice object. */
export function index(input: Json, key: Json): Json {
  if (typeof key === 'string') return field(input, key);
  if (typeof key === 'number') {
    if (Array.isArray(input)) return element(input, key);
    if (input === null) return null;
  } else if (Array.isArray(key)) {
    if (Array.isArray(input)) return indexesOf(input, key);
  } else if (isSlice(key)) {
    if (input === null || typeof input === 'string' || Array.isArray(input))
      return slice(input, key.start as Json, key.end as Json);
  } else if (isObject(key)) {
    if (input === null) return null;
    if (typeof input === 'string' || Array.isArray(input)) throw failure(BAD_SLICE);
  }
  return cannotIndex(input, key);
}

function element(items: Json[], position: number): Json {
  if (Number.isNaN(position)) return null;
  const at = Math.floor(position);
  return items[at < 0 ? at + items.length : at] ?? null;
}

/** Where `pattern` starts in `items`. */
export function indexesOf(items: readonly Json[], pattern: readonly Json[]): Json[] {
  const found: Json[] = [];
  if (pattern.length === 0) return found;
  for (let i = 0; i + pattern.length <= items.length; i++) {
    tick();
    if (pattern.every((item, j) => equal(items[i + j] as Json, item))) found.push(i);
  }
  return found;
}

/** Clamped bounds of a slice of something `length` long: the start rounds down, the end up. */
export function sliceBounds(length: number, from: Json, to: Json): [number, number] {
  if ((from !== null && typeof from !== 'number') || (to !== null && typeof to !== 'number')) {
    throw failure(BAD_SLICE);
  }
  const clamp = (n: number) => Math.min(Math.max(n < 0 ? n + length : n, 0), length);
  const start = from === null || Number.isNaN(from) ? 0 : Math.floor(clamp(from));
  const end = to === null || Number.isNaN(to) ? length : Math.ceil(clamp(to));
  return [start, Math.max(start, end)];
}

/** `.[from:to]` */
export function slice(input: Json, from: Json, to: Json): Json {
  if (input === null) return null;
  if (typeof input === 'string') {
    const [start, end] = sliceBounds(codePoints(input), from, to);
    return sliceText(input, start, end);
  }
  if (!Array.isArray(input)) return cannotIndex(input, { start: from, end: to });
  const [start, end] = sliceBounds(input.length, from, to);
  tick((end - start) >>> 4);
  claim(16 + 8 * (end - start));
  return input.slice(start, end);
}

/** `.[]`: the children of a container; an error for anything else. */
export function children(input: Json): Json[] {
  if (Array.isArray(input)) return input;
  if (isObject(input)) return Object.values(input);
  throw failure(`Cannot iterate over ${typeName(input)} (${excerpt(input)})`);
}

/** A copy of `input` with `value` at `key`. */
export function set(input: Json, key: Json, value: Json): Json {
  if (typeof key === 'string') return setField(input, key, value);
  if (typeof key === 'number') return setElement(input, key, value);
  if (isObject(key)) return setSlice(input, key, value);
  if (Array.isArray(key) && Array.isArray(input)) throw failure('Cannot update field at array index of array');
  return cannotIndex(input, key);
}

function setField(input: Json, key: string, value: Json): Json {
  if (input !== null && !isObject(input)) return cannotIndex(input, key);
  const copy = input === null ? {} : copyObject(input);
  tick(1);
  claim(32);
  put(copy, key, value);
  return copy;
}

function setElement(input: Json, key: number, value: Json): Json {
  if (input !== null && !Array.isArray(input)) return cannotIndex(input, key);
  if (Number.isNaN(key)) throw failure('Cannot set array element at NaN index');
  const items = input ?? [];
  let at = Math.floor(key);
  if (at < 0) at += items.length;
  if (at < 0) throw failure('Out of bounds negative array index');
  if (at > MAX_INDEX) throw failure('Array index too large');
  if (at >= items.length) claim(8 * (at + 1 - items.length));
  tick(1 + (items.length >>> 6));
  const copy = items.slice();
  while (copy.length < at) copy.push(null);
  copy[at] = value;
  return copy;
}

function setSlice(input: Json, key: JsonObject, value: Json): Json {
  if (input !== null && !Array.isArray(input)) {
    if (typeof input === 'string') throw failure('Cannot update string slices');
    return cannotIndex(input, key);
  }
  if (!isSlice(key)) throw failure(BAD_SLICE);
  if (!Array.isArray(value)) throw failure('A slice of an array can only be assigned another array');
  const items = input ?? [];
  const [start, end] = sliceBounds(items.length, key.start as Json, key.end as Json);
  tick(1 + ((items.length + value.length) >>> 6));
  claim(8 * value.length);
  return [...items.slice(0, start), ...value, ...items.slice(end)];
}

/** `getpath(keys)`: null where the way ends early. */
export function getPath(input: Json, keys: readonly Json[]): Json {
  let value = input;
  for (const key of keys) {
    if (value === null) return null;
    value = index(value, key);
  }
  return value;
}

/** `setpath(keys; value)`, by way of what `change` makes of the old value. */
export function changePath(input: Json, keys: readonly Json[], change: (old: Json) => Json, at = 0): Json {
  if (at === keys.length) return change(input);
  if (at > meter.maxDepth) throw failure('Path too deep');
  const key = keys[at] as Json;
  const child = input === null ? null : index(input, key);
  return set(input, key, changePath(child, keys, change, at + 1));
}
