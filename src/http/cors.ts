import type { FastifyReply, FastifyRequest } from 'fastify';

/** What pages of other sites may use (WHATWG Fetch, CORS protocol). */
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const HEADERS = [
  'Authorization',
  'Content-Type',
  'Accept',
  'Content-Disposition',
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'Prefer',
  'Range',
  'Last-Event-ID',
  'X-Request-Id',
].join(', ');
const EXPOSED = [
  'Location',
  'ETag',
  'Link',
  'Retry-After',
  'Preference-Applied',
  'Content-Disposition',
  'Content-Range',
  'WWW-Authenticate',
  'X-Request-Id',
].join(', ');
/** How long a browser may remember the answer to its question, in seconds. */
const MAX_AGE = '600';

/** Lets pages of other sites read answers, those of the allowed origins alone. */
export interface Cors {
  allows(origin: string): boolean;
  /** Sets the headers an answer needs; true when the request was a browser's question before its request, and is answered. */
  answer(request: FastifyRequest, reply: FastifyReply): boolean;
}

/**
 * @param origins as browsers send them. Credentials that a browser adds by itself are never allowed: pages send a token
 * or a password of their own. Undefined without any: then nothing is said of origins at all.
 */
export function createCors(origins: readonly string[]): Cors | undefined {
  if (origins.length === 0) return undefined;
  const allowed = new Set(origins);
  return {
    allows: (origin) => allowed.has(origin),
    answer(request, reply) {
      reply.header('vary', 'Origin');
      const { origin } = request.headers;
      if (origin === undefined || !allowed.has(origin)) return false;
      reply.header('access-control-allow-origin', origin);
      if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) {
        reply.header('access-control-expose-headers', EXPOSED);
        return false;
      }
      reply.headers({
        'access-control-allow-methods': METHODS,
        'access-control-allow-headers': HEADERS,
        'access-control-max-age': MAX_AGE,
      });
      reply.code(204).send();
      return true;
    },
  };
}
