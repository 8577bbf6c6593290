import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { route } from '../../http/routes.ts';
import { fieldError } from './bean-validation.ts';
import { findPlace } from './connections.ts';
import { flag } from './fields.ts';
import { messages } from './messages.ts';
import { placeFiles, receiveFiles, takeFiles } from './receive-files.ts';
import { connectionParams, pathQuery } from './resources.ts';
import { sharedText } from './shared-paths.ts';

const FmeUploaded = z
  .object({
    path: z.string().meta({ description: 'For a published parameter: the file, or the folder of several.' }),
    files: z.array(z.object({ name: z.string(), size: z.int() })),
    failed: z
      .array(z.object({ name: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'Files that were not stored, and why.' }),
  })
  .meta({ id: 'FmeUploaded', description: 'What was stored.' });

const example = {
  path: '$(FME_SHAREDRESOURCE_TEMP)/job-17/a.gpkg',
  files: [{ name: 'a.gpkg', size: 1234 }],
};
const form = z.object({ files: z.array(z.string().meta({ format: 'binary' })) }).meta({ id: 'FmeFilesForm' });

/** Uploads into shared files. */
export async function addResourceUpload(scope: FastifyInstance, context: DialectContext): Promise<void> {
  await scope.register(async (uploads) => {
    uploads.removeAllContentTypeParsers();
    await takeFiles(uploads, context);
    route(uploads, {
      method: 'POST',
      url: '/resources/connections/:name/upload',
      access: { scope: 'files:write' },
      upload: true,
      params: connectionParams,
      query: z.object({ ...pathQuery, overwrite: flag('Whether files that are there may be replaced.') }),
      doc: {
        id: 'fmeUploadResources',
        tag: 'Resources',
        summary: 'Upload files',
        description:
          'Every part with a file name is a file, whatever its field is called. Folders that are missing are made. ' +
          'Nothing is stored until the whole body has come.',
        requestBody: { required: true, content: { 'multipart/form-data': { schema: form } } },
        responses: {
          200: { description: 'Stored; all of them replaced others.', schema: FmeUploaded, example },
          201: { description: 'Stored.', schema: FmeUploaded, example },
          207: {
            description: 'Some are stored, some are not.',
            schema: FmeUploaded,
            example: { ...example, failed: [{ name: 'b.gpkg', message: '/temp/job-17/b.gpkg exists already.' }] },
          },
        },
        errors: [
          'not-found',
          'forbidden',
          'exists',
          'conflict',
          'invalid-path',
          'too-large',
          'unsupported-media-type',
          'disk-full',
        ],
      },
      handler: async (request, reply) => {
        const principal = caller(request);
        const folder = findPlace(context, principal, request.params.name, request.query.path);
        context.engine.shared.requireWrite(principal, folder);
        const incoming = await receiveFiles(request, context);
        if (incoming.files.length + incoming.failed.length === 0) throw fieldError('files', messages.filesRequired);
        const placed = await placeFiles(request, context, incoming, folder, {
          overwrite: request.query.overwrite ?? false,
        });
        const failed = incoming.failed.map(({ name, error }) => ({ name, message: error.message }));
        const only = placed.length === 1 ? placed[0] : undefined;
        return reply.code(failed.length > 0 ? 207 : placed.some(({ isNew }) => isNew) ? 201 : 200).send({
          path: sharedText(only?.place ?? folder),
          files: placed.map(({ name, size }) => ({ name, size })),
          ...(failed.length === 0 ? {} : { failed }),
        });
      },
    });
  });
}
