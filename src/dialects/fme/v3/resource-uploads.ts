import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import type { SharedPlace } from '../../../engine/shared.ts';
import { caller } from '../../../http/access.ts';
import { streamOf, takeStreams } from '../../../http/bodies.ts';
import { fileNameIn } from '../../../http/disposition.ts';
import { readForms } from '../../../http/forms.ts';
import { fail } from '../../../model/errors.ts';
import { fieldError, readBean } from '../bean-validation.ts';
import { within } from '../connections.ts';
import { flag, single } from '../fields.ts';
import { messages } from '../messages.ts';
import { type Incoming, type PlacedFile, placeFiles, receiveBody, receiveFiles, takeFiles } from '../receive-files.ts';
import { exampleFile, FmeResource, type ResourceWire, resourceWire } from '../resource-wire.ts';
import { addForFiles, placeOf } from './resource-routes.ts';

const writeQuery = z.object({
  createDirectories: flag('Whether folders that are missing are made.'),
  overwrite: flag('Whether a file that is there may be replaced.'),
  type: single('`DIR`: make the folder `directoryname`.', 'FILE'),
  directoryname: single('Name of a folder to be made.', 'results'),
});
type WriteQuery = z.output<typeof writeQuery>;

const binary = { 'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) } };
const form = z.object({ 'files[]': z.array(z.string().meta({ format: 'binary' })) }).meta({ id: 'FmeV3FilesForm' });
const errors = [
  'not-found',
  'forbidden',
  'exists',
  'conflict',
  'invalid-input',
  'invalid-path',
  'too-large',
  'unsupported-media-type',
  'disk-full',
] as const;

/** Uploads of V3: into a folder, as a form or as a body with `Content-Disposition`; or to a file's own path. */
export async function addV3ResourceUploads(scope: FastifyInstance, context: DialectContext): Promise<void> {
  const { shared } = context.engine;

  /** What a new file or folder is. */
  const shown = async (request: FastifyRequest, place: SharedPlace): Promise<ResourceWire> => {
    const entry = await shared.find(caller(request), place);
    if (entry === undefined) throw fail('not-found', messages.noResource(place.path));
    return resourceWire(entry, place);
  };

  /** The folder to write to; it is there, or may be made. */
  const target = async (request: FastifyRequest, place: SharedPlace, { createDirectories }: WriteQuery) => {
    shared.requireWrite(caller(request), place);
    if (createDirectories !== true && (await shared.find(caller(request), place)) === undefined)
      throw fail('not-found', messages.noResource(place.path));
    return place;
  };

  const store = async (
    request: FastifyRequest,
    incoming: Incoming,
    folder: SharedPlace,
    { overwrite = false }: WriteQuery,
  ): Promise<PlacedFile[]> => {
    const placed = await placeFiles(request, context, incoming, folder, { overwrite });
    if (incoming.failed.length > 0) throw incoming.failed[0]!.error;
    return placed;
  };

  await scope.register(async (uploads) => {
    uploads.removeAllContentTypeParsers();
    readForms(uploads);
    await takeFiles(uploads, context);
    takeStreams(uploads);

    addForFiles(uploads, {
      method: 'POST',
      access: { scope: 'files:write' },
      upload: true,
      query: writeQuery,
      doc: {
        id: 'fmeV3UploadResources',
        summary: 'Upload files into a folder, or make one',
        requestBody: {
          required: false,
          content: { 'multipart/form-data': { schema: form }, ...binary, 'application/x-www-form-urlencoded': {} },
        },
        responses: {
          200: {
            description: 'What is stored: a list of the files of a form; one that replaced another.',
            schema: z.union([FmeResource, z.array(FmeResource)]),
            example: [exampleFile],
          },
          201: { description: 'The new file or folder.', schema: FmeResource, example: exampleFile },
        },
        errors,
      },
      handler: async (request, reply) => {
        const asked = askedIn(request, request.query);
        const folder = await target(request, placeOf(request, context).place, asked);
        if (asked.type?.toUpperCase() === 'DIR') {
          const { directoryname } = asked;
          if (directoryname === undefined) throw fieldError('directoryname', messages.blank, 'query');
          const place = within(folder, directoryname);
          if (!(await shared.makeFolder(caller(request), place)))
            throw fail('exists', `${directoryname} exists already.`);
          return reply.code(201).send(await shown(request, place));
        }
        if (request.isMultipart()) {
          const incoming = await receiveFiles(request, context);
          if (incoming.files.length + incoming.failed.length === 0) throw fieldError('files', messages.filesRequired);
          const placed = await store(request, incoming, folder, asked);
          return reply.send(await Promise.all(placed.map(({ place }) => shown(request, place))));
        }
        const name = fileNameIn(request.headers['content-disposition']);
        if (name === undefined) throw fieldError('Content-Disposition', messages.fileNameRequired, 'header');
        const [only] = await store(request, await bodyOf(request, name), folder, asked);
        return reply.code(only!.isNew ? 201 : 200).send(await shown(request, only!.place));
      },
    });
  });

  await scope.register((raw) => {
    raw.removeAllContentTypeParsers();
    takeStreams(raw);
    addForFiles(raw, {
      method: 'PUT',
      access: { scope: 'files:write' },
      upload: true,
      query: writeQuery.pick({ createDirectories: true }),
      doc: {
        id: 'fmeV3PutResource',
        summary: 'Write a file',
        description: 'The body is the file; one that is there is replaced.',
        requestBody: { required: true, content: binary },
        responses: {
          200: { description: 'Replaced.', schema: FmeResource, example: exampleFile },
          201: { description: 'Stored.', schema: FmeResource, example: exampleFile },
        },
        errors,
      },
      handler: async (request, reply) => {
        const { place } = placeOf(request, context);
        const slash = place.path.lastIndexOf('/');
        const name = place.path.slice(slash + 1);
        if (name === '') throw fail('conflict', 'A folder cannot be written; name a file.');
        if (/^multipart\//i.test(request.headers['content-type'] ?? ''))
          throw fail('unsupported-media-type', 'The body of a PUT is the file itself; send a form with POST.');
        const asked = { ...request.query, overwrite: true, type: undefined, directoryname: undefined };
        const folder = await target(request, { ...place, path: place.path.slice(0, Math.max(0, slash)) }, asked);
        const [only] = await store(request, await bodyOf(request, name), folder, asked);
        return reply.code(only!.isNew ? 201 : 200).send(await shown(request, only!.place));
      },
    });
  });

  const bodyOf = async (request: FastifyRequest, name: string): Promise<Incoming> => {
    return { files: [await receiveBody(streamOf(request), name, context)], failed: [], fields: new Map() };
  };
}

/** What a request asks for in its address and, where its body is one, in a form. */
function askedIn(request: FastifyRequest, query: WriteQuery): WriteQuery {
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')) return query;
  const form = readBean(writeQuery, request.body ?? {});
  return {
    createDirectories: form.createDirectories ?? query.createDirectories,
    overwrite: form.overwrite ?? query.overwrite,
    type: form.type ?? query.type,
    directoryname: form.directoryname ?? query.directoryname,
  };
}
