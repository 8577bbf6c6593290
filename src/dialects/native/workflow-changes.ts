import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { route } from '../../http/routes.ts';
import { exampleSource, exampleWorkflow, MoveRequest, SourceValidation, Workflow } from './workflow-schemas.ts';
import { workflowAddress, workflowWire } from './workflow-wire.ts';
import { etagHeader, pathParameters, workflowPath } from './workflows.ts';

/** Media types of definitions and the file ending each stands for. */
const suffixes: Record<string, string> = {
  'application/yaml': '.yaml',
  'application/x-yaml': '.yaml',
  'text/yaml': '.yaml',
  'application/json': '.json',
  'application/xml': '.bpmn',
  'text/xml': '.bpmn',
  'application/bpmn+xml': '.bpmn',
  'application/typescript': '.ts',
  'text/typescript': '.ts',
  'text/javascript': '.js',
  'application/javascript': '.js',
};
const endings = ['.yaml', '.yml', '.json', '.bpmn', '.bpmn2', '.ts', '.mts', '.js', '.mjs'] as const;

const suffixQuery = z.strictObject({
  suffix: z
    .enum(endings)
    .optional()
    .meta({ description: 'File ending, where the content type does not tell it.', example: '.yaml' }),
});

const matchHeaders = {
  'If-Match': { description: 'ETag of the version you change, or `*`. Needed when the workflow exists.', example: '*' },
};
const sourceContent = Object.fromEntries(
  ['application/yaml', 'application/json', 'application/xml', 'text/javascript'].map((type) => [
    type,
    { schema: z.string(), ...(type === 'application/yaml' ? { example: exampleSource } : {}) },
  ]),
);

/** The file ending of an upload: said in the query, or what the content type stands for. */
function suffixOf(request: FastifyRequest, said: string | undefined): string | undefined {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  return said ?? (type === undefined ? undefined : suffixes[type]);
}

const headerText = (value: string | string[] | undefined): string | undefined =>
  value === undefined ? undefined : String(value);

/** Upload, check, move and delete definitions. */
export async function addWorkflowChanges(scope: FastifyInstance, { engine, basePath }: DialectContext): Promise<void> {
  const access = { scope: 'workflows:write' } as const;
  // Definitions are text of their own languages: only these routes read them, and they read nothing else.
  await scope.register(async (sources) => {
    sources.removeAllContentTypeParsers();
    sources.addContentTypeParser<string>(
      [...Object.keys(suffixes), 'application/octet-stream'],
      { parseAs: 'string' },
      (_request, body, done) => done(null, body),
    );

    route(sources, {
      method: 'PUT',
      url: '/workflows/*',
      access,
      query: suffixQuery,
      doc: {
        id: 'putWorkflow',
        tag: 'Workflows',
        summary: 'Upload a definition',
        description:
          'The body is the definition itself. It is checked first: a broken one is refused with every issue and changes nothing. ' +
          'To change an existing workflow send `If-Match`; to make sure that it is new send `If-None-Match: *`.',
        path: '/workflows/{path}',
        pathParameters,
        headers: {
          ...matchHeaders,
          'If-None-Match': { description: '`*`: only when there is none yet.', example: '*' },
        },
        requestBody: { content: sourceContent },
        responses: {
          200: { description: 'Changed.', schema: Workflow, headers: etagHeader, example: exampleWorkflow },
          201: {
            description: 'Made.',
            schema: Workflow,
            headers: { ...etagHeader, Location: { description: 'Its address.', example: '/workflows/Mine/hello' } },
            example: exampleWorkflow,
          },
        },
        errors: [
          'invalid-definition',
          'invalid-path',
          'precondition-failed',
          'precondition-required',
          'exists',
          'forbidden',
          'unavailable-feature',
        ],
        flow: { order: 3, path: { path: 'Mine/hello' } },
      },
      handler: async (request, reply) => {
        const suffix = suffixOf(request, request.query.suffix);
        const ifMatch = headerText(request.headers['if-match']);
        const ifNoneMatch = headerText(request.headers['if-none-match']);
        const { workflow, created } = await engine.workflows.put(
          caller(request),
          workflowPath(request),
          String(request.body ?? ''),
          {
            ...(suffix === undefined ? {} : { suffix }),
            ...(ifMatch === undefined ? {} : { ifMatch }),
            ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }),
          },
        );
        if (workflow.current !== undefined) reply.header('etag', `"${workflow.current.hash}"`);
        if (created) reply.code(201).header('location', workflowAddress(workflow.path, basePath));
        return reply.send(workflowWire(workflow, basePath));
      },
    });

    route(sources, {
      method: 'POST',
      url: '/workflows::validate',
      verb: 'validate',
      access: { scope: 'workflows:read' },
      query: suffixQuery,
      doc: {
        id: 'validateDefinition',
        tag: 'Workflows',
        summary: 'Check a definition without storing it',
        description: 'Parses it and never runs any of it.',
        path: '/workflows:validate',
        requestBody: { content: sourceContent },
        responses: {
          200: {
            description: 'Whether it is good, and every issue.',
            schema: SourceValidation,
            example: { valid: true, issues: [] },
          },
        },
        flow: { order: 4 },
      },
      handler: async (request, reply) => {
        const suffix = suffixOf(request, request.query.suffix) ?? '.yaml';
        const issues = engine.workflows.validateSource(String(request.body ?? ''), `definition${suffix}`);
        return reply.send({ valid: issues.length === 0, issues });
      },
    });
  });

  route(scope, {
    method: 'DELETE',
    url: '/workflows/*',
    access,
    doc: {
      id: 'deleteWorkflow',
      tag: 'Workflows',
      summary: 'Delete a workflow',
      description: 'Jobs that were submitted keep their version and run on.',
      path: '/workflows/{path}',
      pathParameters,
      headers: matchHeaders,
      responses: { 204: { description: 'It is gone.' } },
      errors: ['not-found', 'forbidden', 'invalid-path', 'precondition-failed', 'precondition-required'],
      flow: { order: 90, path: { path: 'Mine/moved' }, headers: { 'If-Match': '*' } },
    },
    handler: async (request, reply) => {
      const ifMatch = headerText(request.headers['if-match']);
      await engine.workflows.remove(caller(request), workflowPath(request), ifMatch === undefined ? {} : { ifMatch });
      return reply.code(204).send();
    },
  });

  route(scope, {
    method: 'POST',
    url: '/workflows/*',
    verb: 'move',
    access,
    body: MoveRequest,
    doc: {
      id: 'moveWorkflow',
      tag: 'Workflows',
      summary: 'Move or rename a workflow',
      path: '/workflows/{path}:move',
      pathParameters,
      headers: matchHeaders,
      requestBody: { content: { 'application/json': { schema: MoveRequest, example: { to: '/Mine/moved' } } } },
      responses: {
        200: { description: 'At its new place.', schema: Workflow, headers: etagHeader, example: exampleWorkflow },
      },
      errors: ['not-found', 'forbidden', 'invalid-path', 'exists', 'precondition-failed', 'precondition-required'],
      flow: {
        order: 80,
        path: { path: 'Mine/hello' },
        body: { to: '/Mine/moved', overwrite: true },
        headers: { 'If-Match': '*' },
      },
    },
    handler: async (request, reply) => {
      const { to, overwrite } = request.body;
      const ifMatch = headerText(request.headers['if-match']);
      const workflow = await engine.workflows.move(caller(request), workflowPath(request, 'move'), to, {
        ...(ifMatch === undefined ? {} : { ifMatch }),
        ...(overwrite === undefined ? {} : { overwrite }),
      });
      if (workflow.current !== undefined) reply.header('etag', `"${workflow.current.hash}"`);
      return reply.header('location', workflowAddress(workflow.path, basePath)).send(workflowWire(workflow, basePath));
    },
  });

  const folderDoc = {
    tag: 'Workflows',
    path: '/workflows/{path}:folder',
    pathParameters: { path: { ...pathParameters.path, example: 'Mine/empty' } },
  };
  route(scope, {
    method: 'PUT',
    url: '/workflows/*',
    verb: 'folder',
    access,
    doc: {
      ...folderDoc,
      id: 'putFolder',
      summary: 'Make a folder',
      description: 'Folders of an upload are made by themselves; this is for empty ones.',
      responses: { 204: { description: 'It is there.' } },
      errors: ['forbidden', 'invalid-path', 'exists'],
      flow: { order: 60 },
    },
    handler: async (request, reply) => {
      await engine.folders.make(caller(request), workflowPath(request, 'folder'));
      return reply.code(204).send();
    },
  });
  route(scope, {
    method: 'DELETE',
    url: '/workflows/*',
    verb: 'folder',
    access,
    doc: {
      ...folderDoc,
      id: 'deleteFolder',
      summary: 'Delete an empty folder',
      responses: { 204: { description: 'It is gone.' } },
      errors: ['not-found', 'forbidden', 'invalid-path', 'conflict'],
      flow: { order: 61 },
    },
    handler: async (request, reply) => {
      await engine.folders.remove(caller(request), workflowPath(request, 'folder'));
      return reply.code(204).send();
    },
  });
}
