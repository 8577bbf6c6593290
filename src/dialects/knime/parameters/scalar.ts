import { isJsonObject, type Json } from '../../../model/json.ts';
import { fractionText } from './cells.ts';
import { exactNumber, plainNumbers } from './exact-json.ts';
import { isWrapper, type Kind, type Wrapper, wrappers } from './kinds.ts';

/**
 * A single value, bare or as old Quickform nodes have it: `{"integer":2}`. Both are taken whatever is listed; what does
 * not fit is left for the schema to refuse.
 */
export function readScalar(value: Json): Json {
  return plainNumbers(unwrapped(value) ?? value);
}

function unwrapped(value: Json): Json | undefined {
  if (!isJsonObject(value)) return undefined;
  const members = Object.entries(value);
  if (members.length !== 1) return undefined;
  const [name, inner] = members[0]!;
  return wrappers.some((wrapper) => wrapper === name) ? inner : undefined;
}

export function writeScalar(value: Json, kind: Kind): Json {
  if (!isWrapper(kind)) return value;
  return { [kind]: ofWrapper(value, kind) };
}

const ofWrapper = (value: Json, kind: Wrapper): Json =>
  kind === 'double' && typeof value === 'number' ? exactNumber(fractionText(value)) : value;

/** Any JSON, without the wrapper that old JSON Input nodes put around it. */
export const readJson = (value: Json): Json => plainNumbers(withoutWrapper(value));

/** `{"jsonvalue": X}`, sometimes with an `id` beside it, is X; any further member makes it a value (reference trap 14). */
export function withoutWrapper(value: Json): Json {
  if (!isJsonObject(value) || !Object.hasOwn(value, 'jsonvalue')) return value;
  const own = Object.keys(value).every((name) => name === 'jsonvalue' || name === 'id');
  return own ? value['jsonvalue']! : value;
}
