import type { Agent, buildConnector } from 'undici';
import { readBody } from './body.ts';
import { communicationFailure, refused, toFailure } from './failures.ts';
import { createGuard, type Guard, type Lookup } from './guard.ts';
import { headerValue } from './headers.ts';
import type { Hop } from './redirect.ts';
import type { OutboundOptions, OutboundResponse } from './types.ts';

/** Sends single requests over kept connections. */
export interface Transport {
  guard: Guard;
  send(hop: Hop, signal: AbortSignal, timeoutMs: number): Promise<OutboundResponse>;
  close(): Promise<void>;
}

interface Agents {
  guarded: Agent;
  /** For hosts that the host map sends elsewhere. */
  mapped: Agent;
}

/** Connections to one origin at once; more wait for one of them. */
const connections = 64;

const connectMs = 10_000;

/** Makes the transport; the HTTP library is loaded with the first request, most runs never make one. */
export function createTransport(options: OutboundOptions, lookup: Lookup): Transport {
  const guard = createGuard(options, lookup);
  let agents: Promise<Agents> | undefined;

  const open = async (): Promise<Agents> => {
    const { Agent, buildConnector } = await import('undici');
    const timeout = Math.min(connectMs, options.timeoutMs);
    const plain = buildConnector({ timeout });
    // `lookup` is an option of net.connect, which undici hands on; its types only know those of tls.connect.
    const checked = buildConnector({ timeout, lookup: guard.lookup } as buildConnector.BuildOptions);
    // Environment variables for proxies are not looked at: a proxy would connect to addresses nobody has checked.
    const agent = (connect: buildConnector.connector) => new Agent({ connect, connections, pipelining: 1 });
    return { guarded: agent(rechecked(checked, guard)), mapped: agent(plain) };
  };

  const exchange = async (hop: Hop, signal: AbortSignal, timeoutMs: number): Promise<OutboundResponse> => {
    agents ??= open();
    const { guarded, mapped } = await agents;
    const target = mappedOrigin(hop.url, options.hostMap);
    if (target === undefined) guard.checkUrl(hop.url);
    const { statusCode, statusText, headers, body } = await (target === undefined ? guarded : mapped).request({
      origin: target ?? hop.url.origin,
      path: hop.url.pathname + hop.url.search,
      method: hop.method as 'GET',
      headers: target === undefined ? hop.headers : { host: hop.url.host, ...hop.headers },
      body: hop.body ?? null,
      signal,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    // Destroying a body that was not read to its end is an error of the body's own, of no interest to anyone.
    body.on('error', () => undefined);
    const answerHeaders = plainHeaders(headers);
    const coding = headerValue(answerHeaders, 'content-encoding');
    const content = await readBody(body, coding, options.maxBytes, hop.url).catch((error: unknown) => {
      body.destroy();
      throw error;
    });
    if (content.decoded) {
      delete answerHeaders['content-encoding'];
      delete answerHeaders['content-length'];
    }
    return { status: statusCode, statusText, url: hop.url.href, headers: answerHeaders, body: content.body };
  };

  return {
    guard,
    async send(hop, signal, timeoutMs) {
      try {
        try {
          return await exchange(hop, signal, timeoutMs);
        } catch (error) {
          // A kept connection may be closed by the other side just as we use it; reading again is harmless.
          if (!isStale(error) || !['GET', 'HEAD'].includes(hop.method) || signal.aborted) throw error;
          return await exchange(hop, signal, timeoutMs);
        }
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        if ((error as NodeJS.ErrnoException).code === 'UND_ERR_INVALID_ARG') {
          throw communicationFailure(
            hop.url,
            `it cannot be sent: ${(error as Error).message}`,
            'UND_ERR_INVALID_ARG',
            error,
          );
        }
        throw toFailure(error, hop.url);
      }
    },
    async close() {
      if (!agents) return;
      const { guarded, mapped } = await agents;
      await Promise.all([guarded.destroy(), mapped.destroy()]);
    },
  };
}

/** Checks the address once more when the connection stands: the lookup is not asked for every one. */
function rechecked(connect: buildConnector.connector, guard: Guard): buildConnector.connector {
  return (target, callback) => {
    connect(target, (error, socket) => {
      if (error) return callback(error, null);
      const address = socket.remoteAddress ?? '';
      if (guard.allows(target.hostname, address)) return callback(null, socket);
      socket.destroy();
      callback(refused(`The host ${target.hostname} leads to ${address || 'no address'}, which is not public.`), null);
    });
  };
}

function mappedOrigin(url: URL, map: Record<string, string> | undefined): string | undefined {
  if (map === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined;
  const entry = [url.host, url.hostname].find((name) => Object.hasOwn(map, name));
  return entry === undefined ? undefined : new URL(map[entry]!).origin;
}

function isStale(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}

function plainHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string | string[]> {
  const result: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) result[name] = value;
  return result;
}
