import type { FieldError } from '../../../model/errors.ts';
import type { Json, JsonObject } from '../../../model/json.ts';
import { didYouMean, listed } from '../../../schema/index.ts';
import { raise } from '../errors.ts';
import { type HttpRequest, withBody } from '../http/request.ts';
import { asText } from '../template.ts';
import type { ApiDocument } from './document.ts';
import type { Operation } from './operation.ts';
import { queryPairs, simple } from './serialize.ts';

/**
 * The request of an operation: each given value goes where the document says a parameter of its name belongs. What is
 * left over makes up the body, if the operation takes one; a value named `body` is the whole body.
 */
export function apiRequest(document: ApiDocument, operation: Operation, given: JsonObject): HttpRequest {
  const parameters = operation.parameters.map((parameter) => ({ parameter, name: String(parameter['name']) }));
  checkGiven(operation, parameters, given);
  const headers: Record<string, string> = { accept: 'application/json, */*;q=0.8' };
  const query: [string, string][] = [];
  const form: [string, string][] = [];
  const cookies: string[] = [];
  let path = operation.path;
  let body: Json = null;
  for (const { parameter, name } of parameters) {
    const value = given[name];
    if (value === undefined || value === null) continue;
    if (parameter['in'] === 'path') path = path.replaceAll(`{${name}}`, simple(value, encodeURIComponent));
    else if (parameter['in'] === 'query') query.push(...queryPairs(parameter, name, value, document.old));
    else if (parameter['in'] === 'header') headers[name.toLowerCase()] = simple(value);
    else if (parameter['in'] === 'cookie') cookies.push(`${name}=${encodeURIComponent(asText(value))}`);
    else if (parameter['in'] === 'formData') form.push(...queryPairs(parameter, name, value, document.old));
    else if (parameter['in'] === 'body') body = value;
  }
  if (cookies.length > 0) headers['cookie'] = cookies.join('; ');
  if (operation.requestBody) body = bodyOf(operation, given);
  const search = new URLSearchParams(query).toString();
  const request = {
    method: operation.method,
    url: `${operation.server}${path}${search === '' ? '' : `?${search}`}`,
    headers,
  };
  if (form.length > 0) {
    const type = 'application/x-www-form-urlencoded';
    return { ...request, headers: { ...headers, 'content-type': type }, body: new URLSearchParams(form).toString() };
  }
  if (body === null) return request;
  return withBody({ ...request, headers: { ...headers, 'content-type': contentType(operation, body) } }, body);
}

interface Named {
  parameter: JsonObject;
  name: string;
}

function bodyOf({ parameters }: Operation, given: JsonObject): Json {
  const names = parameters.map((parameter) => parameter['name']);
  if (!names.includes('body') && given['body'] !== undefined) return given['body'];
  const rest = Object.entries(given).filter(([name]) => !names.includes(name));
  return rest.length > 0 ? Object.fromEntries(rest) : null;
}

function contentType({ consumes }: Operation, body: Json): string {
  const json = consumes.find((type) => /[/+]json/.test(type));
  if (typeof body === 'string') return consumes[0] ?? 'text/plain; charset=utf-8';
  return json ?? consumes.find((type) => type === 'application/x-www-form-urlencoded') ?? 'application/json';
}

/** Everything that does not fit, at once: required values that are missing, and names the operation does not know. */
function checkGiven(operation: Operation, parameters: readonly Named[], given: JsonObject): void {
  const errors: FieldError[] = [];
  for (const { parameter, name } of parameters) {
    const isRequired = parameter['required'] === true || parameter['in'] === 'path';
    if (!isRequired || (given[name] !== undefined && given[name] !== null)) continue;
    errors.push({ pointer: `/parameters/${name}`, message: `The ${parameter['in']} parameter "${name}" is missing.` });
  }
  const known = parameters.map(({ name }) => name);
  if (!operation.requestBody) {
    for (const name of Object.keys(given).filter((name) => !known.includes(name))) {
      const hint = didYouMean(name, known) || (known.length ? `; known are ${listed(known)}.` : '; it has none.');
      errors.push({ pointer: `/parameters/${name}`, message: `The operation has no parameter "${name}"${hint}` });
    }
  } else if (operation.requestBody['required'] === true && bodyOf(operation, given) === null) {
    errors.push({
      pointer: '/parameters/body',
      message: 'The body is missing: give its fields as parameters, or "body".',
    });
  }
  if (errors.length === 0) return;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  throw raise('validation', `The parameters do not fit the operation: ${errors[0]!.message}${more}`, { errors });
}
