import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { route } from '../../../http/routes.ts';
import { REPOSITORY } from '../addresses.ts';
import { itemPath, itemRoute } from '../item-route.ts';
import { linksOf } from '../links.ts';
import { masonAnswer, masonMembers, namespaces, sendMason } from '../mason.ts';
import { flag } from '../query.ts';
import { getItem, getWorkflowItem } from './find-item.ts';
import { exampleData, Item } from './item-schemas.ts';
import { itemWire, mayDo } from './item-wire.ts';

const query = z.object({ deep: flag('True: with the whole tree below it; else one level.', true) });

/** Reading the tree and single items (reference section 7.3). */
export function addItemReads(scope: FastifyInstance, context: DialectContext): void {
  const { engine } = context;
  const access = { scope: 'workflows:read' } as const;

  route(scope, {
    method: 'GET',
    url: '/v4/repository',
    access,
    query,
    doc: {
      id: 'knimeGetRepository',
      tag: 'Repository',
      summary: 'Read the root group',
      path: REPOSITORY,
      responses: {
        200: masonAnswer('The root with what lies in it.', Item, {
          ...exampleData,
          path: '/',
          name: '/',
          children: [],
        }),
      },
    },
    handler: async (request, reply) => {
      const item = await getItem(context, caller(request), '/', depthOf(request.query));
      return sendMason(request, reply, itemWire(item, linksOf(request, context), mayDo(engine, caller(request), '/')));
    },
  });

  itemRoute(scope, {
    method: 'GET',
    access,
    query,
    doc: {
      id: 'knimeGetItem',
      tag: 'Repository',
      summary: 'Read an item',
      responses: { 200: masonAnswer('The item; a group with what lies in it.', Item, exampleData) },
      errors: ['not-found', 'invalid-path'],
    },
    handler: async (request, reply) => {
      const item = await getItem(context, caller(request), itemPath(request), depthOf(request.query));
      const may = mayDo(engine, caller(request), item.path);
      return sendMason(request, reply, itemWire(item, linksOf(request, context), may));
    },
  });

  const Configuration = z
    .looseObject({ ...masonMembers })
    .meta({ id: 'KnimeConfiguration', description: 'Configuration nodes by name; workflows here have none.' });
  itemRoute(scope, {
    method: 'GET',
    action: 'configuration',
    access,
    doc: {
      id: 'knimeGetConfiguration',
      tag: 'Repository',
      summary: "Read a workflow's configuration",
      description: 'Its parameters are in `:openapi`; there are no configuration nodes beside them.',
      responses: {
        200: masonAnswer('The configuration.', Configuration, { '@namespaces': namespaces, '@controls': {} }),
      },
      errors: ['not-found', 'invalid-path', 'invalid-input'],
    },
    handler: async (request, reply) => {
      const { path } = await getWorkflowItem(context, caller(request), itemPath(request));
      const self = `${linksOf(request, context).item(path)}:configuration`;
      return sendMason(request, reply, {
        '@namespaces': namespaces,
        '@controls': { self: { href: self, method: 'GET' } },
      });
    },
  });
}

const depthOf = ({ deep }: { deep?: boolean | undefined }): number => (deep ? Number.POSITIVE_INFINITY : 1);
