import type { FastifyInstance, FastifyReply } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import { route } from '../../../http/routes.ts';
import { flag } from '../fields.ts';
import { messages } from '../messages.ts';

const FmeV3Health = z.object({ status: z.string() }).meta({ id: 'FmeV3Health' });
const text = (example: string) => ({ 'text/plain': { schema: z.string(), example } });

/** The health check of V3 (reference section 6.2): what it tells is known already. */
export function addV3Health(scope: FastifyInstance, { engine }: DialectContext): void {
  route(scope, {
    method: 'GET',
    url: '/healthcheck',
    access: 'public',
    whileDraining: true,
    query: z.object({
      ready: flag('True: are jobs accepted and run? Else only whether the process is alive.'),
      textResponse: flag('True: the answer is text.'),
    }),
    doc: {
      id: 'fmeV3GetHealth',
      tag: 'V3 Server',
      summary: 'V3: is the server well?',
      responses: {
        200: {
          description: 'It is.',
          content: { 'application/json': { schema: FmeV3Health, example: { status: 'ok' } }, ...text('ok') },
        },
        500: {
          description: 'Not now.',
          content: {
            'application/json': {
              schema: z.looseObject({ message: z.string() }),
              example: { message: messages.unavailable },
            },
            ...text(messages.unavailable),
          },
        },
      },
    },
    handler: (request, reply) => {
      const { ready, textResponse = false } = request.query;
      const well = ready !== true || engine.intake.reasons().length === 0;
      if (well) return answer(reply, textResponse ? 'ok' : { status: 'ok' });
      return answer(reply.code(500), textResponse ? messages.unavailable : { message: messages.unavailable });
    },
  });
}

const answer = (reply: FastifyReply, body: string | object): FastifyReply =>
  (typeof body === 'string' ? reply.type('text/plain; charset=utf-8') : reply).send(body);
