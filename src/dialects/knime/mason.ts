import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { negotiate } from '../../http/pages.ts';
import type { ResponseDoc } from '../../http/routes.ts';
import type { Json } from '../../model/json.ts';
import { stringifyExact } from './parameters/exact-json.ts';

export const MASON_TYPE = 'application/vnd.mason+json';
export const JSON_TYPE = 'application/json';

/** Of every document (reference section 4.2). */
export const namespaces = { knime: { name: 'http://www.knime.com/server/rels#' } } as const;

/** A link or an action of a Mason document; members in the order clients have seen them. */
export interface Control {
  /** Absolute, or a URI template (RFC 6570). */
  href: string;
  /** There, and true, when `href` is a template. */
  isHrefTemplate?: true;
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  accept?: readonly string[];
  output?: readonly string[];
  encoding?: 'None' | 'Json' | 'JsonPlusFiles' | 'Raw';
  title?: string;
  /** A body to start from. */
  template?: Json;
}

/** Relation name to control. */
export type Controls = Record<string, Control>;

/** A control; a brace in its address can only be that of a template, since names are encoded. */
export function control(
  href: string,
  method: Control['method'] = 'GET',
  more?: Omit<Control, 'href' | 'isHrefTemplate' | 'method'>,
): Control {
  const made: Control = href.includes('{') ? { href, isHrefTemplate: true, method } : { href, method };
  return more === undefined ? made : Object.assign(made, more);
}

/**
 * Answers with a Mason document, as plain JSON to those who ask for it (reference section 4.1). Nobody is refused:
 * clients name types here that they do not mean. A long document may come as a stream of its text.
 */
export function sendMason(request: FastifyRequest, reply: FastifyReply, document: object | Readable): FastifyReply {
  const type = negotiate(request.headers.accept, [MASON_TYPE, JSON_TYPE]) ?? MASON_TYPE;
  const body = document instanceof Readable ? document : stringifyExact(document);
  return reply.header('content-type', `${type};charset=UTF-8`).header('vary', 'accept').send(body);
}

const Controls = z
  .record(
    z.string(),
    z.looseObject({
      href: z.string(),
      isHrefTemplate: z.literal(true).optional(),
      method: z.enum(['GET', 'PUT', 'POST', 'DELETE']),
      accept: z.array(z.string()).optional(),
      output: z.array(z.string()).optional(),
      encoding: z.enum(['None', 'Json', 'JsonPlusFiles', 'Raw']).optional(),
      title: z.string().optional(),
      template: z.any().optional(),
    }),
  )
  .meta({ id: 'KnimeControls', description: 'Relation name to link.' });

/** Members of every Mason document, for its schema. */
export const masonMembers = {
  '@namespaces': z.record(z.string(), z.object({ name: z.string() })).optional(),
  '@controls': Controls,
};

/** An answer that comes in both types, for the document. */
export const masonAnswer = (
  description: string,
  schema: z.ZodType,
  example: unknown,
  headers?: ResponseDoc['headers'],
): ResponseDoc => ({
  description,
  ...(headers === undefined ? {} : { headers }),
  content: { [MASON_TYPE]: { schema, example }, [JSON_TYPE]: { schema, example } },
});
