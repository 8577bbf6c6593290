import { securitySchemes } from '../../http/openapi.ts';
import type { OpenApiVersion } from '../../http/openapi-schema.ts';
import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import type { Workflow, WorkflowVersion } from '../../model/workflow.ts';
import { toSchema30 } from './schema-30.ts';
import { workflowAddress } from './workflow-wire.ts';

/** OpenAPI document of one workflow: its input schema is the body, its output schema the answer. */
export function workflowDocument(
  workflow: Workflow,
  { info, hash }: WorkflowVersion,
  version: OpenApiVersion,
  servers: { url: string; description?: string }[],
): unknown {
  const shape = (schema: JsonObject | undefined) => (version === '3.0.3' ? toSchema30(schema ?? {}) : (schema ?? {}));
  const path = workflowAddress(workflow.path, '');
  const title = info.title ?? workflow.path;
  const requestBody = {
    required: info.inputSchema?.['required'] !== undefined,
    content: { 'application/json': { schema: shape(info.inputSchema), example: exampleOf(info.inputSchema) } },
  };
  const problem = (description: string) => ({
    description,
    content: { 'application/problem+json': { schema: { type: 'object', additionalProperties: true } } },
  });
  const errors = {
    '401': problem('Sign in first.'),
    '403': problem('You may not run it.'),
    '422': problem('The input does not fit.'),
  };
  const job = { type: 'object', additionalProperties: true, description: 'The job, as `GET /jobs/{id}` answers it.' };
  const prefer = {
    name: 'Prefer',
    in: 'header',
    required: false,
    schema: { type: 'string' },
    description: '`wait=N` waits up to N seconds for the end.',
    example: 'wait=10',
  };
  const operation = (id: string, summary: string, responses: unknown) => ({
    post: {
      operationId: id,
      summary,
      tags: ['Run'],
      ...(info.description === undefined ? {} : { description: info.description }),
      parameters: [prefer],
      requestBody,
      responses,
    },
  });
  const accepted = { description: 'It is on disk and runs.', content: { 'application/json': { schema: job } } };
  return {
    openapi: version,
    info: {
      title,
      version: info.declaredVersion ?? hash.slice(0, 12),
      ...(info.description === undefined ? {} : { description: info.description }),
    },
    servers,
    security: Object.keys(securitySchemes).map((name) => ({ [name]: [] })),
    tags: [{ name: 'Run', description: `Run ${title}.` }],
    paths: {
      [`${path}:execution`]: operation('execute', `Run ${title} and get its output`, {
        '200': { description: 'The output.', content: { 'application/json': { schema: shape(info.outputSchema) } } },
        '202': accepted,
        ...errors,
        '500': problem('The run failed.'),
      }),
      [`${path}:jobs`]: operation('submit', `Start ${title}`, {
        '200': { description: 'It has ended within the wait.', content: { 'application/json': { schema: job } } },
        '202': accepted,
        ...errors,
      }),
    },
    components: { securitySchemes },
  };
}

/** An input to start from: the author's example, or one made of those of the properties. */
export function exampleOf(schema: JsonObject | undefined): Json {
  const { examples, properties } = schema ?? {};
  if (Array.isArray(examples) && examples[0] !== undefined) return examples[0];
  if (!isJsonObject(properties)) return {};
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, property]): [string, Json][] => {
      const { examples, default: fallback, enum: values } = isJsonObject(property) ? property : {};
      const value = Array.isArray(examples)
        ? examples[0]
        : (fallback ?? (Array.isArray(values) ? values[0] : undefined));
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
