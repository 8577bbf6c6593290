import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { Dialect, DialectFamily } from '../dialect.ts';
import type { Access } from './access.ts';
import { addDocsPage } from './docs-page.ts';
import { buildDocument, type OpenApiDocument } from './openapi.ts';
import type { OpenApiVersion } from './openapi-schema.ts';
import type { HttpOptions } from './options.ts';
import { buildCollection } from './postman.ts';
import { problemDocument } from './problem-document.ts';
import { type RouteRecord, route } from './routes.ts';

type Documented = Pick<DialectFamily, 'title' | 'documentPath'>;

export interface Documents {
  address(request: FastifyRequest): string;
  servers(request: FastifyRequest): { url: string; description?: string }[];
}

/**
 * Adds the documents of dialects that have one of their own, each with its page. With `others`, the families that have
 * routers of their own, also those of the server: `/openapi.json`, `/openapi-3.1.json`, `/postman.json`, `/docs`.
 */
export async function addDocuments(
  fastify: FastifyInstance,
  parts: {
    options: HttpOptions;
    dialects: readonly Dialect[];
    routes: readonly RouteRecord[];
    others: readonly Documented[] | undefined;
  },
): Promise<Documents> {
  const { options, dialects, routes, others } = parts;
  const access: Access = options.docsPublic ? 'public' : 'signed-in';
  const cache = new Map<string, OpenApiDocument>();

  /**
   * The document of this server's own API, or of the dialects that share an address for theirs; made once, because
   * routes do not change after the start.
   */
  function document(version: OpenApiVersion, path?: string): OpenApiDocument {
    const key = `${version} ${path ?? ''}`;
    let made = cache.get(key);
    if (made === undefined) {
      const shown = dialects.filter(({ documentPath }) => documentPath === path);
      const names = new Set(shown.map(({ name }) => name));
      const first = path === undefined ? undefined : shown[0];
      const info = {
        title: first?.title ?? 'Millrace',
        description: first?.description ?? description + elsewhere(others ?? []),
        version: options.version,
        tags: eachOnce([...shown.flatMap((one) => one.tags), serverTag]),
        errors: {
          ...(path === undefined ? { server: problemDocument } : {}),
          ...mapDialects(shown, ({ errorDocument }) => errorDocument),
        },
        schemes: mapDialects(shown, ({ signIn }) => signIn?.schemes),
        base: baseOf(path),
      };
      const mine = ({ dialect }: RouteRecord) => names.has(dialect) || (path === undefined && dialect === 'server');
      made = buildDocument(routes.filter(mine), info, version);
      cache.set(key, made);
    }
    return made;
  }

  const ownAddress = options.publicUrl?.replace(/\/$/, '');
  const address = (request: FastifyRequest): string =>
    ownAddress ?? `${request.protocol}://${request.host}${forwardedPrefix(request)}`;
  const servers = (request: FastifyRequest, base = '') => [
    { url: `${address(request)}${base}`, description: 'This server' },
  ];
  const baseOf = (path: string | undefined): string =>
    dialects.find(({ documentPath }) => path !== undefined && documentPath === path)?.documentBase ?? '';
  const forRequest = (request: FastifyRequest, version: OpenApiVersion, path?: string) => ({
    ...document(version, path),
    servers: servers(request, baseOf(path)),
  });

  const addDocument = (url: string, version: OpenApiVersion, id: string, summary: string, path?: string): void =>
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
      handler: (request, reply) => reply.send(forRequest(request, version, path)),
    });

  function addOwn(): void {
    addDocument('/openapi.json', '3.0.3', 'getOpenApi', 'This API as an OpenAPI 3.0 document');
    addDocument('/openapi-3.1.json', '3.1.0', 'getOpenApi31', 'This API as an OpenAPI 3.1 document');
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
  }

  if (others !== undefined) addOwn();
  for (const { name, title, documentPath } of firstOfEach(dialects)) {
    const id = name.replaceAll('-', '_');
    addDocument(documentPath, '3.0.3', `getOpenApi_${id}`, `${title} as an OpenAPI 3.0 document`, documentPath);
    const newer = documentPath.replace(/\.json$/, '-3.1.json');
    addDocument(newer, '3.1.0', `getOpenApi31_${id}`, `${title} as an OpenAPI 3.1 document`, documentPath);
  }

  const pages = (path: string, title: string, documentPath?: string) =>
    addDocsPage(fastify, {
      path,
      title,
      access,
      document: () => document('3.0.3', documentPath),
      servers: (request) => servers(request, baseOf(documentPath)),
    });
  if (others !== undefined) await pages('/docs', 'Millrace API');
  for (const { title, documentPath, pagesPath } of firstOfEach(dialects)) {
    if (pagesPath !== undefined) await pages(pagesPath, title, documentPath);
  }
  return { address, servers };
}

/**
 * Path under which a proxy shows this server. Fastify believes forwarded hosts and protocols of trusted proxies alone;
 * this one is believed where it believes `X-Forwarded-For`.
 */
function forwardedPrefix(request: FastifyRequest): string {
  const prefix = request.headers['x-forwarded-prefix'];
  if (typeof prefix !== 'string' || (request.ips?.length ?? 0) < 2) return '';
  return /^(?:\/[\w.~-]+)+\/?$/.test(prefix) ? prefix.replace(/\/$/, '') : '';
}

const anyObject = z.looseObject({}).meta({ description: 'The document.' });

/** Dialects that share a document may share its groups. */
const eachOnce = (tags: Dialect['tags']): Dialect['tags'] => [...new Map(tags.map((tag) => [tag.name, tag])).values()];

/** The dialects that have a document, one for each document. */
const firstOfEach = (dialects: readonly Dialect[]) =>
  dialects.flatMap((dialect, index) => {
    const { documentPath } = dialect;
    const first = dialects.findIndex((one) => one.documentPath === documentPath) === index;
    return documentPath === undefined || !first ? [] : [{ ...dialect, documentPath }];
  });

const mapDialects = <T>(dialects: readonly Dialect[], of: (dialect: Dialect) => T | undefined): Record<string, T> =>
  Object.fromEntries(
    dialects.flatMap((dialect) => {
      const value = of(dialect);
      return value === undefined ? [] : [[dialect.name, value]];
    }),
  );

const description = `A self-hosted workflow job server: durable jobs over REST.

Sign in with Basic credentials, an API token or a JWT. \`POST /jobs\` starts a workflow and answers at once;
\`GET /jobs/{id}/result?longPoll=true\` waits for its end; \`POST /execution\` does both in one call.
Errors are problem documents (RFC 9457) whose \`type\` leads to a help page of this server.`;

/** Where the other languages of the server are described. */
const elsewhere = (others: readonly Documented[]): string =>
  others.length === 0
    ? ''
    : `\n\nFurther APIs of this server: ${others.map(({ title, documentPath }) => `${title} (\`${documentPath}\`)`).join(', ')}.`;

const serverTag = { name: 'Server', description: 'Health, metrics, documents and help.' };
