import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

/** Query names whose values may stand in the log; every other value is dropped, because tokens come under any name. */
const plainNames = new Set([
  'state',
  'workflow',
  'queue',
  'owner',
  'label',
  'limit',
  'order',
  'deep',
  'under',
  'from',
  'to',
  'cursor',
  'tail',
  'step',
  'follow',
  'longPoll',
  'longPollInterval',
  'suffix',
  'dialect',
  'parent',
]);

/** An address for the log: the path, and of the query only values that cannot be a secret. */
export function loggedUrl(url: string): string {
  const mark = url.indexOf('?');
  if (mark < 0) return url;
  const pairs = url
    .slice(mark + 1)
    .split('&')
    .slice(0, 30)
    .map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 0) return plainNames.has(pair) ? pair : '***';
      const name = pair.slice(0, equals);
      return plainNames.has(name) ? pair : `${name.slice(0, 40)}=***`;
    });
  return `${url.slice(0, mark)}?${pairs.join('&')}`;
}

/** The logger of the HTTP side. Requests are written by an allow list: no header ever gets into a line. */
export const httpLogger = (log: Logger): Logger =>
  log.child(
    { part: 'http' },
    {
      serializers: {
        req: (request: { method?: string; url?: string }) => ({
          method: request.method,
          url: loggedUrl(request.url ?? ''),
        }),
        res: (reply: { statusCode?: number }) => ({ status: reply.statusCode }),
      },
    },
  );

/** One line for each answered request, at `info`; what health checks and metrics ask goes to `debug`. */
export function logRequests(fastify: FastifyInstance, log: Logger): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    // Asked first: what a request knows of its route is put together anew each time.
    if (!log.isLevelEnabled('info')) return done();
    const { config } = request.routeOptions;
    const level = config?.whileDraining === true ? 'debug' : 'info';
    if (log.isLevelEnabled(level)) {
      // Not through the request's own logger, which would be made for this one line.
      log[level](
        {
          requestId: request.id,
          method: request.method,
          url: config?.secretAddress === true ? request.routeOptions.url : loggedUrl(request.url),
          status: reply.statusCode,
          ms: Math.round(reply.elapsedTime * 10) / 10,
          user: request.principal?.name,
          address: request.ip,
        },
        'request',
      );
    }
    done();
  });
}

const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/**
 * A request's logger that is made when the first line is written: most requests write none at the usual levels, and
 * making one for each costs more than checking its password. A class, because each that waits for a result keeps one.
 */
class LazyLogger {
  private made: Logger | undefined;
  private readonly base: Logger;
  private readonly bindings: object;

  constructor(base: Logger, bindings: object) {
    this.made = undefined;
    this.base = base;
    this.bindings = bindings;
  }

  get real(): Logger {
    this.made ??= this.base.child(this.bindings) as unknown as Logger;
    return this.made;
  }
  child(...args: Parameters<Logger['child']>) {
    return this.real.child(...args);
  }
  isLevelEnabled(level: string): boolean {
    return this.base.isLevelEnabled(level);
  }
  get level(): string {
    return this.base.level;
  }
  silent(): void {}
}
for (const level of levels) {
  Object.defineProperty(LazyLogger.prototype, level, {
    value(this: LazyLogger, ...args: [object, string]) {
      if (this.isLevelEnabled(level)) this.real[level](...args);
    },
  });
}

/**
 * The same logger, but with grandchildren that are made late: Fastify makes one child for itself, and asks that for one of
 * its own with each request. Giving Fastify a factory of children instead would have it check all methods of every one.
 */
export const withLazyGrandchildren = (base: Logger): Logger =>
  Object.create(base, {
    child: {
      value: (...given: Parameters<Logger['child']>) => withLazyChildren(base.child(...given) as unknown as Logger),
    },
  }) as Logger;

const withLazyChildren = (base: Logger): Logger =>
  Object.create(base, { child: { value: (bindings: object) => new LazyLogger(base, bindings) } }) as Logger;
