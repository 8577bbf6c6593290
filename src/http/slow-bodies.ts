import type { FastifyInstance, FastifyRequest } from 'fastify';

interface Pending {
  request: FastifyRequest;
  since: number;
  bytes: number;
}

/**
 * Ends requests whose body does not come: Node has one time-out for whole requests, too long for a small body and too
 * short for a large upload. A small body has `bodyMs` in all; an upload has `bodyMs` for each 64 KiB. One clock looks at
 * all of them, so that a quick request costs an entry in a set and nothing more.
 */
export function watchBodies(fastify: FastifyInstance, { bodyMs, checkMs }: { bodyMs: number; checkMs: number }): void {
  const pending = new Map<FastifyRequest, Pending>();
  fastify.addHook('preParsing', (request, _reply, _payload, done) => {
    if (request.raw.method !== 'GET' && request.raw.method !== 'HEAD') {
      pending.set(request, { request, since: performance.now(), bytes: request.raw.socket.bytesRead });
    }
    done();
  });
  fastify.addHook('preValidation', (request, _reply, done) => {
    // The body of an upload is read by the handler, part by part.
    if (request.routeOptions.config.upload !== true) pending.delete(request);
    done();
  });
  fastify.addHook('onResponse', (request, _reply, done) => {
    pending.delete(request);
    done();
  });
  fastify.addHook('onRequestAbort', (request, done) => {
    pending.delete(request);
    done();
  });
  const timer = setInterval(() => {
    const now = performance.now();
    for (const entry of pending.values()) {
      if (now - entry.since < bodyMs) continue;
      const { raw, routeOptions } = entry.request;
      if (raw.complete || raw.destroyed) {
        pending.delete(entry.request);
        continue;
      }
      const read = raw.socket.bytesRead;
      if (routeOptions.config.upload === true && read - entry.bytes >= 64 * 1024) {
        entry.since = now;
        entry.bytes = read;
        continue;
      }
      pending.delete(entry.request);
      refuseSlow(raw.socket);
    }
  }, checkMs);
  timer.unref();
  fastify.addHook('onClose', () => clearInterval(timer));
}

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
