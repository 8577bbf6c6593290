import { isJsonObject, type Json, type JsonObject } from '../model/json.ts';
import { pointerNames } from './pointer.ts';

/** References followed one after the other at most. */
const LONGEST_CHAIN = 8;

/** A schema behind its `$ref` into `root`; what stands beside the reference goes first. */
export function followRef(schema: JsonObject, root: JsonObject, left = LONGEST_CHAIN): JsonObject {
  const { $ref: reference, ...beside } = schema;
  if (typeof reference !== 'string' || left === 0 || !reference.startsWith('#')) return schema;
  let target: Json | undefined = root;
  for (const name of pointerNames(decoded(reference.slice(1)))) {
    target = isJsonObject(target) && Object.hasOwn(target, name) ? target[name] : undefined;
  }
  return isJsonObject(target) ? followRef({ ...target, ...beside }, root, left - 1) : beside;
}

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}
