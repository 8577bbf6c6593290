import { promises as dns } from 'node:dns';
import { fail } from '../model/errors.ts';
import { HOPS_HEADER, MOST_HOPS } from '../model/hops.ts';
import { type Authenticator, authenticate, createAuthenticator } from './auth.ts';
import { communicationFailure, refused, timeoutFailure } from './failures.ts';
import type { Lookup } from './guard.ts';
import { sendable } from './headers.ts';
import { type Hop, redirected } from './redirect.ts';
import { createTransport, type Transport } from './transport.ts';
import type { Outbound, OutboundOptions, OutboundRequest, OutboundResponse } from './types.ts';

const systemLookup: Lookup = (host) => dns.lookup(host, { all: true, verbatim: true });

/** Makes the guarded client. `lookup` replaces the system's name resolution, for tests. */
export function createOutbound(options: OutboundOptions, lookup: Lookup = systemLookup): Outbound {
  const transport = createTransport(options, lookup);
  const authenticator = createAuthenticator((request) => plain(transport, options, request));
  return {
    request: (request) => guarded(transport, options, authenticator, request),
    close: () => transport.close(),
  };
}

/** With authentication, which may take more than one exchange. */
const guarded = (
  transport: Transport,
  options: OutboundOptions,
  authenticator: Authenticator,
  request: OutboundRequest,
): Promise<OutboundResponse> => authenticate(authenticator, request, (ready) => plain(transport, options, ready));

/** Sends a request and follows its redirects, all within its time. */
async function plain(
  transport: Transport,
  options: OutboundOptions,
  request: OutboundRequest,
): Promise<OutboundResponse> {
  const first = firstHop(options, request);
  request.signal?.throwIfAborted();
  const timeoutMs = request.timeoutMs ?? options.timeoutMs;
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(timeoutFailure(first.url, `${timeoutMs} ms were over`)), timeoutMs);
  const onAbort = () => controller.abort(request.signal!.reason);
  request.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const send = (hop: Hop) => transport.send(hop, controller.signal, timeoutMs);
    return request.redirect ? await follow(first, options.maxRedirects, send) : await send(first);
  } finally {
    clearTimeout(timer);
    request.signal?.removeEventListener('abort', onAbort);
  }
}

async function follow(
  first: Hop,
  most: number,
  send: (hop: Hop) => Promise<OutboundResponse>,
): Promise<OutboundResponse> {
  let hop = first;
  for (let followed = 0; ; followed += 1) {
    const answer = await send(hop);
    const next = nextHop(hop, answer);
    if (next === undefined) return answer;
    if (followed >= most) {
      throw fail('limit-exceeded', {
        detail: `More than ${most} redirects; the setting \`outbound.maxRedirects\` (MILLRACE_OUTBOUND_MAX_REDIRECTS) allows more.`,
        extra: { kind: 'communication' },
      });
    }
    hop = next;
  }
}

function nextHop(hop: Hop, answer: OutboundResponse): Hop | undefined {
  try {
    return redirected(hop, answer);
  } catch (error) {
    throw communicationFailure(hop.url, 'it redirects to something that is not an address', undefined, error);
  }
}

function firstHop(options: OutboundOptions, request: OutboundRequest): Hop {
  const url = parseUrl(request.url);
  const hops = (request.hops ?? 0) + 1;
  if (hops > MOST_HOPS) {
    throw fail(
      'limit-exceeded',
      `The request went through ${MOST_HOPS} servers of this kind: it seems to run in a circle.`,
    );
  }
  const headers = {
    'user-agent': options.userAgent,
    accept: '*/*',
    'accept-encoding': 'gzip, deflate, br',
    ...credentialsOf(url),
    ...sendable(request.headers),
    [HOPS_HEADER]: String(hops),
  };
  url.username = '';
  url.password = '';
  const method = request.method.toUpperCase();
  if (method === 'CONNECT' || method === 'TRACE') throw refused(`The method ${method} is not sent.`);
  return { method, url, headers, ...(request.body === undefined ? {} : { body: request.body }) };
}

function parseUrl(text: string): URL {
  try {
    return new URL(text);
  } catch (error) {
    throw fail('step-failed', {
      detail: `${JSON.stringify(text.slice(0, 200))} is not an absolute address.`,
      extra: { kind: 'communication' },
      cause: error,
    });
  }
}

function credentialsOf(url: URL): Record<string, string> {
  if (url.username === '' && url.password === '') return {};
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
