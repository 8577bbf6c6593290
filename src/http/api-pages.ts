import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access } from './access.ts';
import type { OpenApiDocument } from './openapi.ts';
import { escapeHtml } from './pages.ts';

/** Adds Swagger UI at `path` for one document, all of it from this server: it works without the internet. */
export async function addApiPages(
  fastify: FastifyInstance,
  parts: { path: string; title: string; access: Access; document(request: FastifyRequest): OpenApiDocument },
): Promise<void> {
  const { path, title, access } = parts;
  await fastify.register(async (scope) => {
    // As a value of its own type, which Fastify's types for decorators do not tell from a getter.
    scope.decorate<unknown>('defaultAccess', access);
    // Our own document stands for the one the plug-in would gather: hidden routes, then the whole put in its place.
    await scope.register(swagger, {
      transform: ({ url }) => ({ schema: { hide: true }, url }),
      transformObject: () => ({ openapi: '3.0.3', info: { title, version: '' }, paths: {} }) as never,
    });
    await scope.register(swaggerUi, {
      routePrefix: path,
      staticCSP: policy,
      transformSpecificationClone: false,
      transformSpecification: (_specification, request) => ({ ...parts.document(request as FastifyRequest) }),
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
    // The page's own address for the document is that of a folder: it asks for `json` below where it stands.
    scope.get(`${path}/index.html`, (_request, reply) =>
      reply.header('content-security-policy', policy).type('text/html; charset=utf-8').send(indexPage(title)),
    );
    scope.get(`${path}/index.html/json`, (request, reply) => reply.send(parts.document(request)));
  });
}

/** Swagger UI sets style attributes and draws icons from data addresses; scripts come from this server alone. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

const logo =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 150 40"><text x="4" y="28" font-family="sans-serif" font-size="26" fill="#fff">Millrace</text></svg>';

const indexPage = (title: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="./static/swagger-ui.css"><link rel="stylesheet" href="./static/index.css">
<link rel="icon" type="image/png" href="./static/favicon-32x32.png" sizes="32x32"></head>
<body><div id="swagger-ui"></div>
<script src="./static/swagger-ui-bundle.js"></script>
<script src="./static/swagger-ui-standalone-preset.js"></script>
<script src="./static/swagger-initializer.js"></script></body></html>
`;
