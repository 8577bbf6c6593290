import type { FastifyInstance, FastifyRequest } from 'fastify';
import { fail } from '../model/errors.ts';
import { parseJson } from './json-text.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The text of a JSON body; empty where there is none. */
    jsonText: string;
  }
}

/**
 * JSON is the only body read everywhere; routes that take more add it to their own scope. Fastify would also take
 * `text/plain`, to which no schema applies.
 */
export function readJsonBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.decorateRequest('jsonText', '');
  fastify.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    const type = request.headers['content-type'];
    if (type !== 'application/json') {
      const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(type ?? '')?.[1];
      if (charset !== undefined && !/^(utf-?8|us-ascii)$/i.test(charset)) {
        const detail = `JSON is UTF-8, not ${charset.slice(0, 40)}. Send Content-Type: application/json`;
        done(fail('unsupported-media-type', detail), undefined);
        return;
      }
    }
    if (body === '') {
      done(null, undefined);
      return;
    }
    try {
      const value = parseJson(body);
      request.jsonText = body;
      done(null, value);
    } catch (error) {
      done(error as Error, undefined);
    }
  });
}

/**
 * Lets a scope take bodies of any type that it does not read otherwise, as a stream. A handler may leave it before its
 * end: Node would take that for the end of the request, and what still comes would block the connection for the next.
 */
export function takeStreams(scope: FastifyInstance): void {
  scope.addContentTypeParser('*', (_request: FastifyRequest, payload, done) => {
    done(null, payload.iterator({ destroyOnReturn: false }));
  });
}

/**
 * Lets a scope take and drop bodies of any type that it does not read otherwise: some clients send one where none is asked
 * for, or name a type for an empty one (`curl -d ''`).
 */
export function dropBodies(scope: FastifyInstance): void {
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => done(null, undefined));
}

/** Lets a scope take every body as a stream, JSON too. Each of its routes bounds what it reads, and says `upload`. */
export function takeOnlyStreams(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  takeStreams(scope);
}

/** The body of a request whose scope takes streams; nothing where none was sent. */
export const streamOf = ({ body }: Pick<FastifyRequest, 'body'>): AsyncIterable<Uint8Array> =>
  isStream(body) ? body : none();

/** Whether a body came as a stream. */
export const isStream = (body: unknown): body is AsyncIterable<Uint8Array> =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body;

async function* none(): AsyncGenerator<Uint8Array> {}

/**
 * Reads and drops what of an upload nobody wanted, once the request is answered: the connection could not serve its next
 * request before. Each upload route gets this when it is registered.
 */
export function dropUnread(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (options) => {
    if (options.config?.upload !== true) return;
    const drop = ({ raw }: FastifyRequest, _reply: unknown, done: () => void): void => {
      // Whoever looked at its begin only still listens for more, and a stream that is listened to so does not flow.
      if (!raw.complete) raw.removeAllListeners('readable').unpipe().resume();
      done();
    };
    const others = options.onResponse;
    options.onResponse = others === undefined ? [drop] : Array.isArray(others) ? [...others, drop] : [others, drop];
  });
}
