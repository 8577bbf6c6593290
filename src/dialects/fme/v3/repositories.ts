import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import type { FolderView } from '../../../engine/folders.ts';
import { caller } from '../../../http/access.ts';
import { readForms } from '../../../http/forms.ts';
import { route } from '../../../http/routes.ts';
import { fail, isMillraceError } from '../../../model/errors.ts';
import { readBean } from '../bean-validation.ts';
import { notBlank } from '../fields.ts';
import { messages } from '../messages.ts';
import { repositoryOf } from '../names.ts';
import { envelopeOf, exampleOf, listed, pagingQuery, windowOf } from '../paging.ts';
import { FmeRefusal } from '../refusals.ts';
import { deleteRepository, getRepository, listRepositories, makeRepository } from '../repositories.ts';
import { repositoryParams } from '../repository-routes.ts';

export const REPOSITORIES_TAG = 'V3 Repositories';

const FmeV3Repository = z
  .object({ owner: z.string(), name: z.string(), description: z.string(), sharable: z.boolean() })
  .meta({ id: 'FmeV3Repository' });
const FmeV3NewRepository = z
  .object({
    name: notBlank('Its name.', 'Samples'),
    description: z.string().max(10_000).optional().meta({ description: 'What it is for.', example: 'Of the team' }),
  })
  .meta({ id: 'FmeV3NewRepository' });
const example = { owner: 'admin', name: 'Tutorials', description: 'Workspaces of the REST tutorial', sharable: true };

const wire = ({ path, author = '', description = '' }: FolderView) => ({
  owner: author,
  name: repositoryOf(path),
  description,
  sharable: true,
});

/** Repositories (reference section 9.3). */
export async function addV3Repositories(scope: FastifyInstance, context: DialectContext): Promise<void> {
  const tag = REPOSITORIES_TAG;
  route(scope, {
    method: 'GET',
    url: '/repositories',
    access: { scope: 'workflows:read' },
    query: z.object(pagingQuery),
    doc: {
      id: 'fmeV3ListRepositories',
      tag,
      summary: 'V3: list repositories',
      responses: {
        200: {
          description: 'One page.',
          schema: envelopeOf(FmeV3Repository, 'FmeV3Repositories'),
          example: exampleOf(example),
        },
      },
    },
    handler: async (request, reply) => {
      const found = await listRepositories(context, caller(request), undefined);
      return reply.send(listed(found.map(wire), windowOf(request.query)));
    },
  });

  await scope.register(async (forms) => {
    readForms(forms);
    route(forms, {
      method: 'POST',
      url: '/repositories',
      access: { scope: 'workflows:write' },
      doc: {
        id: 'fmeV3CreateRepository',
        tag,
        summary: 'V3: make a repository',
        requestBody: {
          content: {
            'application/x-www-form-urlencoded': { schema: FmeV3NewRepository, example: { name: 'Samples' } },
            'application/json': { schema: FmeV3NewRepository },
          },
        },
        responses: {
          201: { description: 'It is there.', schema: FmeV3Repository, example },
          422: { description: 'The name does not fit.', schema: z.looseObject({ message: z.string() }) },
        },
        errors: ['exists', 'not-found'],
      },
      handler: async (request, reply) => {
        try {
          const asked = readBean(FmeV3NewRepository, request.body ?? {});
          return await reply.code(201).send(wire(await makeRepository(context, caller(request), asked)));
        } catch (error) {
          // There a value that does not fit is 422.
          if (!isMillraceError(error) || error.code !== 'invalid-input') throw error;
          throw fail('invalid-input', { ...error.options, status: 422 });
        }
      },
    });
  });

  route(scope, {
    method: 'GET',
    url: '/repositories/:repository',
    access: { scope: 'workflows:read' },
    params: repositoryParams,
    doc: {
      id: 'fmeV3GetRepository',
      tag,
      summary: 'V3: read a repository',
      responses: { 200: { description: 'The repository.', schema: FmeV3Repository, example } },
      errors: ['not-found'],
    },
    handler: async (request, reply) =>
      reply.send(wire(await getRepository(context, caller(request), request.params.repository))),
  });

  route(scope, {
    method: 'DELETE',
    url: '/repositories/:repository',
    access: { scope: 'workflows:write' },
    params: repositoryParams,
    doc: {
      id: 'fmeV3DeleteRepository',
      tag,
      summary: 'V3: delete a repository',
      description: 'With its workspaces and files.',
      responses: {
        204: { description: 'It is gone.' },
        422: { description: 'It holds other repositories, or is the root.', schema: FmeRefusal },
      },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const { repository } = request.params;
      try {
        await deleteRepository(context, caller(request), repository);
      } catch (error) {
        if (!isMillraceError(error) || error.code !== 'not-found') throw error;
        throw fail('not-found', messages.noRepository(repository));
      }
      return reply.code(204).send();
    },
  });
}
