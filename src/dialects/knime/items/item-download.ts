import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { contentDisposition, matchesTag, sendDownload } from '../../../http/downloads.ts';
import { mediaTypeOf } from '../../../model/media-types.ts';
import { itemPath, itemRoute } from '../item-route.ts';
import { getItem } from './find-item.ts';
import { nameOf } from './item-wire.ts';
import { GROUP_ARCHIVE, WORKFLOW_ARCHIVE } from './media.ts';
import type { StoredItem } from './refs.ts';

const query = z.object({
  compressionLevel: z
    .preprocess(
      (value) => (typeof value === 'string' && /^\d$/.test(value) ? Number(value) : value),
      z.int().min(0).max(9),
    )
    .optional()
    .meta({ description: 'How hard to pack: 0 not at all, 9 most.', default: 1, example: 1 }),
});

const binary = { schema: z.string().meta({ format: 'binary' }) };

/** `:data`: workflows and groups as ZIP archives, files as they are (reference section 7.4). */
export function addItemDownload(scope: FastifyInstance, context: DialectContext): void {
  itemRoute(scope, {
    method: 'GET',
    action: 'data',
    access: { scope: 'workflows:read' },
    query,
    doc: {
      id: 'knimeGetData',
      tag: 'Repository',
      summary: 'Download an item',
      description:
        'A workflow or a group comes as a ZIP archive with one folder at its root; a data file comes as it is. `Accept` is passed over.',
      responses: {
        200: {
          description: 'The item.',
          headers: { 'Content-Disposition': { description: 'File name.', example: 'attachment; filename="wf.zip"' } },
          content: { [WORKFLOW_ARCHIVE]: binary, [GROUP_ARCHIVE]: binary, 'application/octet-stream': binary },
        },
        304: { description: 'You have it already.' },
      },
      errors: ['not-found', 'invalid-path'],
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const item = await getItem(context, principal, itemPath(request));
      const { items } = context.engine;
      if (item.kind === 'file') {
        return sendDownload(request, reply, {
          name: nameOf(item.path),
          contentType: mediaTypeOf(item.path),
          bytes: item.bytes,
          etag: `${item.bytes}-${item.modifiedAt}`,
          modifiedAt: item.modifiedAt,
          open: (range) => items.open(principal, item, range),
        });
      }
      if (isKnown(request, reply, item)) return reply.code(304).send();
      const name = item.path === '/' ? 'repository' : nameOf(item.path);
      reply
        .type(item.kind === 'workflow' ? WORKFLOW_ARCHIVE : GROUP_ARCHIVE)
        .header('content-disposition', contentDisposition(`${name}.zip`));
      // An empty stream: without any, Fastify would write a length of its own.
      if (request.method === 'HEAD') return reply.send(Readable.from([]));
      return reply.send(await items.archive(principal, item, request.query.compressionLevel ?? 1));
    },
  });
}

/** Whether the client has this content of a workflow already; clients ask by time as well as by tag. */
function isKnown(request: FastifyRequest, reply: FastifyReply, { kind, bytes, modifiedAt }: StoredItem): boolean {
  // The time of a folder says nothing of what lies deeper down.
  if (kind !== 'workflow') return false;
  const etag = `"${bytes}-${modifiedAt}"`;
  reply.headers({
    etag,
    'last-modified': new Date(modifiedAt).toUTCString(),
    'cache-control': 'private, no-cache',
  });
  const tags = request.headers['if-none-match'];
  if (tags !== undefined) return matchesTag(tags, etag);
  const since = Date.parse(request.headers['if-modified-since'] ?? '');
  // Header times have no fractions.
  return Number.isFinite(since) && Math.floor(modifiedAt / 1000) * 1000 <= since;
}
