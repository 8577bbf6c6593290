import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { route } from '../../http/routes.ts';

/** Tokens for those who sign in otherwise: the bare text, since clients use the body as it is (reference section 3). */
export function addSession(scope: FastifyInstance, context: DialectContext, tokenSeconds: number): void {
  for (const [url, id, summary] of [
    ['/v4/auth/jwt', 'knimeGetJwt', 'Get a token'],
    ['/session', 'knimeGetSession', 'Get a token for the session'],
  ] as const) {
    route(scope, {
      method: 'GET',
      url,
      access: 'signed-in',
      doc: {
        id,
        tag: 'Authentication',
        summary,
        responses: {
          200: {
            description: 'The token and nothing else.',
            content: { 'text/plain': { schema: z.string(), example: 'eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmVk' } },
          },
        },
      },
      handler: async (request, reply) => {
        const { token } = await context.signToken(caller(request), tokenSeconds);
        return reply.header('content-type', 'text/plain;charset=UTF-8').header('cache-control', 'no-store').send(token);
      },
    });
  }
}
