import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import {
  createOutbound,
  type Lookup,
  type Outbound,
  type OutboundOptions,
  type OutboundRequest,
} from '../../src/outbound/index.ts';

export interface Stand {
  port: number;
  /** `http://127.0.0.1:<port>`. */
  url: string;
  connections(): number;
  /** Requests seen, in order. */
  seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];
  server: Server;
}

/** A server on all loopback addresses, closed after the test. */
export async function serve(
  handler: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<Stand> {
  let connections = 0;
  const seen: Stand['seen'] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      seen.push({ method: request.method!, url: request.url!, headers: request.headers, body });
      handler(request, response, body);
    });
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '::', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}`, connections: () => connections, seen, server };
}

/** A client, closed after the test. */
export function client(options: Partial<OutboundOptions> = {}, lookup?: Lookup): Outbound {
  const outbound = createOutbound(
    {
      private: 'refuse',
      allow: [],
      maxBytes: 1024 * 1024,
      timeoutMs: 5_000,
      maxRedirects: 5,
      userAgent: 'millrace-test',
      ...options,
    },
    lookup,
  );
  onTestFinished(() => outbound.close());
  return outbound;
}

export const get = (url: string, more: Partial<OutboundRequest> = {}): OutboundRequest => ({
  method: 'GET',
  url,
  headers: {},
  redirect: true,
  ...more,
});

export const text = (answer: { body: Uint8Array }): string => Buffer.from(answer.body).toString('utf8');

/** A resolver that knows only what it is told; each list is one answer, the last stays. */
export function resolver(answers: Record<string, string[][]>): Lookup {
  return async (host) => {
    const list = answers[host] ?? [];
    const next = list.length > 1 ? list.shift() : list[0];
    if (!next) throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' });
    return next.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };
}
