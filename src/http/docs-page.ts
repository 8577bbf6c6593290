import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { fail } from '../model/errors.ts';
import type { Access } from './access.ts';
import type { OpenApiDocument } from './openapi.ts';

interface DocsParts {
  /** Where it stands, `/docs`. */
  path: string;
  title: string;
  access: Access;
  document(): OpenApiDocument;
  servers(request: FastifyRequest): { url: string; description?: string }[];
}

/** What the page consists of, below its path. */
const addresses = ['/', '/json', '/yaml', '/static/index.html', '/static/swagger-initializer.js', '/static/*'] as const;

/** The page under the name old clients know; from there it asks for its document below that name. */
const otherNames: Record<string, string> = { '/index.html': '/', '/index.html/json': '/json' };

/**
 * Adds an API page. Swagger UI and what it needs are loaded by the first visitor: they cost a start a tenth
 * of a second and the server some megabytes, and most servers are never looked at that way. So the page is a small
 * server of its own, made late, which is asked without a socket; hooks, log and access are those of the outer routes.
 */
export async function addDocsPage(fastify: FastifyInstance, parts: DocsParts): Promise<void> {
  let page: Promise<FastifyInstance> | undefined;
  const made = (): Promise<FastifyInstance> => {
    page ??= createPage(parts).catch((error: unknown) => {
      page = undefined;
      throw error;
    });
    return page;
  };

  const answerWith = async (url: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const answer = await (await made()).inject({
      // HEAD as well: the outer route leaves out the body and counts its bytes.
      method: 'GET',
      url,
      headers: { ...request.headers, 'x-forwarded-proto': request.protocol, 'x-forwarded-host': request.host },
    });
    if (answer.statusCode === 404) throw fail('not-found', `The API page has no ${request.url.slice(0, 200)}.`);
    for (const [name, value] of Object.entries(answer.headers)) {
      if (value !== undefined && !ofTheConnection.has(name)) reply.header(name, value);
    }
    return reply.code(answer.statusCode).send(answer.rawPayload.length > 0 ? answer.rawPayload : undefined);
  };

  await fastify.register(
    async (scope) => {
      const common = { method: 'GET', config: { access: parts.access } } as const;
      for (const url of addresses) {
        scope.route({ ...common, url, handler: (request, reply) => answerWith(request.url, request, reply) });
      }
      for (const [url, of] of Object.entries(otherNames)) {
        scope.route({
          ...common,
          url,
          handler: (request, reply) => answerWith(`${parts.path}${of}`, request, reply),
        });
      }
    },
    { prefix: parts.path },
  );
}

/** Headers that belong to the way an answer travels; the outer server sets its own. */
const ofTheConnection = new Set(['connection', 'date', 'keep-alive', 'transfer-encoding']);

async function createPage({ path, title, document, servers }: DocsParts): Promise<FastifyInstance> {
  const [{ default: Fastify }, { default: swagger }, { default: swaggerUi }] = await Promise.all([
    import('fastify'),
    import('@fastify/swagger'),
    import('@fastify/swagger-ui'),
  ]);
  // It hears only of the outer server, which has judged already whose forwarding headers to believe.
  const fastify = Fastify({ trustProxy: true });
  // Our own document stands for the one the plug-in would gather: hidden routes, then the whole put in its place.
  await fastify.register(swagger, {
    transform: ({ url }) => ({ schema: { hide: true }, url }),
    transformObject: () => document() as never,
  });
  await fastify.register(swaggerUi, {
    routePrefix: path,
    staticCSP: pagePolicy,
    transformSpecificationClone: false,
    transformSpecification: (_specification, request) => ({
      ...forForms(document()),
      servers: servers(request as FastifyRequest),
    }),
    logo: { type: 'image/svg+xml', content: Buffer.from(logo), href: '/', target: '_self' },
    theme: { title },
    uiConfig: {
      persistAuthorization: true,
      tryItOutEnabled: true,
      displayRequestDuration: true,
      docExpansion: 'none',
      filter: true,
      tagsSorter: undefined,
    },
  });
  await fastify.ready();
  return fastify as unknown as FastifyInstance;
}

/** Swagger UI sets style attributes and draws icons from data addresses; scripts come from this server alone. */
export const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

const logo =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 150 40"><text x="4" y="28" font-family="sans-serif" font-size="26" fill="#fff">Millrace</text></svg>';

/**
 * The document as Swagger UI needs it. It fills the example of every parameter into its form, also of those that may be
 * left out, and so would send a made-up cursor or the same idempotency key each time: there the example moves into the
 * description.
 */
function forForms(document: OpenApiDocument): OpenApiDocument {
  const paths = Object.entries(document.paths).map(([path, operations]) => {
    const changed = Object.entries(operations).map(([method, operation]) => {
      if (operation.parameters === undefined) return [method, operation];
      const parameters = operation.parameters.map((parameter) => {
        if (parameter.required || parameter.example === undefined) return parameter;
        const { example, ...rest } = parameter;
        const text = Array.isArray(example) ? example.join(',') : String(example);
        return { ...rest, description: `${parameter.description ?? ''} Example: \`${text}\`` };
      });
      return [method, { ...operation, parameters }];
    });
    return [path, Object.fromEntries(changed)];
  });
  return { ...document, paths: Object.fromEntries(paths) };
}
