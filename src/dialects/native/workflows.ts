import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { matchesTag } from '../../http/downloads.ts';
import { queryFlag, queryInteger } from '../../http/query.ts';
import { route } from '../../http/routes.ts';
import { fail } from '../../model/errors.ts';
import { nextLink } from './paging.ts';
import { exampleWorkflow, Parameters, Workflow, WorkflowFolder, WorkflowPage } from './workflow-schemas.ts';
import { folderWire, parametersWire, workflowWire } from './workflow-wire.ts';

/** The wildcard of a workflow address without its verb. A colon in a name is written `%3A` there. */
export function workflowPath(request: FastifyRequest, verb?: string): string {
  const rest = (request.params as { '*'?: string })['*'] ?? '';
  return `/${verb === undefined ? rest : rest.slice(0, -(verb.length + 1))}`;
}

export const pathParameters = {
  path: {
    description:
      'Path in the repository without the first slash. Slashes may be written as they are or as `%2F`, a colon as `%3A`.',
    example: 'Tutorials/10seconds',
  },
};
export const etagHeader = { ETag: { description: 'Hash of the definition.', example: `"${exampleWorkflow.version}"` } };

const under = z
  .string()
  .min(1)
  .max(1024)
  .optional()
  .meta({ description: 'Folder; default the root.', example: '/Examples' });

const listQuery = z.strictObject({
  under,
  deep: queryFlag('False: only what lies in the folder itself.', true, true),
  search: z.string().min(1).max(200).optional().meta({ description: 'Part of path or title.', example: 'seconds' }),
  limit: queryInteger({ min: 1, max: 1000, default: 100, description: 'Workflows on one page.' }),
  cursor: z.string().min(1).max(2000).optional().meta({ description: '`next` of the page before.', example: 'abc' }),
});

/** Reading the repository. */
export function addWorkflows(scope: FastifyInstance, { engine, basePath }: DialectContext): void {
  const access = { scope: 'workflows:read' } as const;
  route(scope, {
    method: 'GET',
    url: '/workflows',
    access,
    query: listQuery,
    doc: {
      id: 'listWorkflows',
      tag: 'Workflows',
      summary: 'List workflows',
      description: 'What you may see, by path; broken ones with their issues.',
      responses: {
        200: {
          description: 'One page.',
          schema: WorkflowPage,
          headers: { Link: { description: 'Next page.', example: '</workflows?cursor=abc>; rel="next"' } },
          example: { items: [exampleWorkflow] },
        },
      },
      errors: ['not-found', 'invalid-path'],
      flow: { order: 1 },
    },
    handler: async (request, reply) => {
      const { under, deep = true, search, limit, cursor } = request.query;
      const page = await engine.workflows.list(caller(request), {
        ...(under === undefined ? {} : { under }),
        deep,
        ...(search === undefined ? {} : { search }),
        ...(cursor === undefined ? {} : { cursor }),
        limit: limit ?? 100,
      });
      if (page.next !== undefined) reply.header('link', nextLink(request, basePath, page.next));
      return reply.send({
        items: page.items.map((workflow) => workflowWire(workflow, basePath)),
        ...(page.next === undefined ? {} : { next: page.next }),
      });
    },
  });

  route(scope, {
    method: 'GET',
    url: '/workflows::tree',
    verb: 'tree',
    access,
    query: z.strictObject({ under }),
    doc: {
      id: 'getWorkflowTree',
      tag: 'Workflows',
      summary: 'The repository as a tree',
      responses: {
        200: {
          description: 'Folders and workflows.',
          schema: WorkflowFolder,
          example: { path: '/', folders: [], workflows: [{ path: '/hello', title: 'Hello', broken: false }] },
        },
      },
      errors: ['not-found', 'invalid-path'],
      flow: { order: 2 },
    },
    handler: async (request, reply) =>
      reply.send(folderWire(await engine.workflows.tree(caller(request), request.query.under))),
  });

  route(scope, {
    method: 'GET',
    url: '/workflows/*',
    access,
    doc: {
      id: 'getWorkflow',
      tag: 'Workflows',
      summary: 'Read a workflow',
      path: '/workflows/{path}',
      pathParameters,
      responses: {
        200: {
          description: 'What the server knows of it.',
          schema: Workflow,
          headers: etagHeader,
          example: exampleWorkflow,
        },
      },
      errors: ['not-found', 'forbidden', 'invalid-path'],
      flow: { order: 10 },
    },
    handler: async (request, reply) => {
      const workflow = await engine.workflows.get(caller(request), workflowPath(request));
      if (workflow.current !== undefined) reply.header('etag', `"${workflow.current.hash}"`);
      return reply.send(workflowWire(workflow, basePath));
    },
  });

  route(scope, {
    method: 'GET',
    url: '/workflows/*',
    verb: 'source',
    access,
    doc: {
      id: 'getWorkflowSource',
      tag: 'Workflows',
      summary: 'Download a definition',
      path: '/workflows/{path}:source',
      pathParameters,
      headers: { 'If-None-Match': { description: 'ETag of what you have.', example: `"${exampleWorkflow.version}"` } },
      responses: {
        200: {
          description: 'The file as it lies there.',
          content: { 'text/plain': { schema: z.string(), example: 'document:\n  dsl: 1.0.3\n' } },
          headers: etagHeader,
        },
        304: { description: 'You have it already.' },
      },
      errors: ['not-found', 'forbidden', 'invalid-path'],
      flow: { order: 11 },
    },
    handler: async (request, reply) => {
      const { text, hash } = await engine.workflows.source(caller(request), workflowPath(request, 'source'));
      reply.header('etag', `"${hash}"`).header('cache-control', 'private, no-cache');
      if (matchesTag(request.headers['if-none-match'], `"${hash}"`)) return reply.code(304).send();
      return reply
        .type('text/plain; charset=utf-8')
        .header('content-security-policy', "default-src 'none'; sandbox")
        .send(text);
    },
  });

  route(scope, {
    method: 'GET',
    url: '/workflows/*',
    verb: 'parameters',
    access,
    doc: {
      id: 'getWorkflowParameters',
      tag: 'Workflows',
      summary: 'What input a workflow takes',
      path: '/workflows/{path}:parameters',
      pathParameters,
      responses: {
        200: {
          description: 'The parameters one by one, and the whole schema.',
          schema: Parameters,
          example: {
            path: '/Tutorials/10seconds',
            version: exampleWorkflow.version,
            parameters: [{ name: 'location', required: true, type: 'array', description: 'Where' }],
            schema: { type: 'object', required: ['location'] },
          },
        },
      },
      errors: ['not-found', 'forbidden', 'invalid-path', 'invalid-definition'],
      flow: { order: 12 },
    },
    handler: async (request, reply) => {
      const { path, current, issues } = await engine.workflows.get(
        caller(request),
        workflowPath(request, 'parameters'),
      );
      if (current === undefined) throw brokenDefinition(path, issues);
      const { inputSchema } = current.info;
      return reply.send({
        path,
        version: current.hash,
        parameters: parametersWire(inputSchema),
        schema: inputSchema ?? {},
      });
    },
  });
}

/** The refusal for a workflow that has no good version yet. */
export const brokenDefinition = (
  path: string,
  issues: readonly { message: string; line?: number; column?: number; pointer?: string }[],
) =>
  fail('invalid-definition', {
    detail: `${path} has errors and no good version: ${issues[0]?.message ?? 'it cannot be read'}`,
    errors: issues.map(({ pointer = '', ...issue }) => ({ pointer, in: 'definition' as const, ...issue })),
  });
