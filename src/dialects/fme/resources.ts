import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { contentDisposition } from '../../http/downloads.ts';
import { route } from '../../http/routes.ts';
import { fail } from '../../model/errors.ts';
import type { Principal } from '../../model/principal.ts';
import { fieldError } from './bean-validation.ts';
import { choices } from './choices.ts';
import { findPlace, namesIn, removeResource } from './connections.ts';
import { messages } from './messages.ts';
import { type Envelope, envelopeOf, exampleOf, listed, pagingQuery, windowOf } from './paging.ts';
import { type ConnectionWire, exampleFolder, FmeConnection, FmeResource, resourceWire } from './resource-wire.ts';

export const connectionParams = z.object({
  name: z
    .string()
    .min(1)
    .max(255)
    .meta({ description: 'Name of the connection; `Temp` stands for `FME_SHAREDRESOURCE_TEMP`.', example: 'Temp' }),
});

/** `path`, which may be empty, a bare key or missing: the top. */
export const pathQuery = {
  path: z
    .preprocess((value) => (Array.isArray(value) ? value[0] : value), z.string().max(2048).default(''))
    .meta({ description: 'Path below the connection, joined with `/`.', example: 'job-17', default: '' }),
};

export const connectionPage = envelopeOf(FmeConnection, 'FmeResourceConnections');
export const exampleConnections = exampleOf({
  name: 'FME_SHAREDRESOURCE_TEMP',
  displayName: 'Temp',
  type: 'FILE',
  description: 'Files that pass between jobs.',
});

/** The connections a caller may read. */
export function connectionList(
  { engine }: DialectContext,
  principal: Principal,
  query: { limit?: number | undefined; offset?: number | undefined },
): Envelope<ConnectionWire> {
  const all = choices.connections
    .filter(({ area }) => engine.shared.mayRead(principal, area))
    .map(({ name, displayName, description }) => ({ name, displayName, type: 'FILE', description }));
  return listed(all, windowOf(query));
}

const ZipRequest = z.object({
  path: z.string().max(2048).optional().meta({ description: 'Folder of the items.', example: 'job-17' }),
  items: z
    .array(z.string().min(1).max(2048))
    .min(1)
    .max(choices.mostZipItems)
    .meta({
      description: `Files and folders in it, at most ${choices.mostZipItems}; \`.\` is all of it.`,
      example: ['a.gpkg'],
    }),
  zipFileName: z.string().max(255).optional().meta({ description: 'Name of the archive.', example: 'resources.zip' }),
});

const zipContent = { 'application/zip': { schema: z.string().meta({ format: 'binary' }) } };
export const zipAnswer = { description: 'A ZIP archive, streamed.', content: zipContent };

/** Shared files: what there is, an archive of them, and taking them away. */
export function addResources(scope: FastifyInstance, context: DialectContext): void {
  const { shared } = context.engine;
  const tag = 'Resources';

  route(scope, {
    method: 'GET',
    url: '/resources/connections',
    access: { scope: 'files:read' },
    query: z.object(pagingQuery),
    doc: {
      id: 'fmeListResourceConnections',
      tag,
      summary: 'List the connections to shared files',
      responses: { 200: { description: 'One page.', schema: connectionPage, example: exampleConnections } },
    },
    handler: (request, reply) => reply.send(connectionList(context, caller(request), request.query)),
  });

  route(scope, {
    method: 'GET',
    url: '/resources/connections/:name/info',
    access: { scope: 'files:read' },
    params: connectionParams,
    query: z.object(pathQuery),
    doc: {
      id: 'fmeGetResourceInfo',
      tag,
      summary: 'Tell of a file or folder',
      description: 'Of a folder with what lies in it.',
      responses: { 200: { description: 'What it is.', schema: FmeResource, example: exampleFolder } },
      errors: ['not-found', 'invalid-path', 'too-large'],
    },
    handler: async (request, reply) => {
      const { path } = request.query;
      const place = findPlace(context, caller(request), request.params.name, path);
      const entry = await shared.find(caller(request), place, 1);
      if (entry === undefined) throw fail('not-found', messages.noResource(path));
      return reply.send(resourceWire(entry, place));
    },
  });

  route(scope, {
    method: 'POST',
    url: '/resources/connections/:name/downloadzip',
    access: { scope: 'files:read' },
    params: connectionParams,
    body: ZipRequest,
    doc: {
      id: 'fmeDownloadResources',
      tag,
      summary: 'Download files as an archive',
      requestBody: {
        content: {
          'application/json': {
            schema: ZipRequest,
            example: { path: 'job-17', items: ['a.gpkg'], zipFileName: 'resources.zip' },
          },
        },
      },
      responses: { 200: zipAnswer },
      errors: ['not-found', 'invalid-path', 'too-large'],
    },
    handler: async (request, reply) => {
      const { path = '', items, zipFileName = '' } = request.body;
      const folder = findPlace(context, caller(request), request.params.name, path);
      const names = items.map((item) => (item === '.' ? item : namesIn(item).join('/')));
      if (names.includes('')) throw fieldError('items', messages.blank);
      const stream = await shared.pack(caller(request), folder, names);
      reply.header('content-disposition', contentDisposition(zipFileName.trim() || choices.zipFileName));
      return reply.type('application/zip').send(stream);
    },
  });

  route(scope, {
    method: 'DELETE',
    url: '/resources/connections/:name/item',
    access: { scope: 'files:write' },
    params: connectionParams,
    query: z.object(pathQuery),
    doc: {
      id: 'fmeDeleteResource',
      tag,
      summary: 'Delete a file or folder',
      description: 'A folder goes with all that lies in it.',
      responses: { 204: { description: 'It is gone.' } },
      errors: ['not-found', 'forbidden', 'invalid-path'],
    },
    handler: async (request, reply) => {
      const { path } = request.query;
      const place = findPlace(context, caller(request), request.params.name, path);
      if (namesIn(path).length === 0) throw fieldError('path', messages.blank, 'query');
      await removeResource(context, caller(request), place, path);
      return reply.code(204).send();
    },
  });
}
