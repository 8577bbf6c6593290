import type { FastifyInstance, FastifyReply } from 'fastify';
import { fail } from '../model/errors.ts';

/** The end of a server's life: no new work, those who wait get their answer, then the doors close. */
export interface Draining {
  active(): boolean;
  /** Ends when the client leaves before it was answered, or when the drain begins. */
  waitSignal(reply: FastifyReply): AbortSignal;
  begin(): void;
}

/** Why a wait ended; one value for all, because making an error with its stack for each is dear. */
const LEFT = 'nobody waits any more';

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
    waitSignal(reply) {
      const controller = new AbortController();
      if (active) {
        controller.abort(LEFT);
        return controller.signal;
      }
      waiting.add(controller);
      // Of the answer, not of the socket: that one serves many requests and would gather their listeners. An answer that
      // was given needs no abort, which costs more than all the rest of a short request.
      reply.raw.once('close', () => {
        waiting.delete(controller);
        if (!reply.raw.writableFinished) controller.abort(LEFT);
      });
      return controller.signal;
    },
    begin() {
      active = true;
      for (const controller of waiting) controller.abort(LEFT);
      waiting.clear();
    },
  };
}
