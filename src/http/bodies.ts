import type { FastifyInstance } from 'fastify';
import { fail } from '../model/errors.ts';
import { parseJson } from './json-text.ts';

/**
 * JSON is the only body read everywhere; routes that take more add it to their own scope. Fastify would also take
 * `text/plain`, to which no schema applies.
 */
export function readJsonBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
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
      done(null, parseJson(body));
    } catch (error) {
      done(error as Error, undefined);
    }
  });
}
