import { isJsonObject, type Json } from '../../model/json.ts';
import { shown } from '../../schema/index.ts';
import { raise } from './errors.ts';

/**
 * Fills in `{name}` with the member of that very name of `data` (DSL reference, "URI Template": simple expansion of
 * RFC 6570, top-level names only). A missing one becomes empty; an object or list is an expression error.
 */
export function expandUri(template: string, data: Json): string {
  return template.replace(/\{([^{}]*)\}/g, (_match, name: string) => {
    const value = isJsonObject(data) && Object.hasOwn(data, name) ? data[name]! : null;
    if (typeof value === 'object' && value !== null) {
      throw raise(
        'expression',
        `"{${name}}" in the address must be text, a number or true/false; found ${shown(value)}.`,
      );
    }
    return value === null ? '' : encodeUnreserved(String(value));
  });
}

/** Percent-encodes everything but the unreserved characters of RFC 3986. */
const encodeUnreserved = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
