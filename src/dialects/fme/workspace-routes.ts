import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { route } from '../../http/routes.ts';
import { itemTypes, single } from './fields.ts';
import { envelopeOf, exampleOf, pagingQuery, windowOf } from './paging.ts';
import { repositoryParams } from './repository-routes.ts';
import { getWorkspace, listItems, listWorkspaces } from './workspace-list.ts';
import { workspaceParams } from './workspace-parameters.ts';
import {
  exampleItem,
  exampleServices,
  exampleWorkspace,
  FmeServices,
  FmeWorkspace,
  FmeWorkspaceItem,
} from './workspace-schemas.ts';
import { servicesWire, workspaceItemWire, workspaceWire } from './workspace-wire.ts';
import { findWorkspace, removeWorkspace } from './workspaces.ts';

const tag = 'Workspaces';
const read = { scope: 'workflows:read' } as const;
const FmeWorkspaces = envelopeOf(FmeWorkspaceItem, 'FmeWorkspaces');
const page = { 200: { description: 'One page.', schema: FmeWorkspaces, example: exampleOf(exampleItem) } };

/** Lists of workspaces, and one of them (reference sections 4.2 to 4.4). */
export function addWorkspaces(scope: FastifyInstance, context: DialectContext): void {
  route(scope, {
    method: 'GET',
    url: '/workspaces',
    access: read,
    query: z.object({
      repository: single('Name of the repository; without it those of all.', 'Tutorials'),
      filterString: single('Part of name, title or description, in any case.', 'seconds'),
      ...pagingQuery,
    }),
    doc: { id: 'fmeListWorkspaces', tag, summary: 'List workspaces', responses: page, errors: ['not-found'] },
    handler: async (request, reply) => {
      const { repository, filterString: filter, ...paging } = request.query;
      const asked = { repository, filter, window: windowOf(paging) };
      const { items, ...rest } = await listWorkspaces(context, caller(request), asked);
      return reply.send({ items: items.map(workspaceItemWire), ...rest });
    },
  });

  route(scope, {
    method: 'GET',
    url: '/repositories/:repository/items',
    access: read,
    params: repositoryParams,
    query: z.object({ type: itemTypes, ...pagingQuery }),
    doc: {
      id: 'fmeListItems',
      tag,
      summary: 'List the items of a repository',
      description: 'All items are workspaces; lists of other types are empty.',
      responses: page,
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const { type: types, ...paging } = request.query;
      const asked = { repository: request.params.repository, types, window: windowOf(paging) };
      const { items, ...rest } = await listItems(context, caller(request), asked);
      return reply.send({ items: items.map(workspaceItemWire), ...rest });
    },
  });

  route(scope, {
    method: 'GET',
    url: '/workspaces/:repository/:workspace',
    access: read,
    params: workspaceParams,
    doc: {
      id: 'fmeGetWorkspace',
      tag,
      summary: 'Read a workspace',
      description: '`resources` are the files beside it in its repository.',
      responses: { 200: { description: 'The workspace.', schema: FmeWorkspace, example: exampleWorkspace } },
      errors: ['not-found'],
    },
    handler: async (request, reply) =>
      reply.send(workspaceWire(await getWorkspace(context, caller(request), request.params))),
  });

  route(scope, {
    method: 'DELETE',
    url: '/workspaces/:repository/:workspace',
    access: { scope: 'workflows:write' },
    params: workspaceParams,
    doc: {
      id: 'fmeDeleteWorkspace',
      tag,
      summary: 'Delete a workspace',
      description: 'Jobs that were submitted keep their version and run on.',
      responses: { 204: { description: 'It is gone.' } },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      await removeWorkspace(context, caller(request), request.params);
      return reply.code(204).send();
    },
  });

  route(scope, {
    method: 'GET',
    url: '/workspaces/:repository/:workspace/services',
    access: read,
    params: workspaceParams,
    doc: {
      id: 'fmeGetServices',
      tag,
      summary: 'Services of a workspace',
      responses: { 200: { description: 'By name.', schema: FmeServices, example: exampleServices } },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      await findWorkspace(context, caller(request), request.params);
      return reply.send(servicesWire());
    },
  });
}
