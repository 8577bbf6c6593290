import type { FastifyInstance, FastifyRequest } from 'fastify';
import { fail } from '../model/errors.ts';

/** The end of a server's life: no new work, those who wait get their answer, then the doors close. */
export interface Draining {
  active(): boolean;
  /** Ends when the client of this request leaves, or when the drain begins. */
  waitSignal(request: FastifyRequest): AbortSignal;
  begin(): void;
}

/** Refuses new work with 503 once begun, and asks clients to let their connections go. */
export function createDraining(fastify: FastifyInstance): Draining {
  let active = false;
  const waiting = new Set<AbortController>();

  fastify.addHook('onRequest', (request, reply, done) => {
    if (!active) {
      done();
      return;
    }
    reply.header('connection', 'close');
    if (request.routeOptions.config.whileDraining === true) done();
    else done(fail('draining', 'The server is stopping and takes no new requests. Send it again in a moment.'));
  });
  // Requests that were under way when the drain began.
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    if (active) reply.header('connection', 'close');
    done();
  });

  return {
    active: () => active,
    waitSignal(request) {
      const controller = new AbortController();
      if (active) controller.abort();
      else waiting.add(controller);
      request.raw.socket.once('close', () => controller.abort());
      controller.signal.addEventListener('abort', () => waiting.delete(controller), { once: true });
      return controller.signal;
    },
    begin() {
      active = true;
      for (const controller of waiting) controller.abort();
    },
  };
}
