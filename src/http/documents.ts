import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { Dialect } from '../dialect.ts';
import type { Access } from './access.ts';
import { addDocsPage } from './docs-page.ts';
import { buildDocument, type OpenApiDocument } from './openapi.ts';
import type { OpenApiVersion } from './openapi-schema.ts';
import type { HttpOptions } from './options.ts';
import { buildCollection } from './postman.ts';
import { problemDocument } from './problem-document.ts';
import { type RouteRecord, route } from './routes.ts';

export interface Documents {
  servers(request: FastifyRequest): { url: string; description?: string }[];
}

/** Adds `/openapi.json`, `/openapi-3.1.json`, `/postman.json`, `/docs` and the documents of single dialects. */
export async function addDocuments(
  fastify: FastifyInstance,
  parts: { options: HttpOptions; dialects: readonly Dialect[]; routes: readonly RouteRecord[]; basePath: string },
): Promise<Documents> {
  const { options, dialects, routes } = parts;
  const access: Access = options.docsPublic ? 'public' : 'signed-in';
  const cache = new Map<string, OpenApiDocument>();

  /** All routes, or those of one dialect; made once, because routes do not change after the start. */
  function document(version: OpenApiVersion, dialect?: Dialect): OpenApiDocument {
    const key = `${version} ${dialect?.name ?? ''}`;
    let made = cache.get(key);
    if (made === undefined) {
      const shown = dialect ? [dialect] : dialects;
      const errors = Object.fromEntries(shown.map(({ name, errorDocument }) => [name, errorDocument]));
      const info = {
        title: dialect?.title ?? 'Millrace',
        description: dialect?.description ?? description,
        version: options.version,
        tags: [...shown.flatMap((one) => one.tags), serverTag],
        errors: { server: problemDocument, ...errors },
      };
      made = buildDocument(dialect ? routes.filter((r) => r.dialect === dialect.name) : routes, info, version);
      cache.set(key, made);
    }
    return made;
  }

  const servers = (request: FastifyRequest) => [
    {
      url: options.publicUrl?.replace(/\/$/, '') ?? `${request.protocol}://${request.host}`,
      description: 'This server',
    },
  ];
  const forRequest = (request: FastifyRequest, version: OpenApiVersion, dialect?: Dialect) => ({
    ...document(version, dialect),
    servers: servers(request),
  });

  const anyObject = z.looseObject({}).meta({ description: 'The document.' });
  const documentRoutes = [
    { url: '/openapi.json', id: 'getOpenApi', version: '3.0.3', summary: 'This API as an OpenAPI 3.0 document' },
    { url: '/openapi-3.1.json', id: 'getOpenApi31', version: '3.1.0', summary: 'This API as an OpenAPI 3.1 document' },
  ] as const;
  for (const { url, id, version, summary } of documentRoutes) {
    route(fastify, {
      method: 'GET',
      url,
      access,
      doc: {
        id,
        tag: 'Server',
        summary,
        responses: { 200: { description: 'The document.', schema: anyObject, example: { openapi: version } } },
      },
      handler: (request, reply) => reply.send(forRequest(request, version)),
    });
  }
  route(fastify, {
    method: 'GET',
    url: '/postman.json',
    access,
    doc: {
      id: 'getPostmanCollection',
      tag: 'Server',
      summary: 'This API as a Postman collection',
      description: 'Import it, set `basicAuthUsername` and `basicAuthPassword`, and run it from top to bottom.',
      responses: {
        200: { description: 'Collection format 2.1.', schema: anyObject, example: { info: { name: 'Millrace' } } },
      },
    },
    handler: (request, reply) => reply.send(buildCollection(forRequest(request, '3.0.3'), routes)),
  });
  for (const dialect of dialects) {
    if (dialect.documentPath === undefined) continue;
    route(fastify, {
      method: 'GET',
      url: dialect.documentPath,
      access,
      doc: {
        id: `getOpenApi_${dialect.name}`,
        tag: 'Server',
        summary: `${dialect.title} as an OpenAPI document`,
        responses: { 200: { description: 'The document.', schema: anyObject, example: { openapi: '3.0.3' } } },
      },
      handler: (request, reply) => reply.send(forRequest(request, '3.0.3', dialect)),
    });
  }

  await addDocsPage(fastify, { access, document: () => document('3.0.3'), servers });
  return { servers };
}

const description = `A self-hosted workflow job server: durable jobs over REST.

Sign in with Basic credentials, an API token or a JWT. \`POST /jobs\` starts a workflow and answers at once;
\`GET /jobs/{id}/result?longPoll=true\` waits for its end; \`POST /execution\` does both in one call.
Errors are problem documents (RFC 9457) whose \`type\` leads to a help page of this server.`;

const serverTag = { name: 'Server', description: 'Health, metrics, documents and help.' };
