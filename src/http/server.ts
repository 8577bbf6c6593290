import { randomBytes } from 'node:crypto';
import type { RequestListener, Server } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Service } from '../lifecycle.ts';
import { createCors } from './cors.ts';
import { createDraining } from './draining.ts';
import { createFamilies } from './families.ts';
import { createHosts } from './hosts.ts';
import { createSocketServer, listen, listenBeside } from './listening.ts';
import { httpLogger } from './logging.ts';
import { createRequestTimes } from './metrics.ts';
import { defaultTimeouts, type HttpParts } from './options.ts';
import { createRouter, type Router, type Shared } from './router.ts';
import type { RouteRecord } from './routes.ts';
import { addServerRoutes } from './server-routes.ts';

/** The part that speaks HTTP. */
export interface HttpServer extends Service {
  /** Where it listens, `http://127.0.0.1:8080`; empty before it does. */
  address(): string;
  /** Answers a GET without a socket, for the generated documents. */
  inject(request: {
    url: string;
    headers: Record<string, string>;
  }): Promise<Awaited<ReturnType<FastifyInstance['inject']>>>;
  /** Loads what would be loaded with the first request for it. */
  loadAll(): Promise<void>;
  /** Every route that is loaded, with its access and its documentation. */
  routes(): readonly RouteRecord[];
}

/** Builds the server with all its dialects; `start` listens, `stop` drains. */
export async function createHttpServer(parts: HttpParts): Promise<HttpServer> {
  const { options, metrics, health, families: later = [] } = parts;
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const log = httpLogger(parts.log);
  const cors = createCors(options.allowedOrigins ?? []);
  const draining = createDraining();
  const times = createRequestTimes(metrics, () => routers().reduce((sum, { streams }) => sum + streams.count(), 0));
  const shared: Shared = {
    ...parts,
    log,
    timeouts,
    cors,
    hosts: createHosts({ ...options, allowed: options.allowedHosts, isAllowedOrigin: cors?.allows }),
    draining,
    times,
    requestId: createRequestIds(),
  };
  const families = createFamilies(later, (dialects) => createRouter(shared, dialects), log);

  /** Hands each request to the router of its family; `own` has all others. */
  const dispatcher =
    (own: RequestListener): RequestListener =>
    (request, response) => {
      const family = families.at(request.url ?? '');
      if (family === undefined) own(request, response);
      else family.answer(request, response);
    };
  const main = await createRouter(shared, parts.dialects, {
    others: later,
    serverFactory: (handler) => createSocketServer(dispatcher(handler), options, timeouts),
    addOwn: (fastify) =>
      addServerRoutes(fastify, { version: options.version, metrics, health, draining: draining.active }),
  });
  const routers = (): readonly Router[] => [main, ...families.loaded()];

  let address = '';
  let beside: Server[] = [];
  return {
    name: 'http',
    routes: () => routers().flatMap(({ routes }) => routes),
    loadAll: families.loadAll,
    async inject(request) {
      const router = (await families.at(request.url)?.router()) ?? main;
      return router.fastify.inject(request);
    },
    address: () => address,
    async start() {
      const listening = await listen(main.fastify, options);
      address = listening.address;
      if (options.host === 'localhost') {
        const make = () => createSocketServer(dispatcher(main.fastify.routing), options, timeouts);
        beside = await listenBeside(main.fastify.server, listening.port, make);
      }
    },
    async stop(deadlineMs) {
      const servers = [main.fastify.server, ...beside];
      draining.begin();
      for (const { streams } of routers()) streams.endAll();
      for (const server of beside) server.close().closeIdleConnections();
      // What is still open shortly before the deadline is cut off: a half-sent body would hold the process for ever.
      const force = setTimeout(
        () => {
          for (const server of servers) server.closeAllConnections();
        },
        Math.max(0, deadlineMs - 500),
      );
      try {
        // The one with the socket first: it waits for the requests of all, also of a family that is being loaded.
        await main.fastify.close();
        for (const { fastify } of families.loaded()) await fastify.close();
      } finally {
        clearTimeout(force);
      }
    },
  };
}

/** Names for requests: what the client calls it, where that can stand in a log, else a number of this server. */
function createRequestIds(): Shared['requestId'] {
  const prefix = randomBytes(4).toString('hex');
  let counter = 0;
  return (given) => {
    if (typeof given === 'string' && /^[\w.-]{1,64}$/.test(given)) return given;
    counter += 1;
    return `${prefix}-${counter.toString(36)}`;
  };
}
