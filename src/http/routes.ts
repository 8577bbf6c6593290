import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { z } from 'zod';
import { type ErrorCode, fail } from '../model/errors.ts';
import type { Access } from './access.ts';

/** One answer of an operation, for the document. */
export interface ResponseDoc {
  description: string;
  /** Schema of a JSON answer. */
  schema?: z.ZodType;
  example?: unknown;
  /** Answers that are not JSON, or come in several forms: media type to schema and example. */
  content?: Record<string, { schema?: z.ZodType; example?: unknown }>;
  /** Header name to what it tells. */
  headers?: Record<string, { description: string; example: string }>;
}

/** What the document says of an operation beside its schemas. */
export interface OperationDoc {
  /** Unique and stable: generated clients name their methods after it. */
  id: string;
  tag: string;
  summary: string;
  description?: string;
  /** Path in the document where it differs from the route's, as with wildcards: `/workflows/{path}:jobs`. */
  path?: string;
  /** Path parameters by name where the route has none of its own. */
  pathParameters?: Record<string, { description: string; example: string }>;
  /** Request headers a client may send. */
  headers?: Record<string, { description: string; example: string; values?: string[]; required?: boolean }>;
  /** Bodies: media type to schema and example; the first is what a client starts from. */
  requestBody?: { required?: boolean; content: Record<string, { schema?: z.ZodType; example?: unknown }> };
  responses: Record<number, ResponseDoc>;
  /** Codes it may fail with beside those of every operation. */
  errors?: readonly ErrorCode[];
  /** How the ready-made collection calls it. */
  flow?: Flow;
}

/** One step of the ready-made collection: what it sends, and what later steps need of its answer. */
export interface Flow {
  /** Values for path parameters, query and headers, `{{name}}` refers to what an earlier step saved. */
  path?: Record<string, string>;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: unknown;
  /** Variable name to property of the JSON answer. */
  save?: Record<string, string>;
  /** Variables a person has to set first; without them the request is left out of a run. */
  needs?: string[];
  /** Earlier goes first within its group; default 50. */
  order?: number;
  /** Calls that make what this one needs. */
  prepare?: {
    operation: string;
    body?: unknown;
    path?: Record<string, string>;
    headers?: Record<string, string>;
    save?: Record<string, string>;
  }[];
}

/** A route as the router has it, for the document, the help texts and the tests. */
export interface RouteRecord {
  method: string;
  url: string;
  verb?: string;
  access: Access;
  dialect: string;
  doc?: OperationDoc;
  schema?: { body?: z.ZodType; querystring?: z.ZodType; params?: z.ZodType };
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
    doc?: OperationDoc;
    /** Name of the dialect, set for all its routes. */
    dialect?: string;
    /** Its body may be large: it is judged by progress, not by a fixed time. */
    upload?: boolean;
    /** Answers while the server drains: health and metrics. */
    whileDraining?: boolean;
    /** The `:verb` its address ends with. */
    verb?: string;
    /** Whoever knows its address may read what is there: the log has the route in its place. */
    secretAddress?: boolean;
  }
}

type Out<S, Otherwise> = S extends z.ZodType ? z.output<S> : Otherwise;

export interface RouteSpec<
  P extends z.ZodType | undefined,
  Q extends z.ZodType | undefined,
  B extends z.ZodType | undefined,
> {
  method: HTTPMethods;
  url: string;
  /** The `:verb` at the end of a wildcard address, such as `jobs` in `/workflows/A/b:jobs`. */
  verb?: string;
  access: Access;
  doc: OperationDoc;
  params?: P;
  query?: Q;
  /** Validated before the handler. Bodies that come in several forms are validated by the handler instead. */
  body?: B;
  bodyLimit?: number;
  upload?: boolean;
  whileDraining?: boolean;
  secretAddress?: boolean;
  /** False: no HEAD twin, for streams that do not end. */
  head?: boolean;
  handler(
    request: FastifyRequest<{ Params: Out<P, unknown>; Querystring: Out<Q, unknown>; Body: Out<B, unknown> }>,
    reply: FastifyReply,
  ): unknown;
}

/** Adds one operation to a scope: its route, its checks and its place in the document from one description. */
export function route<
  P extends z.ZodType | undefined = undefined,
  Q extends z.ZodType | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>(scope: FastifyInstance, spec: RouteSpec<P, Q, B>): void {
  const { method, url, verb, access, doc, params, query, body } = spec;
  scope.route({
    method,
    url,
    ...(verb === undefined ? {} : { constraints: { verb } }),
    ...(spec.bodyLimit === undefined ? {} : { bodyLimit: spec.bodyLimit }),
    ...(method === 'GET' ? { exposeHeadRoute: spec.head !== false } : {}),
    config: {
      access,
      doc,
      ...(verb === undefined ? {} : { verb }),
      ...(spec.upload ? { upload: true } : {}),
      ...(spec.whileDraining ? { whileDraining: true } : {}),
      ...(spec.secretAddress ? { secretAddress: true } : {}),
    },
    schema: {
      ...(params === undefined ? {} : { params }),
      ...(query === undefined ? {} : { querystring: query }),
      ...(body === undefined ? {} : { body }),
    },
    // Fastify's request type cannot follow a schema that may be absent; the compiler above has made the values fit it.
    handler: spec.handler as (request: FastifyRequest, reply: FastifyReply) => unknown,
  });
}

/** Set on a scope: for routes of plug-ins that cannot declare it themselves. */
interface ScopeDefaults {
  defaultAccess?: Access;
  dialectName?: string;
}

/**
 * Collects every route as it is registered and refuses one without a declared access. Answers the list, which grows
 * until the server is ready.
 */
export function collectRoutes(fastify: FastifyInstance): RouteRecord[] {
  const records: RouteRecord[] = [];
  fastify.addHook('onRoute', function (this: FastifyInstance & ScopeDefaults, options) {
    const { url, constraints } = options;
    const access = options.config?.access ?? this.defaultAccess;
    const dialect = this.dialectName ?? 'server';
    const methods = Array.isArray(options.method) ? options.method : [options.method];
    if (access === undefined) {
      throw fail('invariant', `${methods.join(', ')} ${url} does not declare who may call it.`);
    }
    options.config = { ...options.config, access, dialect };
    const { doc } = options.config;
    for (const method of methods) {
      records.push({
        method,
        url,
        ...(typeof constraints?.['verb'] === 'string' ? { verb: constraints['verb'] } : {}),
        access,
        dialect,
        ...(doc === undefined || method === 'HEAD' ? {} : { doc }),
        schema: (options.schema ?? {}) as NonNullable<RouteRecord['schema']>,
      });
    }
  });
  return records;
}
