import type { FastifyInstance, FastifyRequest } from 'fastify';

/**
 * Ends requests whose body does not come: Node has one time-out for whole requests, too long for a small body and too
 * short for a large upload. A small body has `bodyMs` in all; an upload has `bodyMs` for each 64 KiB. One clock looks at
 * all of them, so that a quick request costs an entry in a map and nothing more.
 */
export function watchBodies(fastify: FastifyInstance, { bodyMs, checkMs }: { bodyMs: number; checkMs: number }): void {
  /** When each request that still sends was last known to make progress. */
  const pending = new Map<FastifyRequest, number>();
  const read = new WeakMap<FastifyRequest, number>();
  fastify.addHook('preParsing', (request, _reply, _payload, done) => {
    const { method } = request.raw;
    if (method !== 'GET' && method !== 'HEAD') pending.set(request, performance.now());
    done();
  });
  fastify.addHook('preValidation', (request, _reply, done) => {
    // The body of an upload is read by the handler, part by part; the clock forgets it once it is whole.
    if (request.routeOptions.config.upload !== true || request.raw.complete) pending.delete(request);
    done();
  });
  const timer = setInterval(() => {
    const now = performance.now();
    for (const [request, since] of pending) {
      const { raw } = request;
      if (raw.complete || raw.destroyed) pending.delete(request);
      else if (now - since >= bodyMs) {
        const { bytesRead } = raw.socket;
        if (request.routeOptions.config.upload === true && bytesRead - (read.get(request) ?? 0) >= PROGRESS) {
          pending.set(request, now);
          read.set(request, bytesRead);
          continue;
        }
        pending.delete(request);
        refuseSlow(raw.socket);
      }
    }
  }, checkMs);
  timer.unref();
  fastify.addHook('onClose', () => clearInterval(timer));
}

/** Bytes an upload must bring within one time-out. */
const PROGRESS = 64 * 1024;

/** 408 by hand: the request has not arrived, so there is nothing the router could answer. */
function refuseSlow(socket: FastifyRequest['raw']['socket']): void {
  if (socket.writable) socket.end(rawAnswer(408, 'The request took too long to arrive.'));
  setTimeout(() => socket.destroy(), 500).unref();
}

const reasons: Record<number, string> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

/** A whole answer as bytes, for requests that never became one. The connection ends with it. */
export function rawAnswer(status: number, detail: string): string {
  const body = `${JSON.stringify({ type: 'about:blank', title: reasons[status], status, detail })}\n`;
  return [
    `HTTP/1.1 ${status} ${reasons[status]}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
