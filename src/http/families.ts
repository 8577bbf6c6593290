import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { DialectFamily } from '../dialect.ts';
import type { Router } from './router.ts';

/** The routers of dialects that are loaded when they are first spoken to. */
export interface Families {
  /** The family an address belongs to. */
  at(url: string): Family | undefined;
  /** Those that are loaded. */
  loaded(): readonly Router[];
  loadAll(): Promise<void>;
}

export interface Family {
  /** Answers a request, as soon as the family is loaded. */
  answer(request: IncomingMessage, response: ServerResponse): void;
  router(): Promise<Router>;
}

/** @param build makes the router of dialects that were loaded */
export function createFamilies(
  families: readonly DialectFamily[],
  build: (dialects: Awaited<ReturnType<DialectFamily['load']>>) => Promise<Router>,
  log: Logger,
): Families {
  const all = families.map((family) => ({ ...createFamily(family, build, log), owns: family.owns }));
  return {
    at: (url) => all.find((family) => family.owns(url)),
    loaded: () => all.flatMap((family) => family.ready() ?? []),
    loadAll: async () => void (await Promise.all(all.map((family) => family.router()))),
  };
}

function createFamily({ name, load }: DialectFamily, build: Parameters<typeof createFamilies>[1], log: Logger) {
  let ready: Router | undefined;
  let loading: Promise<Router> | undefined;

  const loadOnce = async (): Promise<Router> => {
    const begun = performance.now();
    ready = await build(await load());
    log.info({ family: name, ms: Math.round(performance.now() - begun) }, 'loaded with its first request');
    return ready;
  };
  const router = (): Promise<Router> => {
    loading ??= loadOnce().catch((error: unknown) => {
      // The next request tries again.
      loading = undefined;
      throw error;
    });
    return loading;
  };
  return {
    ready: () => ready,
    router,
    answer(request: IncomingMessage, response: ServerResponse): void {
      if (ready !== undefined) {
        ready.fastify.routing(request, response);
        return;
      }
      router().then(
        ({ fastify }) => fastify.routing(request, response),
        (error: unknown) => {
          log.error({ err: error, family: name }, 'the family could not be loaded');
          // Nothing is there that could give it the shape of its dialect.
          response.writeHead(500, { connection: 'close' }).end();
        },
      );
    },
  };
}
