import type { JsonObject } from '../../../model/json.ts';
import type { WorkflowInfo } from '../../../model/workflow.ts';
import { JSON_TYPE, MASON_TYPE } from '../mason.ts';
import { stringifyExact } from '../parameters/exact-json.ts';
import { templateOf } from '../parameters/inputs.ts';
import { fileParameters, parameterShapes } from '../parameters/shapes.ts';

/** What is described: a workflow by its path and what it says of itself. */
export interface Described {
  name: string;
  /** Path below the server's address, encoded: `/rest/v4/repository/Users/guest/wf`. */
  path: string;
  server: string;
  info: WorkflowInfo;
}

/** The OpenAPI document of one workflow, with the members and in the order clients know (reference section 12). */
export function itemDocument({ name, path, server, info }: Described) {
  const inputs = parameterShapes(info.inputSchema);
  const outputs = parameterShapes(info.outputSchema);
  const results = fileParameters(info.outputSchema);
  const template = templateOf(info.inputSchema, {});
  const answer = (description: string, schema: JsonObject) => ({
    description,
    content: { [MASON_TYPE]: { schema }, [JSON_TYPE]: { schema } },
  });
  const job: JsonObject = {
    type: 'object',
    properties: {
      id: { type: 'string', format: 'uuid' },
      state: { type: 'string' },
      outputValues: Object.keys(outputs).length === 0 ? { type: 'object' } : reference('OutputParameters'),
    },
  };
  const jobs: JsonObject = { type: 'object', properties: { jobs: { type: 'array', items: { type: 'object' } } } };
  const errors = { '400': { description: 'A parameter does not fit' }, '504': { description: 'Timeout' } };
  return {
    openapi: '3.0.1',
    info: { title: name, version: info.declaredVersion ?? '1.0.0', description: info.description ?? '' },
    servers: [{ url: server }],
    security: [{ basic: [] }, { bearer: [] }],
    tags: [{ name: 'job-control' }, { name: 'execution' }],
    paths: {
      [`${path}:jobs`]: {
        get: {
          tags: ['job-control'],
          operationId: 'listJobs',
          summary: 'List the jobs of this workflow',
          responses: { '200': answer('Jobs of this workflow', jobs) },
        },
        post: {
          tags: ['job-control'],
          operationId: 'createJob',
          summary: 'Load a job, to be run by POST /jobs/{uuid}',
          requestBody: { content: { [JSON_TYPE]: { schema: { type: 'object', properties: {} }, example: {} } } },
          responses: { '201': answer('Job loaded', job) },
        },
      },
      [`${path}:execution`]: {
        get: {
          tags: ['execution'],
          operationId: 'executeWithQuery',
          summary: 'Run with values from the query',
          parameters: [...runParameters, ...queryParameters(template)],
          responses: { '200': answer('Result', job), ...errors },
        },
        post: {
          tags: ['execution'],
          operationId: 'execute',
          summary: 'Run',
          parameters: runParameters,
          requestBody: requestBody(inputs, fileParameters(info.inputSchema), template),
          responses: { '200': answer('Result', job), ...errors },
          ...(results.length === 0 ? {} : { 'x-knime-output-resources': formOf({}, results) }),
        },
      },
    },
    components: {
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic' },
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      },
      schemas: {
        ...(Object.keys(inputs).length === 0 ? {} : { InputParameters: parameters(inputs, template) }),
        ...(Object.keys(outputs).length === 0 ? {} : { OutputParameters: parameters(outputs) }),
      },
    },
  };
}

const reference = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` });

const parameters = (properties: Record<string, JsonObject>, example?: JsonObject): JsonObject => ({
  type: 'object',
  properties,
  // Importers that make a body of a schema pass over examples, but keep to a default.
  ...(example === undefined ? {} : { example, default: example }),
});

const runParameters = [
  { name: 'reset', in: 'query', schema: { type: 'boolean', default: false } },
  { name: 'timeout', in: 'query', schema: { type: 'integer', format: 'int64', default: -1 } },
];

/** Values for `GET :execution`: what parses as JSON is JSON (reference section 8). */
const queryParameters = (template: JsonObject) =>
  Object.entries(template).map(([name, value]) => {
    const text = typeof value === 'string' ? value : stringifyExact(value);
    return {
      name: `pm:${name}`,
      in: 'query',
      description: 'As JSON; what is none is taken as text.',
      schema: { type: 'string', default: text },
      example: text,
    };
  });

function requestBody(inputs: Record<string, JsonObject>, files: readonly FileParameter[], template: JsonObject) {
  const named = Object.keys(inputs).length > 0;
  return {
    content: {
      ...(files.length === 0 ? {} : { 'multipart/form-data': formOf(inputs, files) }),
      [JSON_TYPE]: {
        schema: named ? reference('InputParameters') : { type: 'object', properties: {} },
        example: template,
      },
    },
  };
}

type FileParameter = ReturnType<typeof fileParameters>[number];

/** A form with one part for each parameter; files as bytes, everything else as JSON. */
function formOf(inputs: Record<string, JsonObject>, files: readonly FileParameter[]) {
  return {
    schema: {
      type: 'object',
      properties: {
        ...Object.fromEntries(
          files.map(({ name, description }) => [name, { type: 'string', format: 'binary', description }]),
        ),
        ...inputs,
      },
    },
    encoding: Object.fromEntries([
      ...files.map(({ name }) => [name, { contentType: 'application/octet-stream' }]),
      ...Object.keys(inputs).map((name) => [name, { contentType: JSON_TYPE }]),
    ]),
  };
}
