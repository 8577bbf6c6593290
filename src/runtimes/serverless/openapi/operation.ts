import { isJsonObject, type Json, type JsonObject } from '../../../model/json.ts';
import { didYouMean, listed } from '../../../schema/index.ts';
import { raise } from '../errors.ts';
import { type ApiDocument, objects, resolved } from './document.ts';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** One operation of an API, with everything a request needs to know of it. */
export interface Operation {
  method: string;
  path: string;
  /** Address that the path is appended to. */
  server: string;
  parameters: JsonObject[];
  /** OpenAPI 3 only. */
  requestBody?: JsonObject;
  /** Content types of the body, the first being the one to use. */
  consumes: string[];
}

/** Finds an operation by its id; an unknown one is the DSL's configuration error with the nearest name. */
export function findOperation(document: ApiDocument, id: string): Operation {
  const paths = resolved(document, document.root['paths']) ?? {};
  const known: string[] = [];
  for (const [path, value] of Object.entries(paths)) {
    const item = resolved(document, value) ?? {};
    for (const method of methods) {
      const operation = isJsonObject(item[method]) ? item[method] : undefined;
      if (!operation) continue;
      if (operation['operationId'] === id) return operationOf(document, { path, method, item, operation });
      if (typeof operation['operationId'] === 'string') known.push(operation['operationId']);
    }
  }
  const hint = didYouMean(id, known) || `; it has ${listed(known) || 'none'}.`;
  throw raise('configuration', `${document.url} has no operation ${JSON.stringify(id)}${hint}`);
}

interface Found {
  path: string;
  method: string;
  item: JsonObject;
  operation: JsonObject;
}

function operationOf(document: ApiDocument, { path, method, item, operation }: Found): Operation {
  const own = objects(document, operation['parameters']);
  const shared = objects(document, item['parameters']).filter(
    (parameter) => !own.some((other) => other['name'] === parameter['name'] && other['in'] === parameter['in']),
  );
  const requestBody = document.old ? undefined : resolved(document, operation['requestBody']);
  return {
    method: method.toUpperCase(),
    path,
    server: document.old ? oldServer(document) : serverOf(document, [operation, item, document.root]),
    parameters: [...own, ...shared],
    consumes: document.old
      ? texts(operation['consumes'] ?? document.root['consumes'])
      : Object.keys(resolved(document, requestBody?.['content']) ?? {}),
    ...(requestBody ? { requestBody } : {}),
  };
}

/** OpenAPI 2.0: `schemes`, `host` and `basePath`; what is missing is taken from the document's own address. */
function oldServer({ root, url }: ApiDocument): string {
  const base = new URL(url);
  const own = base.protocol.replace(':', '');
  const schemes = texts(root['schemes']).filter((scheme) => scheme === 'http' || scheme === 'https');
  const scheme = schemes.find((name) => name === own) ?? schemes[0] ?? own;
  const host = typeof root['host'] === 'string' ? root['host'] : base.host;
  const path = typeof root['basePath'] === 'string' ? root['basePath'] : '';
  return `${scheme}://${host}${path}`.replace(/\/+$/, '');
}

/** OpenAPI 3: the nearest `servers` list counts, and of it the first; its address may be relative to the document. */
function serverOf(document: ApiDocument, levels: readonly JsonObject[]): string {
  const [server] = levels.map((level) => objects(document, level['servers'])).find((list) => list.length > 0) ?? [];
  const variables = isJsonObject(server?.['variables']) ? server['variables'] : {};
  const template = typeof server?.['url'] === 'string' ? server['url'] : '/';
  const address = template.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
    const variable = variables[name];
    return isJsonObject(variable) && variable['default'] !== undefined ? String(variable['default']) : whole;
  });
  return new URL(address, document.url).href.replace(/\/+$/, '');
}

const texts = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
