import type { Json, JsonObject } from '../../../model/json.ts';
import type { OutboundResponse } from '../../../outbound/index.ts';
import { raise } from '../errors.ts';
import { described, type HttpRequest } from './request.ts';

export const outputForms = ['content', 'response', 'raw'] as const;
export type OutputForm = (typeof outputForms)[number];

/** What a call gives: the content, the whole answer, or the bytes in base64 (DSL reference, "HTTP Call"). */
export function outputOf(form: OutputForm, request: HttpRequest, answer: OutboundResponse): Json {
  if (form === 'raw') return Buffer.from(answer.body).toString('base64');
  const content = contentOf(answer, request);
  if (form === 'content') return content;
  const headers = Object.entries(answer.headers).map(([name, value]) => [name, [value].flat().join(', ')]);
  const response: JsonObject = {
    request: described(request),
    statusCode: answer.status,
    headers: Object.fromEntries(headers) as JsonObject,
    content,
  };
  return response;
}

/** The body read by its content type: JSON as data, text as text, anything else in base64; no body is null. */
function contentOf(answer: OutboundResponse, request: HttpRequest): Json {
  if (answer.body.byteLength === 0) return null;
  const type = [answer.headers['content-type'] ?? ''].flat()[0] ?? '';
  const media = type.split(';')[0]!.trim().toLowerCase();
  if (media === 'application/json' || media.endsWith('+json')) {
    try {
      return JSON.parse(decode(answer.body, type)) as Json;
    } catch {
      throw raise('communication', `${nameOf(request)} answered with a body that is not the JSON it says it is.`);
    }
  }
  if (/^text\/|[/+]xml$|[/+]yaml$|\/x-www-form-urlencoded$|\/javascript$|\/x-ndjson$/.test(media)) {
    return decode(answer.body, type);
  }
  return Buffer.from(answer.body).toString('base64');
}

function decode(body: Uint8Array, type: string): string {
  const charset = /charset="?([\w-]+)/i.exec(type)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return new TextDecoder().decode(body);
  }
}

/**
 * Refuses an answer outside of 200 to 299, or to 399 where redirects are not errors, as the DSL's communication error
 * with the status of the answer.
 */
export function checkStatus(request: HttpRequest, answer: OutboundResponse, redirect: boolean): void {
  if (answer.status >= 200 && answer.status < (redirect ? 400 : 300)) return;
  const title = answer.statusText || `HTTP ${answer.status}`;
  const said = excerpt(answer);
  const hint = answer.status >= 300 && answer.status < 400 ? ' Set "redirect: true" to follow redirections.' : '';
  const detail = `${nameOf(request)} answered ${answer.status}${answer.statusText ? ` ${answer.statusText}` : ''}${said}.${hint}`;
  throw raise('communication', detail, { status: answer.status, title });
}

function excerpt(answer: OutboundResponse): string {
  const type = [answer.headers['content-type'] ?? ''].flat()[0] ?? '';
  if (answer.body.byteLength === 0 || !/json|text\/plain/.test(type)) return '';
  const text = decode(answer.body.subarray(0, 400), type).replace(/\s+/g, ' ').trim();
  return text === '' ? '' : `: ${text.length > 200 ? `${text.slice(0, 199)}…` : text}`;
}

/** The request in a message: method and address, without query, which may hold what is secret. */
export const nameOf = ({ method, url }: HttpRequest): string =>
  `${method.toUpperCase()} ${url.split(/[?#]/)[0]!.replace(/^(\w+:\/\/)[^/@]*@/, '$1')}`;
