import { tick } from './limits.ts';
import { isObject, type Json, type JsonObject, own, type TypeName, typeName } from './value.ts';

/** jq's order of types: null < false < true < numbers < strings < arrays < objects. */
const RANK: Record<TypeName, number> = { null: 0, boolean: 1, number: 3, string: 4, array: 5, object: 6 };

function rank(value: Json): number {
  return value === true ? 2 : RANK[typeName(value)];
}

/** Compares by code points, which is how jq's UTF-8 strings sort; UTF-16 units would put U+FFFF after an emoji. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    let x = a.charCodeAt(i);
    let y = b.charCodeAt(i);
    if (x === y) continue;
    if (x >= 0xd800 && y >= 0xd800) {
      x += x >= 0xe000 ? -0x800 : 0x2000;
      y += y >= 0xe000 ? -0x800 : 0x2000;
    }
    return x - y;
  }
  return a.length - b.length;
}

/** The object's keys in jq's sorted order. */
export function sortedKeys(object: JsonObject): string[] {
  return Object.keys(object).sort(compareStrings);
}

function compareArrays(a: readonly Json[], b: readonly Json[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = compare(a[i] as Json, b[i] as Json);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareObjects(a: JsonObject, b: JsonObject): number {
  const keys = sortedKeys(a);
  const order = compareArrays(keys, sortedKeys(b));
  if (order !== 0) return order;
  for (const key of keys) {
    const difference = compare(own(a, key) as Json, own(b, key) as Json);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** jq's total order (manual: "sort"): negative, zero or positive. `nan` is below every number, itself included. */
export function compare(a: Json, b: Json): number {
  tick();
  if (typeof a === 'number' && typeof b === 'number') return a < b || Number.isNaN(a) ? -1 : a === b ? 0 : 1;
  if (typeof a === 'string' && typeof b === 'string') return a === b ? 0 : compareStrings(a, b);
  const order = rank(a) - rank(b);
  if (order !== 0) return order;
  if (Array.isArray(a)) return compareArrays(a, b as Json[]);
  return isObject(a) ? compareObjects(a, b as JsonObject) : 0;
}

/** jq's `==`. */
export function equal(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  tick();
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => equal(item, b[i] as Json));
  }
  if (Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  for (const key of keys) {
    const other = own(b, key);
    if (other === undefined || !equal(own(a, key) as Json, other)) return false;
  }
  return true;
}
