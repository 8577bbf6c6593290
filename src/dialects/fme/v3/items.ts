import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { dropBodies } from '../../../http/bodies.ts';
import { readForms } from '../../../http/forms.ts';
import { takeMultipart } from '../../../http/multipart.ts';
import { route } from '../../../http/routes.ts';
import { fail } from '../../../model/errors.ts';
import { flag, itemTypes } from '../fields.ts';
import { acceptHeader, itemResponses, sendDefinition, wantsFile } from '../item-download.ts';
import { envelopeOf, exampleOf, pagingQuery, windowOf } from '../paging.ts';
import { repositoryParams } from '../repository-routes.ts';
import { upload } from '../upload.ts';
import { getWorkspace, listItems } from '../workspace-list.ts';
import { workspaceParams } from '../workspace-parameters.ts';
import { findWorkspace, removeWorkspace } from '../workspaces.ts';
import { exampleV3Item, FmeV3Item, FmeV3Workspace, v3ItemWire, v3WorkspaceWire } from './item-wire.ts';
import { exampleV3Parameter, FmeV3Parameter, v3ParametersOf } from './parameter-wire.ts';
import { REPOSITORIES_TAG as tag } from './repositories.ts';

const read = { scope: 'workflows:read' } as const;
const write = { scope: 'workflows:write' } as const;
const form = z.object({ file: z.any().meta({ description: 'The workspace, and files that belong to it.' }) });

/** Items of repositories and their parameters (reference section 9.3). */
export async function addV3Items(scope: FastifyInstance, context: DialectContext): Promise<void> {
  route(scope, {
    method: 'GET',
    url: '/repositories/:repository/items',
    access: read,
    params: repositoryParams,
    query: z.object({ type: itemTypes, ...pagingQuery }),
    doc: {
      id: 'fmeV3ListItems',
      tag,
      summary: 'V3: list the items of a repository',
      responses: {
        200: {
          description: 'One page.',
          schema: envelopeOf(FmeV3Item, 'FmeV3Items'),
          example: exampleOf(exampleV3Item),
        },
      },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const { type: types, ...paging } = request.query;
      const asked = { repository: request.params.repository, types, window: windowOf(paging) };
      const { items, ...rest } = await listItems(context, caller(request), asked);
      return reply.send({ items: items.map(v3ItemWire), ...rest });
    },
  });

  await scope.register(async (uploads) => {
    await takeMultipart(uploads, context.limits);
    route(uploads, {
      method: 'POST',
      url: '/repositories/:repository/items',
      access: write,
      upload: true,
      bodyLimit: context.limits.uploadBytes,
      params: repositoryParams,
      query: z.object({ overwrite: flag('True: what is there under these names is replaced.') }),
      doc: {
        id: 'fmeV3UploadItem',
        tag,
        summary: 'V3: upload a workspace',
        requestBody: { content: { 'multipart/form-data': { schema: form } } },
        responses: { 201: { description: 'It is there.', schema: FmeV3Item, example: exampleV3Item } },
        errors: ['not-found', 'exists', 'invalid-definition', 'too-large'],
      },
      handler: async (request, reply) => {
        const { overwrite = false } = request.query;
        const [name] = await upload(request, context, request.params.repository, { overwrite });
        return reply.code(201).send(v3ItemWire(await getWorkspace(context, caller(request), name!)));
      },
    });
  });

  const one = { url: '/repositories/:repository/items/:workspace', params: workspaceParams } as const;
  route(scope, {
    ...one,
    method: 'GET',
    access: read,
    doc: {
      id: 'fmeV3GetItem',
      tag,
      summary: 'V3: read or download a workspace',
      headers: acceptHeader,
      responses: itemResponses({ schema: FmeV3Workspace, example: { ...exampleV3Item, parameters: [] } }),
      errors: ['not-found', 'range-not-satisfiable'],
    },
    handler: async (request, reply) =>
      wantsFile(request)
        ? sendDefinition(request, reply, context, request.params)
        : reply.send(v3WorkspaceWire(await getWorkspace(context, caller(request), request.params))),
  });

  route(scope, {
    ...one,
    method: 'DELETE',
    access: write,
    doc: {
      id: 'fmeV3DeleteItem',
      tag,
      summary: 'V3: delete a workspace',
      responses: { 204: { description: 'It is gone.' } },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      await removeWorkspace(context, caller(request), request.params);
      return reply.code(204).send();
    },
  });

  const parameters = async (request: Parameters<typeof caller>[0], name: z.output<typeof workspaceParams>) =>
    v3ParametersOf((await findWorkspace(context, caller(request), name)).current?.info.inputSchema);

  route(scope, {
    ...one,
    url: `${one.url}/parameters`,
    method: 'GET',
    access: read,
    doc: {
      id: 'fmeV3ListParameters',
      tag,
      summary: 'V3: published parameters of a workspace',
      responses: {
        200: { description: 'A bare list.', schema: z.array(FmeV3Parameter), example: [exampleV3Parameter] },
      },
      errors: ['not-found'],
    },
    handler: async (request, reply) => reply.send(await parameters(request, request.params)),
  });

  const readParameter = (from: FastifyInstance, method: 'GET' | 'POST', doc: { id: string; summary: string }): void =>
    route(from, {
      url: `${one.url}/parameters/:name`,
      method,
      access: read,
      params: workspaceParams.extend({
        name: z.string().min(1).max(1024).meta({ description: 'Name of the parameter.', example: 'location' }),
      }),
      doc: {
        ...doc,
        tag,
        responses: { 200: { description: 'The parameter.', schema: FmeV3Parameter, example: exampleV3Parameter } },
        errors: ['not-found'],
      },
      handler: async (request, reply) => {
        const { name } = request.params;
        const found = (await parameters(request, request.params)).find((parameter) => parameter.name === name);
        if (found === undefined) throw fail('not-found', `Parameter ${name} does not exist.`);
        return reply.send(found);
      },
    });
  readParameter(scope, 'GET', { id: 'fmeV3GetParameter', summary: 'V3: one published parameter' });
  await scope.register((forms) => {
    readForms(forms);
    dropBodies(forms);
    // Choices depend on no other value here: what is sent in the body makes no difference.
    readParameter(forms, 'POST', {
      id: 'fmeV3AskParameter',
      summary: 'V3: one published parameter, for values of others',
    });
  });
}
