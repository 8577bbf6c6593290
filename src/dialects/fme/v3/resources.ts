import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { contentDisposition } from '../../../http/downloads.ts';
import { readForms } from '../../../http/forms.ts';
import { route } from '../../../http/routes.ts';
import { fail } from '../../../model/errors.ts';
import { readBean } from '../bean-validation.ts';
import { choices } from '../choices.ts';
import { connectionNamed, findPlace } from '../connections.ts';
import { single } from '../fields.ts';
import { messages } from '../messages.ts';
import { envelopeOf, exampleOf, listed, pagingQuery, windowOf } from '../paging.ts';
import { FmeConnection } from '../resource-wire.ts';
import { connectionList, connectionPage, connectionParams, exampleConnections, zipAnswer } from '../resources.ts';
import { pathParameters, RESOURCES_TAG } from './resource-routes.ts';

const FmeResourceType = z.object({ name: z.string(), description: z.string() }).meta({ id: 'FmeV3ResourceType' });
const types = [{ name: 'FILE', description: 'Files in a folder of the server.' }];

const zipFields = {
  zipFileName: single('Name of the archive.', 'resources.zip'),
  fileNames: z
    .preprocess(
      (value) => (value === undefined || Array.isArray(value) ? value : [value]),
      z.array(z.string().min(1).max(2048)).max(choices.mostZipItems).optional(),
    )
    .meta({ description: 'Names in the folder, each in a value of its own; `.` is all of it.', example: ['.'] }),
};
const zipQuery = z.object(zipFields);

/** Shared files as V3 serves them (reference sections 7.1, 9.3): connections, and an archive of a folder. */
export async function addV3Resources(scope: FastifyInstance, context: DialectContext): Promise<void> {
  const tag = RESOURCES_TAG;

  route(scope, {
    method: 'GET',
    url: '/resources/connections',
    access: { scope: 'files:read' },
    query: z.object(pagingQuery),
    doc: {
      id: 'fmeV3ListResourceConnections',
      tag,
      summary: 'List the connections to shared files',
      responses: { 200: { description: 'One page.', schema: connectionPage, example: exampleConnections } },
    },
    handler: (request, reply) => reply.send(connectionList(context, caller(request), request.query)),
  });

  route(scope, {
    method: 'GET',
    url: '/resources/connections/:name',
    access: { scope: 'files:read' },
    params: connectionParams,
    doc: {
      id: 'fmeV3GetResourceConnection',
      tag,
      summary: 'One connection',
      responses: {
        200: { description: 'The connection.', schema: FmeConnection, example: exampleConnections.items[0] },
      },
      errors: ['not-found'],
    },
    handler: (request, reply) => {
      const all = connectionList(context, caller(request), { limit: -1 }).items;
      const name = connectionNamed(request.params.name)?.name;
      const found = all.find((one) => one.name === name);
      if (found === undefined) throw fail('not-found', messages.hiddenOrMissing(caller(request).name));
      return reply.send(found);
    },
  });

  route(scope, {
    method: 'GET',
    url: '/resources/types',
    access: { scope: 'files:read' },
    query: z.object(pagingQuery),
    doc: {
      id: 'fmeV3ListResourceTypes',
      tag,
      summary: 'List the kinds of connections',
      responses: {
        200: {
          description: 'One page.',
          schema: envelopeOf(FmeResourceType, 'FmeV3ResourceTypes'),
          example: exampleOf(...types),
        },
      },
    },
    handler: (request, reply) => reply.send(listed(types, windowOf(request.query))),
  });

  await scope.register((forms) => {
    readForms(forms);
    const zip = (url: string, id: string, path: string): void =>
      route(forms, {
        method: 'POST',
        url: `/resources/connections/:name/downloadzip${url}`,
        access: { scope: 'files:read' },
        query: zipQuery,
        doc: {
          id,
          tag,
          summary: 'Download files of a folder as an archive',
          description: 'Its values come in the address or in a form.',
          path: `/fmerest/v3/resources/connections/{name}/downloadzip${path}`,
          pathParameters: pathParameters(path),
          requestBody: {
            required: false,
            content: { 'application/x-www-form-urlencoded': { schema: zipQuery, example: { fileNames: '.' } } },
          },
          responses: { 200: zipAnswer },
          errors: ['not-found', 'invalid-path', 'too-large'],
        },
        handler: async (request, reply) => {
          const { name, '*': at = '' } = request.params as { name: string; '*'?: string };
          const form = readBean(zipQuery, request.body ?? {});
          const zipFileName = form.zipFileName ?? request.query.zipFileName ?? choices.zipFileName;
          const fileNames = form.fileNames ?? request.query.fileNames ?? ['.'];
          const folder = findPlace(context, caller(request), name, at);
          const stream = await context.engine.shared.pack(caller(request), folder, fileNames);
          reply.header('content-disposition', contentDisposition(zipFileName));
          return reply.type('application/zip').send(stream);
        },
      });
    zip('', 'fmeV3DownloadAllResources', '');
    zip('/*', 'fmeV3DownloadResources', '/{path}');
  });
}
