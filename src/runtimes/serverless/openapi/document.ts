import { isJsonObject, type Json, type JsonObject } from '../../../model/json.ts';
import { pointerNames } from '../../../schema/index.ts';
import { parseYaml } from '../../../yaml/index.ts';
import { raise } from '../errors.ts';

/** An OpenAPI document (2.0, 3.0 or 3.1) and where it came from. */
export interface ApiDocument {
  root: JsonObject;
  url: string;
  /** True for OpenAPI 2.0 (Swagger). */
  old: boolean;
}

/** Reads an OpenAPI document, in JSON or YAML. */
export function parseApiDocument(text: string, url: string): ApiDocument {
  const root = parseText(text, url);
  const version = isJsonObject(root) ? (root['openapi'] ?? root['swagger']) : undefined;
  if (!isJsonObject(root) || typeof version !== 'string' || !/^(2\.0|3\.[01])/.test(version)) {
    const found = version === undefined ? 'neither "openapi" nor "swagger"' : JSON.stringify(version);
    throw raise('configuration', `${url} is not an OpenAPI document of version 2.0, 3.0 or 3.1: found ${found}.`);
  }
  return { root, url, old: version === '2.0' };
}

function parseText(text: string, url: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    const { value, issues } = parseYaml(text);
    if (issues.length === 0) return value;
    throw raise('configuration', `${url} is neither JSON nor YAML: ${issues[0]!.message}`);
  }
}

/** Follows a local `$ref`, through several if need be; other documents are not fetched. */
export function resolved(document: ApiDocument, value: Json | undefined): JsonObject | undefined {
  let current = value;
  for (let i = 0; i < 16 && isJsonObject(current) && typeof current['$ref'] === 'string'; i++) {
    const ref = current['$ref'];
    if (!ref.startsWith('#'))
      throw raise('configuration', `${document.url}: the reference "${ref}" to another document is not followed.`);
    current = lookUp(document.root, ref.slice(1));
  }
  return isJsonObject(current) ? current : undefined;
}

function lookUp(root: Json, pointer: string): Json | undefined {
  let current: Json | undefined = root;
  for (const name of pointerNames(decodeURIComponent(pointer))) {
    if (Array.isArray(current)) current = current[Number(name)];
    else current = isJsonObject(current) && Object.hasOwn(current, name) ? current[name] : undefined;
  }
  return current;
}

/** A member that is an object or list of objects; references are followed. */
export const objects = (document: ApiDocument, value: Json | undefined): JsonObject[] =>
  Array.isArray(value) ? value.map((item) => resolved(document, item)).filter((item) => item !== undefined) : [];
