import { isJsonObject, type Json, type JsonObject } from '../../../model/json.ts';
import { shown } from '../../../schema/index.ts';
import { raise } from '../errors.ts';
import { asText } from '../template.ts';

/** A request of a workflow before credentials are added. */
export interface HttpRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
}

/** Headers from the evaluated `headers`; null leaves one out. */
export function headersOf(value: Json): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, item] of pairs(value, 'headers')) {
    if (item !== null) headers[name.toLowerCase()] = asText(item);
  }
  return headers;
}

/** Adds evaluated query parameters to an address; a list repeats its name, null leaves it out. */
export function withQuery(url: string, value: Json): string {
  const query = new URLSearchParams();
  for (const [name, item] of pairs(value, 'query')) {
    for (const single of Array.isArray(item) ? item : [item]) if (single !== null) query.append(name, asText(single));
  }
  const text = query.toString();
  if (text === '') return url;
  const [address = '', fragment] = url.split('#', 2);
  const joined = `${address}${address.includes('?') ? '&' : '?'}${text}`;
  return fragment === undefined ? joined : `${joined}#${fragment}`;
}

function pairs(value: Json, what: string): [string, Json][] {
  if (value === null) return [];
  if (isJsonObject(value)) return Object.entries(value);
  throw raise('expression', `"${what}" must give an object of names and values; it gave ${shown(value)}.`);
}

/**
 * The body as text, and its content type unless the workflow set one: text is sent as it is, a form as a form, anything
 * else as JSON.
 */
export function withBody(request: HttpRequest, body: Json): HttpRequest {
  if (body === null) return request;
  const type = request.headers['content-type'];
  if (typeof body === 'string') return typed(request, body, 'text/plain; charset=utf-8');
  if (type?.startsWith('application/x-www-form-urlencoded') && isJsonObject(body)) {
    return { ...request, body: withQuery('', body).slice(1) };
  }
  if (type !== undefined && !/json/i.test(type)) {
    throw raise('configuration', `A body for the content type "${type}" must be text; found ${shown(body)}.`);
  }
  return typed(request, JSON.stringify(body), 'application/json');
}

const typed = (request: HttpRequest, body: string, type: string): HttpRequest => ({
  ...request,
  headers: { 'content-type': type, ...request.headers },
  body,
});

const secretHeaders = /^(authorization|proxy-authorization|cookie|.*(token|secret|api-?key).*)$/i;

/** The request as the output `response` tells of it: without what proves who sent it. */
export const described = ({ method, url, headers }: HttpRequest): JsonObject => ({
  method: method.toLowerCase(),
  uri: url.replace(/^(\w+:\/\/)[^/@]*@/, '$1'),
  headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !secretHeaders.test(name))),
});
