import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { matchesTag } from '../../../http/downloads.ts';
import { addSinglePage } from '../../../http/single-page.ts';
import { fail } from '../../../model/errors.ts';
import type { WorkflowVersion } from '../../../model/workflow.ts';
import { PAGES, ROOT } from '../addresses.ts';
import { itemPath, itemRoute } from '../item-route.ts';
import { linksOf } from '../links.ts';
import { JSON_TYPE } from '../mason.ts';
import { stringifyExact } from '../parameters/exact-json.ts';
import { flag } from '../query.ts';
import { getWorkflowItem } from './find-item.ts';
import { itemDocument } from './item-document.ts';
import { nameOf } from './item-wire.ts';
import { drawWorkflow } from './picture.ts';
import type { StoredItem } from './refs.ts';

const html = 'text/html';
const svg = 'image/svg+xml';

/** What is made of a definition for people: its API description, as a page too, and its picture. */
export function addItemPages(scope: FastifyInstance, context: DialectContext): void {
  const access = { scope: 'workflows:read' } as const;
  const page = addSinglePage(scope, { pages: PAGES, prefix: ROOT, script: '/workflow-page.js', access: 'public' });

  /** The workflow a request is about, with its path for documents and the version that serves. */
  const find = async (request: FastifyRequest) => {
    const item = await getWorkflowItem(context, caller(request), itemPath(request));
    return { item, version: goodVersion(item) };
  };

  itemRoute(scope, {
    method: 'GET',
    action: 'openapi',
    access,
    query: z.object({ showInUI: flag('True: as a page to try it out.') }),
    doc: {
      id: 'knimeGetItemOpenApi',
      tag: 'Repository',
      summary: 'Read what a workflow takes and gives',
      description: 'An OpenAPI document of this workflow alone, with a schema of its input parameters.',
      responses: {
        200: {
          description: 'The document, or the page.',
          content: {
            [JSON_TYPE]: { schema: z.looseObject({ openapi: z.string() }), example: { openapi: '3.0.1' } },
            [html]: { schema: z.string() },
          },
        },
      },
      errors: ['not-found', 'invalid-path', 'invalid-definition'],
    },
    handler: async (request, reply) => {
      const { item, version } = await find(request);
      const { root, item: addressOf } = linksOf(request, context);
      const address = addressOf(item.path);
      if (request.query.showInUI === true) {
        // Without `/knime/rest`, or what older servers have in its place.
        const base = new URL(root).pathname.split('/').slice(0, -2).join('/');
        return page.send(reply, { title: nameOf(item.path), document: `${new URL(address).pathname}:openapi`, base });
      }
      const server = root.slice(0, -'/rest'.length);
      const document = itemDocument({
        name: nameOf(item.path),
        path: address.slice(server.length),
        server,
        info: version.info,
      });
      return reply.header('content-type', `${JSON_TYPE};charset=UTF-8`).send(stringifyExact(document));
    },
  });

  itemRoute(scope, {
    method: 'GET',
    action: 'image',
    access,
    doc: {
      id: 'knimeGetImage',
      tag: 'Repository',
      summary: 'Read the picture of a workflow',
      responses: {
        200: { description: 'A drawing of its steps.', content: { [svg]: { schema: z.string() } } },
        304: { description: 'You have it already.' },
      },
      errors: ['not-found', 'invalid-path', 'invalid-input', 'invalid-definition'],
    },
    handler: async (request, reply) => {
      const { item, version } = await find(request);
      const etag = `"${version.hash}"`;
      reply.header('etag', etag).header('cache-control', 'private, no-cache');
      if (matchesTag(request.headers['if-none-match'], etag)) return reply.code(304).send();
      const title = version.info.title ?? nameOf(item.path);
      const picture = drawWorkflow(title, context.engine.workflows.outline(version), version.hash.slice(0, 12));
      return reply
        .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox")
        .type(svg)
        .send(picture);
    },
  });
}

/** The version that serves. Throws `invalid-definition` while there is none. */
function goodVersion({ path, workflow }: StoredItem): WorkflowVersion {
  if (workflow?.current !== undefined) return workflow.current;
  const issues = workflow?.issues ?? [];
  throw fail('invalid-definition', {
    detail: `Workflow '${path}' has errors and no good version: ${issues[0]?.message ?? 'it cannot be read'}`,
    errors: issues.map(({ pointer = '', ...issue }) => ({ pointer, in: 'definition' as const, ...issue })),
  });
}
