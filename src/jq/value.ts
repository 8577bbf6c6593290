/** Any JSON value. Inputs may be frozen: nothing in this module ever changes a value it was given. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A JSON object. Keys such as `__proto__` are plain data: read with {@link own}, write with {@link put}. */
export type JsonObject = { [key: string]: Json };

export type TypeName = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

/** The name jq's `type` gives to a value. */
export function typeName(value: Json): TypeName {
  if (value === null) return 'null';
  if (typeof value === 'object') return Array.isArray(value) ? 'array' : 'object';
  return typeof value as 'boolean' | 'number' | 'string';
}

/** True for a JSON object: neither null nor an array. */
export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Everything but `null` and `false` counts as true. */
export function truthy(value: Json): boolean {
  return value !== null && value !== false;
}

/** The object's own entry, never one of its prototype; undefined when there is none. */
export function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Sets an entry of an object that this module made itself. `__proto__` would otherwise call the inherited setter. */
export function put(object: JsonObject, key: string, value: Json): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[key] = value;
  }
}

/** A shallow copy with the same key order. */
export function copyObject(object: JsonObject): JsonObject {
  // Spread defines own properties, so even an own `__proto__` entry stays data.
  return { ...object };
}
