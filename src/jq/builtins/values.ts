import { changePath, children, field, index } from '../access.ts';
import { failure } from '../errors.ts';
import { single } from '../filter.ts';
import { claim, meter, tick } from '../limits.ts';
import { compare, equal, sortedKeys } from '../order.ts';
import { parseJson } from '../parse-json.ts';
import { excerpt, jsonText, toText } from '../text.ts';
import { codePoints, utf8Length } from '../unicode.ts';
import { isObject, type Json, type JsonObject, own, put, truthy, typeName } from '../value.ts';
import { type Builtins, plainAll } from './define.ts';

/** The error `type (value) reason`. */
export function wrong(value: Json, reason: string): never {
  throw failure(`${typeName(value)} (${excerpt(value)}) ${reason}`);
}

/** jq's `length`. */
export function length(value: Json): Json {
  if (value === null) return 0;
  if (typeof value === 'string') return codePoints(value);
  if (typeof value === 'number') return Math.abs(value);
  if (typeof value === 'boolean') return wrong(value, 'has no length');
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

function keys(value: Json, sorted: boolean): Json {
  if (Array.isArray(value)) {
    claim(8 * value.length);
    tick(value.length);
    return value.map((_, i) => i);
  }
  if (!isObject(value)) return wrong(value, 'has no keys');
  const names = sorted ? sortedKeys(value) : Object.keys(value);
  claim(8 * names.length);
  tick(names.length);
  return names;
}

function has(value: Json, key: Json): Json {
  if (isObject(value) && typeof key === 'string') return Object.hasOwn(value, key);
  if (value === null) return false;
  if (Array.isArray(value) && typeof key === 'number') return key >= 0 && Math.floor(key) < value.length;
  throw failure(`Cannot check whether ${typeName(value)} has a ${typeName(key)} key`);
}

/** `contains`: parts of strings, items of arrays, values of objects, at every level. */
function contains(a: Json, b: Json): boolean {
  tick();
  if (isObject(a) && isObject(b)) {
    return Object.keys(b).every((key) => {
      const value = own(a, key);
      return value !== undefined && contains(value, b[key] as Json);
    });
  }
  if (Array.isArray(a) && Array.isArray(b)) return b.every((part) => a.some((item) => contains(item, part)));
  if (typeof a === 'string' && typeof b === 'string') {
    tick(a.length >>> 4);
    return a.includes(b);
  }
  return equal(a, b);
}

function containsSame(a: Json, b: Json): boolean {
  if (typeName(a) === typeName(b)) return contains(a, b);
  throw failure(
    `${typeName(a)} (${excerpt(a)}) and ${typeName(b)} (${excerpt(b)}) cannot have their containment checked`,
  );
}

const NUMBER_TEXT = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

function toNumber(value: Json): Json {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return wrong(value, 'cannot be parsed as a number');
  tick(value.length >>> 4);
  if (value === 'nan') return Number.NaN;
  if (!NUMBER_TEXT.test(value)) return wrong(value, 'cannot be parsed as a number');
  return clampNumber(Number(value));
}

function clampNumber(value: number): number {
  return value === Infinity ? Number.MAX_VALUE : value === -Infinity ? -Number.MAX_VALUE : value;
}

function toBoolean(value: Json): Json {
  if (typeof value === 'boolean') return value;
  if (value === 'true') return true;
  return value === 'false' ? false : wrong(value, 'cannot be parsed as a boolean');
}

function toEntries(value: Json): Json {
  const names = keys(value, false) as Json[];
  claim(64 * names.length);
  return names.map((key) => ({ key, value: (value as Json[] & { [key: string]: Json })[key as string] as Json }));
}

/** `from_entries`: the key under any of its usual names, the value under `value`, `v` or `Value`. */
function fromEntries(list: Json): Json {
  const object: JsonObject = {};
  for (const entry of children(list)) {
    tick();
    claim(32);
    const key = ['key', 'Key', 'k', 'K', 'name', 'Name'].reduce<Json>(
      (found, name) => (truthy(found) ? found : field(entry, name)),
      null,
    );
    if (typeof key !== 'string') throw failure(`Cannot use ${typeName(key)} (${excerpt(key)}) as object key`);
    const at = ['value', 'v'].find((name) => isObject(entry) && Object.hasOwn(entry, name)) ?? 'Value';
    put(object, key, field(entry, at));
  }
  return object;
}

function bsearch(items: Json, target: Json): Json {
  if (!Array.isArray(items)) return wrong(items, 'cannot be searched from');
  let low = 0;
  let high = items.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order = compare(items[middle] as Json, target);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1 - low;
}

function transpose(rows: Json): Json {
  const list = children(rows);
  const width = Math.ceil(Math.max(0, ...list.map((row) => length(row) as number)));
  tick(width * list.length);
  claim(8 * width * list.length);
  return Array.from({ length: width }, (_, i) => list.map((row) => index(row, i)));
}

function toStream(value: Json): Json[] {
  const events: Json[] = [];
  const visit = (node: Json, path: Json[]) => {
    tick(1 + path.length);
    claim(32 + 8 * path.length);
    const children = node === null || typeof node !== 'object' ? [] : (keys(node, false) as Json[]);
    if (children.length === 0) {
      events.push([path, node]);
    } else {
      for (const key of children) visit((node as { [key: string]: Json })[key as string] as Json, [...path, key]);
      events.push([[...path, children.at(-1) as Json]]);
    }
  };
  visit(value, []);
  return events;
}

export const values: Builtins = {
  ...plainAll({
    'type/0': (value) => typeName(value),
    'not/0': (value) => value === null || value === false,
    'length/0': length,
    'utf8bytelength/0': (value) =>
      typeof value === 'string' ? utf8Length(value) : wrong(value, 'only strings have UTF-8 byte length'),
    'keys/0': (value) => keys(value, true),
    'keys_unsorted/0': (value) => keys(value, false),
    'has/1': has,
    'contains/1': containsSame,
    'inside/1': (value, whole) => containsSame(whole, value),
    'in/1': (key, container) => has(container, key),
    'tojson/0': (value) => jsonText(value),
    'tostring/0': toText,
    'tonumber/0': toNumber,
    'toboolean/0': toBoolean,
    'toarray/0': (value) => (Array.isArray(value) ? value : [value]),
    'fromjson/0': (value) =>
      typeof value === 'string' ? parseJson(value) : wrong(value, 'only strings can be parsed'),
    'to_entries/0': toEntries,
    'from_entries/0': fromEntries,
    'bsearch/1': bsearch,
    'transpose/0': transpose,
    'now/0': () => meter.now() / 1000,
    'input_line_number/0': () => 0,
    'input_filename/0': () => null,
    'env/0': () => ({}),
    'have_literal_numbers/0': () => true,
    'have_decnum/0': () => false,
    'get_search_list/0': () => [],
    'get_prog_origin/0': () => null,
    'get_jq_origin/0': () => null,
    // There is one input and no terminal: what was read is read, and messages go nowhere.
    'debug/0': (value) => value,
    'stderr/0': (value) => value,
    'input/0': () => {
      // The word by which jq's own `inputs` knows the end.
      throw failure('break');
    },
    '_tostream/0': toStream,
    'halt_error/1': (value, status) => {
      if (typeof status !== 'number') throw failure('halt_error/1: number required');
      throw failure(toText(value));
    },
  }),
  ...plainAll({
    'setpath/2': (input, path, value) => {
      if (!Array.isArray(path)) throw failure('Path must be specified as an array');
      return changePath(input, path, () => value as Json);
    },
  }),
  'halt/0': () =>
    single(() => {
      throw HALT;
    }),
};

/** Thrown by `halt`: the run ends with the outputs it has. */
export const HALT: unique symbol = Symbol('halt');
