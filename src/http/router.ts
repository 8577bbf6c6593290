import Fastify, { type FastifyInstance, type FastifyServerFactory, LogController } from 'fastify';
import type { Logger } from 'pino';
import type { Dialect, DialectContext, DialectFamily } from '../dialect.ts';
import { createAddresses } from './addresses.ts';
import { addAuth } from './auth.ts';
import { dropUnread, readJsonBodies } from './bodies.ts';
import type { Cors } from './cors.ts';
import { addDocuments } from './documents.ts';
import type { Draining } from './draining.ts';
import type { Hosts } from './hosts.ts';
import { logRequests, withLazyChildren } from './logging.ts';
import type { RequestTimes } from './metrics.ts';
import { notFoundHandler } from './not-found.ts';
import type { HttpParts, HttpTimeouts } from './options.ts';
import { errorHandler, problemWire } from './problems.ts';
import { collectRoutes, type RouteRecord } from './routes.ts';
import { watchBodies } from './slow-bodies.ts';
import { createStreams, type Streams } from './streams.ts';
import { validatorCompiler } from './validation.ts';
import { createVerbStrategy } from './verbs.ts';

/** The routes of some dialects, ready to take requests; it has no socket of its own unless it is given one. */
export interface Router {
  fastify: FastifyInstance;
  /** Every route with its access and its documentation. */
  routes: readonly RouteRecord[];
  streams: Streams;
}

/** What all routers of a server have in common. */
export interface Shared extends Pick<HttpParts, 'engine' | 'options' | 'clock'> {
  log: Logger;
  timeouts: HttpTimeouts;
  cors: Cors | undefined;
  hosts: Hosts;
  draining: Draining;
  times: RequestTimes;
  requestId(given: string | string[] | undefined): string;
}

/** Of the router that has the socket and all addresses that no other one has. */
export interface Main {
  /** The families that have all others. */
  others: readonly DialectFamily[];
  serverFactory: FastifyServerFactory;
  /** Adds what belongs to the server and to no dialect. */
  addOwn(fastify: FastifyInstance): void;
}

/** Builds a router: what every request goes through, whichever dialect it speaks, then the routes of each. */
export async function createRouter(shared: Shared, dialects: readonly Dialect[], main?: Main): Promise<Router> {
  const { engine, clock, options, timeouts, cors, hosts, draining, times } = shared;
  const fastify = createFastify(shared, dialects, main?.serverFactory);
  const routes = collectRoutes(fastify);

  // The order of these hooks is the order in which a request is looked at.
  fastify.addHook('onRequest', (request, reply, done) => {
    // Through the reply: one header set on the raw answer makes Node check and merge all others one by one.
    reply.header('x-request-id', request.id);
    reply.header('x-content-type-options', 'nosniff');
    try {
      hosts.check(request.raw);
      if (cors?.answer(request, reply)) return;
      if (request.raw.method !== 'GET' && request.raw.method !== 'HEAD') hosts.checkOrigin(request.raw);
      done();
    } catch (error) {
      done(error as Error);
    }
  });
  draining.guard(fastify);
  readJsonBodies(fastify);
  dropUnread(fastify);
  watchBodies(fastify, timeouts);
  const signIn = new Map(dialects.flatMap(({ name, signIn }) => (signIn === undefined ? [] : [[name, signIn]])));
  const auth = await addAuth(fastify, { accounts: engine.accounts, jwtKey: options.jwtKey, signIn });
  const streams = createStreams({
    ...timeouts,
    stillValid: async (request, reply) => (await auth.identify(request, reply)) !== undefined,
  });
  times.measure(fastify);
  logRequests(fastify, shared.log);

  // Before the first scope of its own: one made earlier would answer errors in Fastify's shape.
  fastify.setErrorHandler(errorHandler(problemWire));
  fastify.setNotFoundHandler(notFoundHandler(routes, dialects, times.unknown));
  const basePath = options.publicUrl === undefined ? '' : new URL(options.publicUrl).pathname.replace(/\/$/, '');
  const documents = await addDocuments(fastify, { options, dialects, routes, others: main?.others });
  const context: DialectContext = {
    engine,
    clock,
    basePath,
    limits: {
      bodyBytes: options.bodyLimitBytes,
      uploadBytes: options.uploadLimitBytes,
      maxWaitMs: options.maxWaitSeconds * 1000,
    },
    interest: draining.interest,
    openStream: streams.open,
    signToken: auth.signToken,
    address: documents.address,
    servers: documents.servers,
  };
  main?.addOwn(fastify);
  for (const dialect of dialects) await addDialect(fastify, dialect, context);
  await fastify.ready();
  return { fastify, routes, streams };
}

function createFastify(
  { options, timeouts, log, requestId }: Shared,
  dialects: readonly Dialect[],
  serverFactory: FastifyServerFactory | undefined,
): FastifyInstance {
  const fastify = Fastify({
    loggerInstance: withLazyChildren(log),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: options.bodyLimitBytes,
    requestTimeout: timeouts.requestMs,
    ...(serverFactory === undefined ? {} : { serverFactory }),
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    trustProxy: options.trustProxy?.length ? [...options.trustProxy] : false,
    rewriteUrl: createAddresses(dialects),
    requestIdHeader: false,
    genReqId: ({ headers }) => requestId(headers['x-request-id']),
    // Given here rather than by `setValidatorCompiler`: only so does Fastify not load Ajv and fast-json-stringify first.
    // Requests are checked by zod, and no route has a schema for its answers.
    schemaController: {
      compilersFactory: {
        buildValidator: () => validatorCompiler as never,
        buildSerializer: () => () => JSON.stringify,
      },
    },
    routerOptions: { maxParamLength: 1024, constraints: { verb: createVerbStrategy<never>() } },
    clientErrorHandler: () => {},
    // Raised before any route is found, so the address alone tells whose shape it takes.
    frameworkErrors: (error, request, reply) => {
      const { url = '' } = request.raw;
      const dialect = dialects.find(({ prefix }) => prefix !== '' && url.startsWith(prefix));
      errorHandler(dialect?.errorWire ?? problemWire)(error, request as never, reply as never);
    },
  });
  return fastify as unknown as FastifyInstance;
}

/** A dialect lives in a scope of its own: its prefix, its shape of errors, its content types. */
async function addDialect(fastify: FastifyInstance, dialect: Dialect, context: DialectContext): Promise<void> {
  const { name, prefix } = dialect;
  await fastify.register(
    async (scope) => {
      scope.decorate('dialectName', name);
      scope.setErrorHandler(errorHandler(dialect.errorWire));
      await dialect.register(scope, context);
    },
    { prefix },
  );
}
