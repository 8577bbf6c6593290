import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import type { Logger } from 'pino';
import type { Dialect, DialectContext } from '../dialect.ts';
import type { Service } from '../lifecycle.ts';
import { fail } from '../model/errors.ts';
import { createAddresses } from './addresses.ts';
import { addAuth } from './auth.ts';
import { dropUnread, readJsonBodies } from './bodies.ts';
import { createCors } from './cors.ts';
import { addDocuments } from './documents.ts';
import { createDraining } from './draining.ts';
import { createHosts } from './hosts.ts';
import { httpLogger, logRequests, withLazyChildren } from './logging.ts';
import { measureRequests } from './metrics.ts';
import { notFoundHandler } from './not-found.ts';
import { defaultTimeouts, type HttpOptions, type HttpParts, type HttpTimeouts } from './options.ts';
import { errorHandler, problemWire } from './problems.ts';
import { collectRoutes, type RouteRecord } from './routes.ts';
import { addServerRoutes } from './server-routes.ts';
import { rawAnswer, watchBodies } from './slow-bodies.ts';
import { createStreams } from './streams.ts';
import { validatorCompiler } from './validation.ts';
import { createVerbStrategy } from './verbs.ts';

/**
 * For the first line and all headers of a request. Clients put the parameters of a run, shapes with thousands of points
 * among them, into the address: 16 KiB of that are known, and Node's own limit is as much for all together.
 */
const HEADER_BYTES = 32 * 1024;

/** The part that speaks HTTP. */
export interface HttpServer extends Service {
  /** Where it listens, `http://127.0.0.1:8080`; empty before it does. */
  address(): string;
  /** Answers a request without a socket, for tests and the generated documents. */
  inject: FastifyInstance['inject'];
  fastify: FastifyInstance;
  /** Every route with its access and its documentation. */
  routes: readonly RouteRecord[];
}

/**
 * Connections that may come while others are being taken. One too many is dropped by the system, and its client tries
 * again only after a second; the system's own limit (somaxconn) may be lower.
 */
const BACKLOG = 4096;

/** Builds the server with all its dialects; `start` listens, `stop` drains. */
export async function createHttpServer(parts: HttpParts): Promise<HttpServer> {
  const { engine, dialects, options, metrics, health, clock } = parts;
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const log = httpLogger(parts.log);
  const fastify = createFastify(parts, log, timeouts);
  const routes = collectRoutes(fastify);

  const cors = createCors(options.allowedOrigins ?? []);
  const hosts = createHosts({ ...options, allowed: options.allowedHosts, isAllowedOrigin: cors?.allows });
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
  const draining = createDraining(fastify);
  readJsonBodies(fastify);
  dropUnread(fastify);
  watchBodies(fastify, timeouts);
  const signIn = new Map(dialects.flatMap(({ name, signIn }) => (signIn === undefined ? [] : [[name, signIn]])));
  const auth = await addAuth(fastify, { accounts: engine.accounts, jwtKey: options.jwtKey, signIn });
  const streams = createStreams({
    ...timeouts,
    stillValid: async (request, reply) => (await auth.identify(request, reply)) !== undefined,
  });
  const measured = measureRequests(fastify, metrics, streams.count);
  logRequests(fastify, log);

  // Before the first scope of its own: one made earlier would answer errors in Fastify's shape.
  fastify.setErrorHandler(errorHandler(problemWire));
  fastify.setNotFoundHandler(notFoundHandler(routes, dialects, measured.unknown));
  const basePath = options.publicUrl === undefined ? '' : new URL(options.publicUrl).pathname.replace(/\/$/, '');
  const documents = await addDocuments(fastify, { options, dialects, routes, basePath });
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

  addServerRoutes(fastify, { version: options.version, metrics, health, draining: draining.active });
  for (const dialect of dialects) await addDialect(fastify, dialect, context);
  await fastify.ready();

  let address = '';
  return {
    name: 'http',
    fastify,
    routes,
    inject: fastify.inject.bind(fastify),
    address: () => address,
    async start() {
      fastify.server.maxConnections = options.maxConnections;
      address = await listen(fastify, options);
    },
    async stop(deadlineMs) {
      draining.begin();
      streams.endAll();
      // What is still open shortly before the deadline is cut off: a half-sent body would hold the process for ever.
      const force = setTimeout(() => fastify.server.closeAllConnections(), Math.max(0, deadlineMs - 500));
      try {
        await fastify.close();
      } finally {
        clearTimeout(force);
      }
    },
  };
}

function createFastify({ options, dialects }: HttpParts, log: Logger, timeouts: HttpTimeouts): FastifyInstance {
  const prefix = randomBytes(4).toString('hex');
  let counter = 0;
  const fastify = Fastify({
    loggerInstance: withLazyChildren(log),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: options.bodyLimitBytes,
    // Waiting for a result is silence on the socket, and no fault of the peer's.
    connectionTimeout: Math.max(timeouts.idleMs, options.maxWaitSeconds * 1000 + 10_000),
    requestTimeout: timeouts.requestMs,
    keepAliveTimeout: timeouts.keepAliveMs,
    http: {
      headersTimeout: timeouts.headersMs,
      connectionsCheckingInterval: timeouts.checkMs,
      maxHeaderSize: HEADER_BYTES,
    },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    trustProxy: options.trustProxy?.length ? [...options.trustProxy] : false,
    rewriteUrl: createAddresses(dialects),
    requestIdHeader: false,
    genReqId: ({ headers }) => {
      const given = headers['x-request-id'];
      if (typeof given === 'string' && /^[\w.-]{1,64}$/.test(given)) return given;
      counter += 1;
      return `${prefix}-${counter.toString(36)}`;
    },
    // Given here rather than by `setValidatorCompiler`: only so does Fastify not load Ajv and fast-json-stringify first.
    // Requests are checked by zod, and no route has a schema for its answers.
    schemaController: {
      compilersFactory: {
        buildValidator: () => validatorCompiler as never,
        buildSerializer: () => () => JSON.stringify,
      },
    },
    routerOptions: { maxParamLength: 1024, constraints: { verb: createVerbStrategy<never>() } },
    clientErrorHandler,
    // Raised before any route is found, so the address alone tells whose shape it takes.
    frameworkErrors: (error, request, reply) => {
      const { url = '' } = request.raw;
      const dialect = dialects.find(({ prefix }) => prefix !== '' && url.startsWith(prefix));
      errorHandler(dialect?.errorWire ?? problemWire)(error, request as never, reply as never);
    },
  });
  return fastify as unknown as FastifyInstance;
}

/** Answers what never became a request: a malformed one, one whose headers did not come, one with too many of them. */
function clientErrorHandler(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return;
  const answer =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? rawAnswer(408, 'The request took too long to arrive.')
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? rawAnswer(431, `The headers are larger than ${HEADER_BYTES} bytes.`)
        : error.code === 'HPE_INVALID_URL'
          ? rawAnswer(400, 'The address has characters that must be percent-encoded, such as %C3%AB for ë.')
          : rawAnswer(400, 'This is not an HTTP request.');
  socket.end(answer, () => socket.destroy());
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

async function listen(fastify: FastifyInstance, { host, port }: HttpOptions): Promise<string> {
  try {
    await fastify.listen({ host, port, backlog: BACKLOG });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw fail('startup', `Port ${port} is in use. Start with --port ${port + 1}, or set MILLRACE_PORT.`);
    }
    if (code === 'EACCES') throw fail('startup', `Port ${port} may not be used by this account. Take one above 1023.`);
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw fail('startup', `${host} is not an address of this machine. Set MILLRACE_HOST to 127.0.0.1 or 0.0.0.0.`);
    }
    throw error;
  }
  const address = fastify.server.address();
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${actual}`;
}
