import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { streamOf, takeOnlyStreams } from '../../../http/bodies.ts';
import { fail, isMillraceError } from '../../../model/errors.ts';
import { itemPath, itemRoute } from '../item-route.ts';
import { linksOf } from '../links.ts';
import { masonAnswer, sendMason } from '../mason.ts';
import { flag } from '../query.ts';
import { getItem } from './find-item.ts';
import { exampleData, Item, locationHeader } from './item-schemas.ts';
import { itemWire, mayDo } from './item-wire.ts';
import { GROUP_ARCHIVE, WORKFLOW_ARCHIVE } from './media.ts';
import { checkName, withoutNotFound } from './names.ts';
import { newItemOf } from './upload-kinds.ts';

const query = z.object({
  'from-job': z.string().optional().meta({ description: 'Store this job as a workflow.', example: '' }),
  'from-repository': z
    .string()
    .optional()
    .meta({ description: 'Copy this item, by its absolute path.', example: '/Users/guest/wf' }),
  move: flag('True: move it instead of copying.'),
});

const binary = { schema: z.string().meta({ format: 'binary' }) };

/** `PUT :data`: uploads, jobs stored as workflows, copies and moves (reference section 7.5). */
export async function addItemUpload(scope: FastifyInstance, context: DialectContext): Promise<void> {
  const { engine } = context;
  await scope.register(async (uploads) => {
    takeOnlyStreams(uploads);
    itemRoute(uploads, {
      method: 'PUT',
      action: 'data',
      access: { scope: 'workflows:write' },
      query,
      upload: true,
      doc: {
        id: 'knimePutData',
        tag: 'Repository',
        summary: 'Upload an item',
        description:
          'The content type says what it is: the ZIP archive of a workflow or of a group, a definition by itself (YAML), or a data file. With `from-job` or `from-repository` there is no body.',
        requestBody: {
          required: false,
          content: {
            [WORKFLOW_ARCHIVE]: binary,
            [GROUP_ARCHIVE]: binary,
            'application/yaml': { schema: z.string() },
            'application/octet-stream': binary,
          },
        },
        responses: {
          200: masonAnswer('It replaced the one that was there.', Item, exampleData),
          201: masonAnswer('It is new.', Item, exampleData, locationHeader),
        },
        errors: [
          'not-found',
          'forbidden',
          'invalid-path',
          'invalid-definition',
          'conflict',
          'exists',
          'precondition-failed',
        ],
      },
      handler: async (request, reply) => {
        const path = itemPath(request);
        checkName(path);
        const principal = caller(request);
        const { 'from-job': job, 'from-repository': source, move } = request.query;
        if (job !== undefined) {
          return answer(request, reply, await engine.items.putJob(principal, path, job.toLowerCase()));
        }
        if (source !== undefined) {
          const from = source.startsWith('/') ? source : `/${source}`;
          await getItem(context, principal, from);
          const { created } = await engine.items[move ? 'move' : 'copy'](principal, from, path);
          return answer(request, reply, { path, created });
        }
        return answer(request, reply, await upload(request, path));
      },
    });
  });

  async function upload(request: FastifyRequest, path: string): Promise<{ path: string; created: boolean }> {
    const principal = caller(request);
    const there = await engine.items.find(principal, path);
    const item = await newItemOf(request.headers['content-type'], path, there, streamOf(request));
    const ifMatch = request.headers['if-match'];
    try {
      return await engine.items.put(principal, path, item, {
        maxBytes: context.limits.uploadBytes,
        ...(ifMatch === undefined ? {} : { ifMatch }),
      });
    } catch (error) {
      // Another type is a bad request to this upload, not a state that may change.
      if (isMillraceError(error) && error.code === 'conflict') throw fail('invalid-input', error.message);
      throw withoutNotFound(error, path);
    }
  }

  async function answer(
    request: FastifyRequest,
    reply: FastifyReply,
    { path, created }: { path: string; created: boolean },
  ): Promise<FastifyReply> {
    const links = linksOf(request, context);
    const item = await getItem(context, caller(request), path, 1);
    if (created) reply.code(201).header('location', links.item(item.path));
    return sendMason(request, reply, itemWire(item, links, mayDo(engine, caller(request), item.path)));
  }
}
