import { children, index, indexesOf } from '../access.ts';
import { subtract } from '../arithmetic.ts';
import { failure } from '../errors.ts';
import { collect, type Filter, single } from '../filter.ts';
import { checkDepth, claim, tick } from '../limits.ts';
import { compare, equal } from '../order.ts';
import { excerpt } from '../text.ts';
import { pointCounter } from '../unicode.ts';
import { type Json, typeName } from '../value.ts';
import { type Builtin, type Builtins, plainAll } from './define.ts';
import { length } from './values.ts';

function sorted(items: Json, unique = false): Json[] {
  if (!Array.isArray(items))
    throw failure(`${typeName(items)} (${excerpt(items)}) cannot be sorted, as it is not an array`);
  claim(8 * items.length);
  const list = items.slice().sort(compare);
  return unique ? list.filter((item, i) => i === 0 || compare(list[i - 1] as Json, item) !== 0) : list;
}

const NOT_SORTED = 'cannot be sorted, as they are not both arrays';
const NOT_ITERABLE = 'cannot be iterated over';

interface Keyed {
  key: Json;
  item: Json;
}

/** The items with the list of their keys, in the order of those keys; equal ones keep their order. */
function sortedBy(by: Filter, what: string, env: Parameters<Filter['each']>[0], items: Json): Keyed[] {
  const list = children(items);
  claim(32 * list.length);
  return keyed(by, what, env, items).sort((a, b) => compare(a.key, b.key));
}

/** The items of an array with their keys. jq evaluates the keys of an object as well before it objects to it. */
function keyed(by: Filter, what: string, env: Parameters<Filter['each']>[0], items: Json): Keyed[] {
  if (!Array.isArray(items)) {
    const keys = children(items).map((item) => collect(by, env, item));
    throw failure(`${typeName(items)} (${excerpt(items)}) and array (${excerpt(keys)}) ${what}`);
  }
  return items.map((item) => {
    tick();
    // A lone key sorts as the list of one key would, without the list.
    if (by.value !== null) {
      const key = by.value(env, item);
      return { key: key === undefined ? [] : [key], item };
    }
    return { key: collect(by, env, item), item };
  });
}

function groups(by: Filter, env: Parameters<Filter['each']>[0], items: Json): Json[][] {
  const found: Json[][] = [];
  let last: Keyed | undefined;
  for (const entry of sortedBy(by, NOT_SORTED, env, items)) {
    if (last !== undefined && compare(last.key, entry.key) === 0) found.at(-1)?.push(entry.item);
    else found.push([entry.item]);
    last = entry;
  }
  return found;
}

function unkeyed(items: Json): Keyed[] {
  if (Array.isArray(items)) return items.map((item) => ({ key: item, item }));
  const shown = `${typeName(items)} (${excerpt(items)})`;
  throw failure(`${shown} and ${shown} ${NOT_ITERABLE}`);
}

/** The least or greatest item; of equal ones `min` takes the first, `max` the last. */
function extreme(greatest: boolean): Builtin {
  return ([by]) =>
    single((env, items) => {
      let best: Keyed | undefined;
      const entries = by === undefined ? unkeyed(items) : keyed(by, NOT_ITERABLE, env, items);
      for (const entry of entries) {
        if (best === undefined) best = entry;
        else {
          const order = compare(entry.key, best.key);
          if (greatest ? order >= 0 : order < 0) best = entry;
        }
      }
      return best === undefined ? null : best.item;
    });
}

const groupBy: Builtin = ([by]) => single((env, items) => groups(by as Filter, env, items));
const uniqueBy: Builtin = ([by]) =>
  single((env, items) =>
    by === undefined ? sorted(items, true) : groups(by, env, items).map(([first]) => first as Json),
  );

function flatten(items: Json, depth: Json): Json {
  if (compare(depth, 0) < 0) throw failure('flatten depth must not be negative');
  const flat: Json[] = [];
  const visit = (list: Json[], left: Json, level: number) => {
    checkDepth(level);
    for (const item of list) {
      tick();
      if (Array.isArray(item) && left !== 0) visit(item, subtract(left, 1), level + 1);
      else {
        claim(8);
        flat.push(item);
      }
    }
  };
  visit(children(items), depth, 0);
  return flat;
}

function reverse(value: Json): Json {
  if (!Array.isArray(value)) {
    // jq walks down from the last index: what has no length is empty, what has one cannot be indexed.
    const last = (length(value) as number) - 1;
    return last < 0 ? [] : index(value, last);
  }
  claim(8 * value.length);
  return value.slice().reverse();
}

/** `indices(x)`: where a text, an item or a run of items occurs; overlaps count. */
function indices(value: Json, wanted: Json): Json {
  if (typeof value === 'string' && typeof wanted === 'string') {
    const found: Json[] = [];
    if (wanted === '') return found;
    const toPoints = pointCounter(value);
    tick(value.length >>> 4);
    for (let at = value.indexOf(wanted); at >= 0; at = value.indexOf(wanted, at + 1)) {
      tick();
      claim(8);
      found.push(toPoints(at));
    }
    return found;
  }
  if (Array.isArray(value)) {
    if (Array.isArray(wanted)) return indexesOf(value, wanted);
    const found: Json[] = [];
    for (let i = 0; i < value.length; i++) if (equal(value[i] as Json, wanted)) found.push(i);
    tick(value.length);
    return found;
  }
  return index(value, wanted);
}

function pickOf(found: Json, last: boolean): Json {
  if (!Array.isArray(found)) return index(found, last ? -1 : 0);
  return (last ? found.at(-1) : found[0]) ?? null;
}

function combinations(lists: Json): Json[] {
  if (!Array.isArray(lists)) return length(lists) === 0 ? [[]] : [index(lists, 0)];
  let rows: Json[][] = [[]];
  for (const list of lists) {
    const next: Json[][] = [];
    for (const row of rows) {
      const items = children(list);
      for (const item of items) {
        tick();
        claim(16 + 8 * (row.length + 1));
        next.push([...row, item]);
      }
    }
    rows = next;
  }
  return rows;
}

export const arrays: Builtins = {
  ...plainAll({
    'sort/0': (items) => sorted(items),
    'reverse/0': reverse,
    'flatten/0': (items) => flatten(items, 1e9),
    'flatten/1': flatten,
    'indices/1': indices,
    '_indices/1': indices,
    'index/1': (value, wanted) => pickOf(indices(value, wanted), false),
    'rindex/1': (value, wanted) => pickOf(indices(value, wanted), true),
    '_combinations/0': combinations,
  }),
  'sort_by/1': ([by]) => single((env, items) => sortedBy(by as Filter, NOT_SORTED, env, items).map(({ item }) => item)),
  'group_by/1': groupBy,
  'unique_by/1': uniqueBy,
  'unique/0': uniqueBy,
  'min/0': extreme(false),
  'min_by/1': extreme(false),
  'max/0': extreme(true),
  'max_by/1': extreme(true),
};
