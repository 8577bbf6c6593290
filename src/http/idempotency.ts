import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { SubmitRequest } from '../engine/submit-request.ts';
import { fail } from '../model/errors.ts';
import type { NewFile } from '../model/job.ts';
import { caller } from './access.ts';

/** The header, for the document. */
export const idempotencyHeader = {
  'Idempotency-Key': {
    description:
      'The same key and request answer the first job again for 24 hours; another request with it is refused.',
    example: '6f1c2c1e-5d0b-4a53-9a3f-0a4a1f4d8a52',
  },
};

/**
 * The key of a submit with what tells whether two requests are the same: body and files count, and the order of members
 * does too. Undefined without a key. It holds for its caller and `route`.
 */
export function idempotencyOf(
  request: FastifyRequest,
  asked: { body: unknown; files?: readonly NewFile[]; route?: string },
): SubmitRequest['idempotency'] {
  const key = readKey(request);
  if (key === undefined) return undefined;
  const { body, files = [], route = request.routeOptions.url ?? '' } = asked;
  const text = JSON.stringify([body, files.map(({ name, blob }) => [name, blob])]);
  const fingerprint = createHash('sha256').update(text).digest('base64url');
  return { scope: `${caller(request).name} ${request.method} ${route}`, key, fingerprint };
}

/** `Idempotency-Key`, which may come as a quoted string (RFC 8941) or bare. */
function readKey(request: FastifyRequest): string | undefined {
  const header = request.headers['idempotency-key'];
  if (header === undefined) return undefined;
  const key = String(header).replace(/^"(.*)"$/, '$1');
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw fail('invalid-input', {
    detail: 'Idempotency-Key: accepted are 1 to 255 visible ASCII characters, such as a UUID.',
    errors: [{ pointer: 'Idempotency-Key', in: 'header', message: 'Accepted: 1 to 255 visible ASCII characters.' }],
  });
}
