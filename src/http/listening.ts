import { lookup } from 'node:dns/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { fail } from '../model/errors.ts';
import type { HttpOptions, HttpTimeouts } from './options.ts';
import { rawAnswer } from './slow-bodies.ts';

/**
 * For the first line and all headers of a request. Clients put the parameters of a run, shapes with thousands of points
 * among them, into the address: 16 KiB of that are known, and Node's own limit is as much for all together.
 */
const HEADER_BYTES = 32 * 1024;
/**
 * Connections that may come while others are being taken. One too many is dropped by the system, and its client tries
 * again only after a second; the system's own limit (somaxconn) may be lower.
 */
const BACKLOG = 4096;

type Limits = Pick<HttpOptions, 'maxWaitSeconds' | 'maxConnections'>;

/** A server for sockets that hands its requests to `listener`. */
export function createSocketServer(listener: RequestListener, limits: Limits, timeouts: HttpTimeouts): Server {
  const server = createServer(
    {
      headersTimeout: timeouts.headersMs,
      requestTimeout: timeouts.requestMs,
      keepAliveTimeout: timeouts.keepAliveMs,
      connectionsCheckingInterval: timeouts.checkMs,
      maxHeaderSize: HEADER_BYTES,
    },
    listener,
  );
  // Waiting for a result is silence on the socket, and no fault of the peer's.
  server.setTimeout(Math.max(timeouts.idleMs, limits.maxWaitSeconds * 1000 + 10_000));
  server.maxConnections = limits.maxConnections;
  server.on('clientError', answerClientError);
  return server;
}

/** Answers what never became a request: a malformed one, one whose headers did not come, one with too many of them. */
function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return;
  const answer =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? rawAnswer(408, 'The request took too long to arrive.')
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? rawAnswer(431, `The headers are larger than ${HEADER_BYTES} bytes.`)
        : error.code === 'HPE_INVALID_URL'
          ? rawAnswer(400, 'The address has characters that must be percent-encoded, such as %C3%AB for ë.')
          : rawAnswer(400, 'This is not an HTTP request.');
  socket.end(answer, () => socket.destroy());
}

/** Opens the door. @returns the address for people, `http://127.0.0.1:8080`, and the port. */
export async function listen(
  fastify: FastifyInstance,
  { host, port }: Pick<HttpOptions, 'host' | 'port'>,
): Promise<{ address: string; port: number }> {
  try {
    await fastify.listen({ host, port, backlog: BACKLOG });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw fail('startup', `Port ${port} is in use. Start with --port ${port + 1}, or set MILLRACE_PORT.`);
    }
    if (code === 'EACCES') throw fail('startup', `Port ${port} may not be used by this account. Take one above 1023.`);
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw fail('startup', `${host} is not an address of this machine. Set MILLRACE_HOST to 127.0.0.1 or 0.0.0.0.`);
    }
    throw error;
  }
  const address = fastify.server.address();
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return { address: `http://${name}:${actual}`, port: actual };
}

/**
 * `localhost` may be an address of either kind, and clients take the one they like: the further ones get a server of
 * their own. One that cannot be had is done without.
 */
export async function listenBeside(first: Server, port: number, make: () => Server): Promise<Server[]> {
  const taken = first.address();
  const found = await lookup('localhost', { all: true }).catch(() => []);
  const servers: Server[] = [];
  for (const { address } of found) {
    if (typeof taken === 'object' && taken?.address === address) continue;
    const server = make();
    const open = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen({ host: address, port, backlog: BACKLOG }, () => resolve(true));
    });
    if (open) servers.push(server);
  }
  return servers;
}
