import type { FastifyRequest } from 'fastify';
import { fail } from '../model/errors.ts';

/** `Idempotency-Key`, which may come as a quoted string (RFC 8941) or bare. */
export function idempotencyKey(request: FastifyRequest): string | undefined {
  const header = request.headers['idempotency-key'];
  if (header === undefined) return undefined;
  const key = String(header).replace(/^"(.*)"$/, '$1');
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw fail('invalid-input', {
    detail: 'Idempotency-Key: accepted are 1 to 255 visible ASCII characters, such as a UUID.',
    errors: [{ pointer: 'Idempotency-Key', in: 'header', message: 'Accepted: 1 to 255 visible ASCII characters.' }],
  });
}
