import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import type { SharedEntry, SharedPlace } from '../../../engine/shared.ts';
import { caller } from '../../../http/access.ts';
import { sendDownload } from '../../../http/downloads.ts';
import { fail } from '../../../model/errors.ts';
import { removeResource } from '../connections.ts';
import { single, whole } from '../fields.ts';
import { messages } from '../messages.ts';
import { exampleFolder, FmeResource, resourceWire } from '../resource-wire.ts';
import { addForFiles, placeOf } from './resource-routes.ts';

/** Shared files by their path: list, read, delete. */
export function addV3ResourceFiles(scope: FastifyInstance, context: DialectContext): void {
  const { shared } = context.engine;

  addForFiles(scope, {
    method: 'GET',
    access: { scope: 'files:read' },
    query: z.object({
      accept: single('`contents`: the file itself, as with `Accept: application/octet-stream`.', 'json'),
      depth: whole({ min: -1 }, { description: 'Levels of folders that are listed; -1: all.', default: 1 }),
    }),
    doc: {
      id: 'fmeV3GetResource',
      summary: 'List a folder, tell of a file, or download it',
      responses: {
        200: {
          description: 'What it is, or the file.',
          content: {
            'application/json': { schema: FmeResource, example: exampleFolder },
            'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) },
          },
        },
        206: {
          description: 'A part of the file.',
          content: { 'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) } },
        },
        304: { description: 'It has not changed.' },
      },
      errors: ['not-found', 'conflict', 'invalid-path', 'too-large', 'range-not-satisfiable'],
    },
    handler: async (request, reply) => {
      const { place, path } = placeOf(request, context);
      const { accept, depth = 1 } = request.query;
      const wantsContents = accept === 'contents' || wantsBytes(request);
      const levels = depth < 0 ? Number.POSITIVE_INFINITY : depth;
      const entry = await shared.find(caller(request), place, wantsContents ? 0 : levels);
      if (entry === undefined) throw fail('not-found', messages.noResource(path));
      return wantsContents ? download(request, reply, entry, place) : reply.send(resourceWire(entry, place));
    },
  });

  const download = async (
    request: FastifyRequest,
    reply: FastifyReply,
    { name, kind, bytes, modifiedAt }: SharedEntry,
    place: SharedPlace,
  ): Promise<FastifyReply> => {
    if (kind === 'folder')
      throw fail('conflict', `${name || 'The top'} is a folder; downloadzip gives an archive of it.`);
    return sendDownload(request, reply, {
      name,
      contentType: 'application/octet-stream',
      bytes,
      // A file is always replaced as a whole, never changed where it lies.
      etag: `${bytes.toString(16)}-${Math.round(modifiedAt * 1000).toString(16)}`,
      modifiedAt,
      open: (range) => shared.open(caller(request), place, range),
    });
  };

  addForFiles(scope, {
    method: 'DELETE',
    access: { scope: 'files:write' },
    query: z.object({}),
    doc: {
      id: 'fmeV3DeleteResource',
      summary: 'Delete a file, or a folder with all in it',
      responses: { 204: { description: 'It is gone.' } },
      errors: ['not-found', 'forbidden', 'conflict', 'invalid-path'],
    },
    handler: async (request, reply) => {
      const { place, path } = placeOf(request, context);
      await removeResource(context, caller(request), place, path);
      return reply.code(204).send();
    },
  });
}

const wantsBytes = ({ headers }: FastifyRequest): boolean =>
  /\bapplication\/octet-stream\b/i.test(headers.accept ?? '') && !/\bjson\b/i.test(headers.accept ?? '');
