import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { route } from '../../http/routes.ts';
import { notBlank, single } from './fields.ts';
import { envelopeOf, exampleOf, listed, pagingQuery, windowOf } from './paging.ts';
import { FmeRefusal } from './refusals.ts';
import { deleteRepository, getRepository, listRepositories, makeRepository } from './repositories.ts';
import { exampleRepository, FmeRepository, repositoryWire } from './repository-wire.ts';
import { findRepository } from './workspaces.ts';

const FmeNewRepository = z
  .object({
    name: notBlank('Name; `A/B` makes a folder in a folder.', 'Samples'),
    description: z.string().max(10_000).optional().meta({ description: 'What it is for.', example: 'Of the team' }),
  })
  .meta({ id: 'FmeNewRepository' });
const FmeRepositoryChange = z
  .object({ description: z.string().max(10_000).optional().meta({ description: 'What it is for.' }) })
  .meta({ id: 'FmeRepositoryChange' });

export const repositoryParams = z.object({
  repository: z.string().min(1).max(1024).meta({ description: 'Name of the repository.', example: 'Tutorials' }),
});

const tag = 'Repositories';
const read = { scope: 'workflows:read' } as const;
const write = { scope: 'workflows:write' } as const;

/** Repositories (reference section 4.1). */
export function addRepositories(scope: FastifyInstance, context: DialectContext): void {
  const { engine, basePath } = context;
  route(scope, {
    method: 'GET',
    url: '/repositories',
    access: read,
    query: z.object({
      filterString: single('Part of name, description or owner, in any case.', 'tut'),
      ...pagingQuery,
    }),
    doc: {
      id: 'fmeListRepositories',
      tag,
      summary: 'List repositories',
      responses: {
        200: {
          description: 'One page.',
          schema: envelopeOf(FmeRepository, 'FmeRepositories'),
          example: exampleOf(exampleRepository),
        },
      },
    },
    handler: async (request, reply) => {
      const { filterString, ...paging } = request.query;
      const found = await listRepositories(context, caller(request), filterString);
      const { items, ...rest } = listed(found, windowOf(paging));
      return reply.send({ items: items.map(repositoryWire), ...rest });
    },
  });

  route(scope, {
    method: 'POST',
    url: '/repositories',
    access: write,
    body: FmeNewRepository,
    doc: {
      id: 'fmeCreateRepository',
      tag,
      summary: 'Make a repository',
      requestBody: {
        content: { 'application/json': { schema: FmeNewRepository, example: { name: 'Samples', description: '' } } },
      },
      responses: {
        201: {
          description: 'It is there.',
          schema: FmeRepository,
          headers: { Location: { description: 'Its address.', example: '/fmeapiv4/repositories/Samples' } },
          example: exampleRepository,
        },
      },
      errors: ['exists', 'not-found'],
    },
    handler: async (request, reply) => {
      const made = repositoryWire(await makeRepository(context, caller(request), request.body));
      return reply
        .code(201)
        .header('location', `${basePath}/fmeapiv4/repositories/${encodeURIComponent(made.name)}`)
        .send(made);
    },
  });

  route(scope, {
    method: 'GET',
    url: '/repositories/:repository',
    access: read,
    params: repositoryParams,
    doc: {
      id: 'fmeGetRepository',
      tag,
      summary: 'Read a repository',
      responses: { 200: { description: 'The repository.', schema: FmeRepository, example: exampleRepository } },
      errors: ['not-found'],
    },
    handler: async (request, reply) =>
      reply.send(repositoryWire(await getRepository(context, caller(request), request.params.repository))),
  });

  route(scope, {
    method: 'PUT',
    url: '/repositories/:repository',
    access: write,
    params: repositoryParams,
    body: FmeRepositoryChange,
    doc: {
      id: 'fmeUpdateRepository',
      tag,
      summary: 'Describe a repository',
      requestBody: {
        content: { 'application/json': { schema: FmeRepositoryChange, example: { description: 'Of the team' } } },
      },
      responses: { 204: { description: 'It is changed.' } },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const folder = await findRepository(context, principal, request.params.repository);
      const { description } = request.body;
      if (description !== undefined) await engine.folders.describe(principal, folder, description);
      return reply.code(204).send();
    },
  });

  route(scope, {
    method: 'DELETE',
    url: '/repositories/:repository',
    access: write,
    params: repositoryParams,
    doc: {
      id: 'fmeDeleteRepository',
      tag,
      summary: 'Delete a repository',
      description: 'With its workspaces and files. Jobs that were submitted keep their version and run on.',
      responses: {
        204: { description: 'It is gone.' },
        422: { description: 'It holds other repositories, or is the root.', schema: FmeRefusal },
      },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      await deleteRepository(context, caller(request), request.params.repository);
      return reply.code(204).send();
    },
  });
}
