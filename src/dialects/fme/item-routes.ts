import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { takeMultipart } from '../../http/multipart.ts';
import { route } from '../../http/routes.ts';
import { flag } from './fields.ts';
import { acceptHeader, itemResponses, sendDefinition, wantsFile } from './item-download.ts';
import { nameOf } from './names.ts';
import { repositoryParams } from './repository-routes.ts';
import { upload } from './upload.ts';
import { getWorkspace } from './workspace-list.ts';
import { workspaceParams } from './workspace-parameters.ts';
import { exampleItem, FmeWorkspaceItem } from './workspace-schemas.ts';
import { workspaceItemWire } from './workspace-wire.ts';
import { findWorkspace, removeWorkspace } from './workspaces.ts';

const tag = 'Repositories';
const write = { scope: 'workflows:write' } as const;
const form = z.object({ file: z.any().meta({ description: 'The workspace, and files that belong to it.' }) });
const requestBody = { content: { 'multipart/form-data': { schema: form } } };
const item = { schema: FmeWorkspaceItem, example: exampleItem };

/** Upload, download and delete definitions (reference section 4.4). */
export async function addItems(scope: FastifyInstance, context: DialectContext): Promise<void> {
  const { basePath } = context;
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
        id: 'fmeUploadItem',
        tag,
        summary: 'Upload a workspace',
        description:
          'The field `file` may come several times: a definition of a workflow, called `name.fmw` or by the ending of its ' +
          'language, and files that lie beside it. All are stored or none; a broken definition is refused with its faults.',
        requestBody,
        responses: {
          201: {
            description: 'The workspace; of several the first.',
            ...item,
            headers: {
              Location: { description: 'Its address.', example: '/fmeapiv4/workspaces/Tutorials/10seconds.fmw' },
            },
          },
        },
        errors: ['not-found', 'exists', 'invalid-definition', 'too-large'],
      },
      handler: async (request, reply) => {
        const { repository } = request.params;
        const { overwrite = false } = request.query;
        const [name] = await upload(request, context, repository, { overwrite });
        const made = workspaceItemWire(await getWorkspace(context, caller(request), name!));
        const address = [made.repositoryName, made.name].map(encodeURIComponent).join('/');
        return reply.code(201).header('location', `${basePath}/fmeapiv4/workspaces/${address}`).send(made);
      },
    });

    route(uploads, {
      method: 'PUT',
      url: '/repositories/:repository/items/:workspace',
      access: write,
      upload: true,
      bodyLimit: context.limits.uploadBytes,
      params: workspaceParams,
      doc: {
        id: 'fmeReplaceItem',
        tag,
        summary: 'Replace a workspace',
        description:
          'With the one file of the body, whatever it is called. Jobs that were submitted keep their version.',
        requestBody,
        responses: { 200: { description: 'As it is now.', ...item } },
        errors: ['not-found', 'invalid-definition', 'too-large'],
      },
      handler: async (request, reply) => {
        const name = nameOf((await findWorkspace(context, caller(request), request.params)).path);
        await upload(request, context, name.repository, { overwrite: true, named: name.workspace });
        return reply.send(workspaceItemWire(await getWorkspace(context, caller(request), name)));
      },
    });
  });

  route(scope, {
    method: 'GET',
    url: '/repositories/:repository/items/:workspace',
    access: { scope: 'workflows:read' },
    params: workspaceParams,
    doc: {
      id: 'fmeGetItem',
      tag,
      summary: 'Read or download a workspace',
      headers: acceptHeader,
      responses: itemResponses(item),
      errors: ['not-found', 'range-not-satisfiable'],
    },
    handler: async (request, reply) =>
      wantsFile(request)
        ? sendDefinition(request, reply, context, request.params)
        : reply.send(workspaceItemWire(await getWorkspace(context, caller(request), request.params))),
  });

  route(scope, {
    method: 'DELETE',
    url: '/repositories/:repository/items/:workspace',
    access: write,
    params: workspaceParams,
    doc: {
      id: 'fmeDeleteItem',
      tag,
      summary: 'Delete a workspace of a repository',
      description: 'Jobs that were submitted keep their version and run on.',
      responses: { 204: { description: 'It is gone.' } },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      await removeWorkspace(context, caller(request), request.params);
      return reply.code(204).send();
    },
  });
}
