import type { DialectContext } from '../../dialect.ts';
import { type FieldError, fail, isMillraceError } from '../../model/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import type { Principal } from '../../model/principal.ts';
import { messages } from './messages.ts';
import { type Parameter, withValues } from './parameters.ts';
import { readSharedPath, sharedText } from './shared-paths.ts';

/**
 * Parameters that name files and folders. Clients name shared files as `$(FME_SHAREDRESOURCE_TEMP)/folder/file`; a run is
 * handed the place on the disk, and clients that ask what was submitted see the first form again.
 */

/**
 * The text of one value: shared files in one spelling, all others as they are. Several files come in quotes, of which
 * clients leave some empty or unbalanced: `"" "a.gpkg" "b.gpkg"`, `""a.gpkg" "b.gpkg" "`.
 */
export function readFileText(text: string): { value: string; error?: string } {
  const paths = quotedPaths(text);
  if (paths === undefined) return readOne(text);
  const read = paths.map(readOne);
  const error = read.find((one) => one.error !== undefined)?.error;
  const value = read.length === 1 ? read[0]!.value : read.map((one) => `"${one.value}"`).join(' ');
  return error === undefined ? { value } : { value, error };
}

/** The paths between quotes; undefined for a text without them. */
export const quotedPaths = (text: string): string[] | undefined =>
  /^\s*"/.test(text) ? text.split('"').filter((piece) => piece.trim() !== '') : undefined;

function readOne(text: string): { value: string; error?: string } {
  const read = readSharedPath(text);
  if (read === undefined) return { value: text };
  return 'error' in read ? { value: text, error: read.error } : { value: sharedText(read.place) };
}

/**
 * Puts the places of shared files into an input, for parameters that were read with a value. The caller's rights hold:
 * to read the files, or to write them where the parameter is for output. Gives one error for each parameter with a file
 * that cannot be used.
 */
export async function locateFiles(
  context: DialectContext,
  principal: Principal,
  parameters: readonly Parameter[],
  input: Json,
): Promise<FieldError[]> {
  const errors: FieldError[] = [];
  for (const { name, path, schema } of parameters) {
    const holder = path.slice(0, -1).reduce<Json>((at, key) => (at as JsonObject)[key]!, input) as JsonObject;
    const key = path.at(-1)!;
    const value = holder[key];
    try {
      if (typeof value === 'string') holder[key] = await located(context, principal, schema, value);
      else if (Array.isArray(value))
        for (const [at, one] of value.entries())
          if (typeof one === 'string') value[at] = await located(context, principal, schema, one);
    } catch (error) {
      if (!isMillraceError(error)) throw error;
      errors.push({ pointer: name, in: 'input', message: error.message });
    }
  }
  return errors;
}

async function located(
  context: DialectContext,
  principal: Principal,
  schema: JsonObject,
  text: string,
): Promise<string> {
  const paths = quotedPaths(text);
  if (paths !== undefined) {
    const places: string[] = [];
    for (const path of paths) places.push(await located(context, principal, schema, path));
    return places.map((place) => `"${place}"`).join(' ');
  }
  const read = readSharedPath(text);
  if (read === undefined || 'error' in read) return text;
  const { shared } = context.engine;
  const isOutput = schema['x-fme-accessMode'] === 'write';
  const place = await shared.locate(principal, read.place, isOutput ? 'write' : 'read');
  if (schema['x-fme-validateExistence'] === true && (await shared.find(principal, read.place)) === undefined)
    throw fail('not-found', messages.noResource(text));
  return place;
}

/** Values by parameter name, with places of shared files in the form clients sent them. */
export function withSharedTexts(
  { engine }: Pick<DialectContext, 'engine'>,
  parameters: readonly Parameter[],
  values: Readonly<Record<string, Json>>,
): Record<string, Json> {
  const shown = { ...values };
  const textOf = (value: Json): Json => {
    const place = typeof value === 'string' ? engine.shared.placeOf(value) : undefined;
    return place === undefined ? value : sharedText(place);
  };
  for (const { name, kind } of withValues(parameters)) {
    const value = shown[name];
    if ((kind !== 'file' && kind !== 'folder') || value === undefined || isJsonObject(value)) continue;
    const quoted = typeof value === 'string' ? quotedPaths(value) : undefined;
    if (quoted !== undefined) shown[name] = quoted.map((path) => `"${textOf(path)}"`).join(' ');
    else shown[name] = Array.isArray(value) ? value.map(textOf) : textOf(value);
  }
  return shown;
}
