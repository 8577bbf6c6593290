import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { fail } from '../model/errors.ts';
import { createInterest, type Interest, lose } from '../model/interest.ts';

/** Between the end of a wait and the end of patience with its connection, in milliseconds. */
const SPARE_MS = 10_000;
/** What a timer of Node can hold. */
const LONGEST_MS = 2_147_483_647;
/** A peer that is gone is noticed by the system after so much silence. */
const PROBE_MS = 30_000;

/** The end of a server's life: no new work, those who wait get their answer, then the doors close. */
export interface Draining {
  /** Refuses new work with 503 once begun, and asks clients to let their connections go. */
  guard(fastify: FastifyInstance): void;
  active(): boolean;
  /** Lost when the client leaves, or when the drain begins. `waitMs`: how long it may wait, where that is long. */
  interest(reply: FastifyReply, waitMs?: number): Interest;
  begin(): void;
}

export function createDraining(): Draining {
  let active = false;
  // One for each connection that ever waited.
  const known = new WeakMap<Socket, Interest>();
  const open = new Set<Interest>();

  function guard(fastify: FastifyInstance): void {
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
  }

  return {
    guard,
    active: () => active,
    interest(reply, waitMs) {
      const { socket } = reply.request.raw;
      // Node sets its own limit again with the next request of the connection.
      if (waitMs !== undefined && waitMs + SPARE_MS > (socket.timeout ?? 0)) {
        socket.setTimeout(Math.min(waitMs + SPARE_MS, LONGEST_MS));
        socket.setKeepAlive(true, PROBE_MS);
      }
      const same = known.get(socket);
      if (same) return same;
      const interest = createInterest();
      known.set(socket, interest);
      if (active || socket.destroyed) lose(interest);
      else {
        open.add(interest);
        // Not `once`, which keeps four objects for the same: it closes once in any case.
        socket.on('close', () => {
          open.delete(interest);
          lose(interest);
        });
      }
      return interest;
    },
    begin() {
      active = true;
      for (const interest of open) lose(interest);
      open.clear();
    },
  };
}
