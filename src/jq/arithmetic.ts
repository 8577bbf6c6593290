import type { BinaryOperator } from './ast.ts';
import { failure } from './errors.ts';
import { checkDepth, checkLength, claim, tick } from './limits.ts';
import { compare, equal } from './order.ts';
import { excerpt } from './text.ts';
import { copyObject, isObject, type Json, type JsonObject, own, put, typeName } from './value.ts';

function cannot(a: Json, b: Json, done: string): never {
  throw failure(`${typeName(a)} (${excerpt(a)}) and ${typeName(b)} (${excerpt(b)}) cannot be ${done}`);
}

function concat(a: string, b: string): string {
  checkLength(a.length + b.length);
  // A rope shares its longer half, so only the shorter one counts.
  claim(32 + Math.min(a.length, b.length));
  return a + b;
}

const merge = (a: JsonObject, b: JsonObject): JsonObject => mergeInto(copyObject(a), b, 32);

/** Adds the entries of `from` to an object that only its caller holds; `bytes` is what that object itself takes. */
export function mergeInto(target: JsonObject, from: JsonObject, bytes = 0): JsonObject {
  const keys = Object.keys(from);
  tick(keys.length);
  claim(bytes + 16 * keys.length);
  for (const key of keys) put(target, key, from[key] as Json);
  return target;
}

/** `a + b` */
export function add(a: Json, b: Json): Json {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (a === null) return b;
  if (b === null) return a;
  if (typeof a === 'string' && typeof b === 'string') return concat(a, b);
  if (Array.isArray(a) && Array.isArray(b)) {
    tick((a.length + b.length) >>> 6);
    claim(16 + 8 * b.length);
    return a.concat(b);
  }
  if (isObject(a) && isObject(b)) return merge(a, b);
  return cannot(a, b, 'added');
}

/** `a - b`: numbers, or the items of one array without those of another. */
export function subtract(a: Json, b: Json): Json {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.filter((item) => {
      tick();
      return !b.some((unwanted) => equal(item, unwanted));
    });
  }
  return cannot(a, b, 'subtracted');
}

function mergeDeep(a: JsonObject, b: JsonObject, depth: number): JsonObject {
  checkDepth(depth);
  const merged = copyObject(a);
  for (const key of Object.keys(b)) {
    tick();
    claim(32);
    const old = own(merged, key);
    const value = b[key] as Json;
    put(merged, key, old !== undefined && isObject(old) && isObject(value) ? mergeDeep(old, value, depth + 1) : value);
  }
  return merged;
}

function repeatText(text: string, count: number): Json {
  if (!(count > -1) && count !== 0) return null;
  if (count < 0) return null;
  const times = Math.floor(count);
  checkLength(text.length * times);
  claim(text.length * times);
  return text.repeat(times);
}

/** `a * b`: numbers, a text repeated, or objects merged at every level. */
export function multiply(a: Json, b: Json): Json {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  if (typeof a === 'string' && typeof b === 'number') return repeatText(a, b);
  if (typeof a === 'number' && typeof b === 'string') return repeatText(b, a);
  if (isObject(a) && isObject(b)) return mergeDeep(a, b, 0);
  return cannot(a, b, 'multiplied');
}

/** Cuts a text at every separator; an empty separator gives the characters. */
export function splitText(text: string, separator: string): string[] {
  tick(1 + (text.length >>> 3));
  if (text === '') return [];
  const parts = separator === '' ? Array.from(text) : text.split(separator);
  claim(text.length + 32 * parts.length);
  tick(parts.length);
  return parts;
}

/** `a / b`: numbers, or a text split at another. */
export function divide(a: Json, b: Json): Json {
  if (typeof a === 'number' && typeof b === 'number') {
    return b === 0 ? cannot(a, b, 'divided because the divisor is zero') : a / b;
  }
  if (typeof a === 'string' && typeof b === 'string') return splitText(a, b);
  return cannot(a, b, 'divided');
}

const MAX_INTEGER = 2n ** 63n - 1n;

/** Cuts to a 64-bit integer as C does; out of range saturates. */
function toInteger(value: number): bigint {
  if (value >= 2 ** 63) return MAX_INTEGER;
  return value <= -(2 ** 63) ? -MAX_INTEGER - 1n : BigInt(Math.trunc(value));
}

/** `a % b` on whole numbers; the sign follows the dividend. */
export function modulo(a: Json, b: Json): Json {
  if (typeof a !== 'number' || typeof b !== 'number') return cannot(a, b, 'divided (remainder)');
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
  if (Math.abs(b) < 1) return cannot(a, b, 'divided (remainder) because the divisor is zero');
  if (Math.abs(a) < 2 ** 53 && Math.abs(b) < 2 ** 53) return (Math.trunc(a) % Math.trunc(b)) + 0;
  return Number(toInteger(a) % toInteger(b));
}

/** `-a` */
export function negate(a: Json): Json {
  if (typeof a !== 'number') throw failure(`${typeName(a)} (${excerpt(a)}) cannot be negated`);
  return -a;
}

/** The infix operators that are plain functions of two values. */
export const OPERATORS: Record<BinaryOperator, (a: Json, b: Json) => Json> = {
  '+': add,
  '-': subtract,
  '*': multiply,
  '/': divide,
  '%': modulo,
  '==': equal,
  '!=': (a, b) => !equal(a, b),
  '<': (a, b) => compare(a, b) < 0,
  '<=': (a, b) => compare(a, b) <= 0,
  '>': (a, b) => compare(a, b) > 0,
  '>=': (a, b) => compare(a, b) >= 0,
};
