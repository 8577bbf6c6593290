import { type Headers, headerValue, withoutContent, withoutCredentials } from './headers.ts';
import type { OutboundResponse } from './types.ts';

/** One request on the wire. */
export interface Hop {
  method: string;
  url: URL;
  headers: Headers;
  body?: string | Uint8Array;
}

/**
 * The request that an answer redirects to (RFC 9110, section 15.4); undefined when it is not a redirect. 303 becomes
 * GET, 301 and 302 do so for POST, as all clients have it; 307 and 308 repeat the request. Another origin (scheme, host
 * and port) is not told any credentials.
 */
export function redirected(from: Hop, answer: OutboundResponse): Hop | undefined {
  const location = headerValue(answer.headers, 'location');
  if (location === undefined || ![301, 302, 303, 307, 308].includes(answer.status)) return undefined;
  // Throws for an address that is none; the caller says which answer it came with.
  const url = new URL(location, from.url);
  // Credentials in a redirect would let one server log us in at another.
  url.username = '';
  url.password = '';
  if (url.hash === '') url.hash = from.url.hash;

  const becomesGet =
    (answer.status === 303 && from.method !== 'HEAD' && from.method !== 'GET') ||
    ((answer.status === 301 || answer.status === 302) && from.method === 'POST');
  let { headers } = from;
  if (becomesGet) headers = withoutContent(headers);
  if (url.origin !== from.url.origin) headers = withoutCredentials(headers);
  return {
    method: becomesGet ? 'GET' : from.method,
    url,
    headers,
    ...(becomesGet || from.body === undefined ? {} : { body: from.body }),
  };
}
