import type { FastifyInstance, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** Number of this request among those whose body is awaited; 0: it is not. */
    bodyTicket: number;
  }
}

/**
 * Ends requests whose body does not come: Node has one time-out for whole requests, too long for a small body and too
 * short for a large upload. A small body has `bodyMs` in all; an upload has `bodyMs` for each 64 KiB. One clock looks at
 * all of them every `checkMs`, from when it first sees them, so that a quick request costs a place in a list and no more.
 * @returns what tells the clock of a request whose headers have come and that may have a body
 */
export function watchBodies(
  fastify: FastifyInstance,
  { bodyMs, checkMs }: { bodyMs: number; checkMs: number },
): (request: FastifyRequest) => void {
  /** Requests in the places that their tickets number, from 1. */
  const pending: (FastifyRequest | undefined)[] = [undefined];
  const free: number[] = [];
  const seen = new WeakMap<FastifyRequest, Progress>();
  fastify.decorateRequest('bodyTicket', 0);
  const forget = (request: FastifyRequest): void => {
    const ticket = request.bodyTicket;
    if (ticket === 0) return;
    request.bodyTicket = 0;
    pending[ticket] = undefined;
    free.push(ticket);
  };
  fastify.addHook('preValidation', (request, _reply, done) => {
    // The body of an upload is read by the handler, part by part; the clock forgets it once it is whole.
    if (request.raw.complete || request.routeOptions.config.upload !== true) forget(request);
    done();
  });
  const check = (request: FastifyRequest, now: number): void => {
    const { raw } = request;
    const progress = seen.get(request);
    if (raw.complete || raw.destroyed) forget(request);
    else if (progress === undefined) seen.set(request, { since: now, read: raw.socket.bytesRead });
    else if (now - progress.since >= bodyMs) {
      const { bytesRead } = raw.socket;
      if (request.routeOptions.config.upload === true && bytesRead - progress.read >= PROGRESS) {
        progress.since = now;
        progress.read = bytesRead;
      } else {
        forget(request);
        refuseSlow(raw.socket);
      }
    }
  };
  const timer = setInterval(() => {
    const now = performance.now();
    for (const request of pending) if (request !== undefined) check(request, now);
  }, checkMs);
  timer.unref();
  fastify.addHook('onClose', () => clearInterval(timer));
  return (request) => {
    request.bodyTicket = free.pop() ?? pending.length;
    pending[request.bodyTicket] = request;
  };
}

/** When a request was last known to make progress, and what its connection had read by then. */
interface Progress {
  since: number;
  read: number;
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
