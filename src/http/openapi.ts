import type { z } from 'zod';
import type { ErrorDocument } from '../dialect.ts';
import { fail } from '../model/errors.ts';
import { unwrap } from './accepted.ts';
import { shownPath } from './not-found.ts';
import { errorCodes, errorResponses } from './openapi-errors.ts';
import { createSchemaWriter, type OpenApiVersion, type SchemaWriter } from './openapi-schema.ts';
import type { OperationDoc, ResponseDoc, RouteRecord } from './routes.ts';

export interface DocumentInfo {
  title: string;
  description: string;
  version: string;
  tags: { name: string; description: string }[];
  /** How each dialect in the document describes its errors, by its name; `server` for the routes outside of all. */
  errors: Record<string, ErrorDocument>;
  /** Security schemes of dialects with ways to sign in of their own, by dialect; they stand beside Basic there. */
  schemes?: Record<string, Record<string, Record<string, unknown>>>;
  /** Begin of all paths that stands in the server's address instead. */
  base?: string;
}

/** An OpenAPI document without `servers`: those depend on who asks. */
export interface OpenApiDocument {
  openapi: string;
  info: Record<string, unknown>;
  servers: { url: string; description?: string }[];
  tags: { name: string; description: string }[];
  security: Record<string, string[]>[];
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, Record<string, unknown>>;
}

export interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: { required: boolean; content: Record<string, MediaType> };
  responses: Record<string, unknown>;
  security?: Record<string, string[]>[];
}
interface MediaType {
  schema?: unknown;
  example?: unknown;
}
interface Parameter {
  name: string;
  in: 'query' | 'path' | 'header';
  required: boolean;
  description?: string;
  schema: unknown;
  example?: unknown;
}

/** Basic first: converters take the first scheme for a whole collection. */
export const securitySchemes = {
  basic: { type: 'http', scheme: 'basic', description: 'Name and password of a user.' },
  token: { type: 'http', scheme: 'bearer', description: 'An API token from `POST /tokens`.' },
  jwt: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'A JWT from `POST /tokens/jwt`.' },
};

/** What a document says of signing in: the ways of most of its operations, and those that differ. */
function createSignIn(own: NonNullable<DocumentInfo['schemes']>, dialects: readonly string[]) {
  const schemesOf = (dialect: string): Record<string, Record<string, unknown>> => {
    const further = own[dialect];
    return further === undefined ? securitySchemes : { ...further, basic: securitySchemes.basic };
  };
  const asRequirement = (dialect: string) => Object.keys(schemesOf(dialect)).map((name) => ({ [name]: [] }));
  const usual = asRequirement(dialects[0] ?? 'server');
  return {
    schemes: Object.assign({}, ...dialects.map(schemesOf)) as Record<string, Record<string, unknown>>,
    usual,
    of: (dialect: string) => {
      const ways = asRequirement(dialect);
      return JSON.stringify(ways) === JSON.stringify(usual) ? {} : { security: ways };
    },
  };
}

/** The document of these routes, made from the same descriptions the router works with. */
export function buildDocument(
  routes: readonly RouteRecord[],
  info: DocumentInfo,
  version: OpenApiVersion,
): OpenApiDocument {
  const writer = createSchemaWriter(version);
  for (const { schemas } of Object.values(info.errors)) {
    for (const [name, schema] of Object.entries(schemas)) writer.add(name, schema);
  }
  const responses = new Map<string, unknown>();
  const signIn = createSignIn(info.schemes ?? {}, [...new Set(routes.map(({ dialect }) => dialect))]);
  const paths: OpenApiDocument['paths'] = {};
  const ids = new Set<string>();
  for (const route of routes) {
    if (route.doc === undefined) continue;
    if (ids.has(route.doc.id)) throw fail('invariant', `Two operations are called ${route.doc.id}.`);
    ids.add(route.doc.id);
    const errors = info.errors[route.dialect] ?? info.errors['server']!;
    const path = shownPath(route).slice(info.base?.length ?? 0);
    paths[path] = {
      ...paths[path],
      [route.method.toLowerCase()]: {
        ...operation(route, route.doc, writer),
        ...(route.access === 'public' ? { security: [] } : signIn.of(route.dialect)),
        responses: {
          ...mapResponses(route.doc.responses, writer),
          ...withoutKeys(
            errorResponses(errorCodes(route), { name: route.dialect, errors }, responses),
            Object.keys(route.doc.responses),
          ),
        },
      },
    };
  }
  const used = new Set(routes.map((route) => route.doc?.tag));
  return {
    openapi: version,
    info: {
      title: info.title,
      description: info.description,
      version: info.version,
      license:
        version === '3.0.3'
          ? { name: 'MIT', url: 'https://opensource.org/license/mit' }
          : { name: 'MIT', identifier: 'MIT' },
    },
    servers: [],
    tags: info.tags.filter((tag) => used.has(tag.name)),
    security: signIn.usual,
    paths,
    components: {
      securitySchemes: signIn.schemes,
      responses: Object.fromEntries([...responses].sort(([a], [b]) => (a < b ? -1 : 1))),
      schemas: writer.components(),
    },
  };
}

function operation(route: RouteRecord, doc: OperationDoc, writer: SchemaWriter): Omit<Operation, 'responses'> {
  const { schema } = route;
  const parameters = [
    ...pathParameters(route, doc, writer),
    ...fromObject(schema?.querystring, 'query', writer),
    ...Object.entries(doc.headers ?? {}).map(
      ([name, { description, example, values, required }]): Parameter => ({
        name,
        in: 'header',
        required: required ?? false,
        description,
        schema: { type: 'string', ...(values === undefined ? {} : { enum: values }) },
        example,
      }),
    ),
  ];
  const bodies = doc.requestBody;
  return {
    operationId: doc.id,
    tags: [doc.tag],
    summary: doc.summary,
    ...(doc.description === undefined ? {} : { description: doc.description }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(bodies === undefined
      ? {}
      : {
          requestBody: {
            required: bodies.required ?? true,
            content: Object.fromEntries(
              Object.entries(bodies.content).map(([type, media]) => [
                type,
                {
                  ...(media.schema === undefined ? {} : { schema: writer.write(media.schema, 'input') }),
                  ...(media.example === undefined ? {} : { example: media.example }),
                },
              ]),
            ),
          },
        }),
  };
}

function pathParameters(route: RouteRecord, doc: OperationDoc, writer: SchemaWriter): Parameter[] {
  const own = Object.entries(doc.pathParameters ?? {}).map(
    ([name, { description, example }]): Parameter => ({
      name,
      in: 'path',
      required: true,
      description,
      // In the schema too: converters that make a variable of `{path}:verb` look only there.
      schema: { type: 'string', example },
      example,
    }),
  );
  const names = new Set(own.map((parameter) => parameter.name));
  return [
    ...own,
    ...fromObject(route.schema?.params, 'path', writer).filter((p) => p.name !== '*' && !names.has(p.name)),
  ];
}

/** One parameter for each property; description and example stand with the parameter, where readers look for them. */
function fromObject(schema: z.ZodType | undefined, place: 'query' | 'path', writer: SchemaWriter): Parameter[] {
  if (schema === undefined) return [];
  const def = unwrap(schema)._zod.def;
  if (def.type !== 'object') return [];
  return Object.entries(def.shape).map(([name, property]) => {
    const written = writer.write(property as z.ZodType, 'input');
    const { description, example, examples, ...rest } = written as {
      description?: string;
      example?: unknown;
      examples?: unknown[];
    };
    const shown = example ?? examples?.[0];
    return {
      name,
      in: place,
      required: place === 'path' || property._zod.optin !== 'optional',
      ...(description === undefined ? {} : { description }),
      schema: rest,
      ...(Array.isArray(shown) ? { explode: false } : {}),
      ...(shown === undefined ? {} : { example: shown }),
    };
  });
}

function mapResponses(docs: OperationDoc['responses'], writer: SchemaWriter): Record<string, unknown> {
  return Object.fromEntries(Object.entries(docs).map(([status, doc]) => [status, response(doc, writer)]));
}

function response(doc: ResponseDoc, writer: SchemaWriter): unknown {
  const content = doc.content ?? (doc.schema === undefined ? undefined : { 'application/json': doc });
  return {
    description: doc.description,
    ...(doc.headers === undefined
      ? {}
      : {
          headers: Object.fromEntries(
            Object.entries(doc.headers).map(([name, header]) => [
              name,
              { description: header.description, schema: { type: 'string' }, example: header.example },
            ]),
          ),
        }),
    ...(content === undefined
      ? {}
      : {
          content: Object.fromEntries(
            Object.entries(content).map(([type, media]) => [
              type,
              {
                ...(media.schema === undefined ? {} : { schema: writer.write(media.schema, 'output') }),
                ...(media.example === undefined ? {} : { example: media.example }),
              },
            ]),
          ),
        }),
  };
}

const withoutKeys = <T>(record: Record<string, T>, keys: readonly string[]): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
