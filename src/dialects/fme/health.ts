import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { route } from '../../http/routes.ts';
import { messages } from './messages.ts';

const FmeHealth = z.object({ status: z.string(), message: z.string() }).meta({ id: 'FmeHealth' });
const ok = { status: 'ok', message: messages.healthy };
const unavailable = { status: 'unavailable', message: 'The server is stopping.' };

/** Health checks, which load balancers ask every few seconds: what they tell is known already. */
export function addHealth(scope: FastifyInstance, { engine }: DialectContext): void {
  route(scope, {
    method: 'GET',
    url: '/healthcheck/liveness',
    access: 'public',
    whileDraining: true,
    doc: {
      id: 'fmeGetLiveness',
      tag: 'Health Check',
      summary: 'Is the process alive?',
      responses: { 200: { description: 'It is.', schema: FmeHealth, example: ok } },
    },
    handler: (_request, reply) => reply.send(ok),
  });
  route(scope, {
    method: 'GET',
    url: '/healthcheck/readiness',
    access: 'public',
    whileDraining: true,
    doc: {
      id: 'fmeGetReadiness',
      tag: 'Health Check',
      summary: 'Are jobs accepted and run?',
      responses: {
        200: { description: 'They are.', schema: FmeHealth, example: ok },
        503: { description: 'Not now; the message says why.', schema: FmeHealth, example: unavailable },
      },
    },
    handler: (_request, reply) => {
      const reasons = engine.intake.reasons();
      if (reasons.length === 0) return reply.send(ok);
      return reply
        .code(503)
        .header('retry-after', '2')
        .send({ ...unavailable, message: reasons.join(' ') });
    },
  });
}
