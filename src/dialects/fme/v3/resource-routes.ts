import type { FastifyInstance, FastifyRequest } from 'fastify';
import type * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import type { SharedPlace } from '../../../engine/shared.ts';
import { caller } from '../../../http/access.ts';
import { type OperationDoc, type RouteSpec, route } from '../../../http/routes.ts';
import { findPlace } from '../connections.ts';

export const RESOURCES_TAG = 'V3 Resources';

/** For addresses of files: the connection and, unless it is the top, the path. */
export const pathParameters = (path: string): Record<string, { description: string; example: string }> => ({
  name: { description: 'Name of the connection.', example: 'FME_SHAREDRESOURCE_TEMP' },
  ...(path === '' ? {} : { path: { description: 'Names joined with `/`.', example: 'job-17' } }),
});

/** The place below `filesys` in the address of a request. */
export function placeOf(request: FastifyRequest, context: DialectContext): { place: SharedPlace; path: string } {
  const { name, '*': path = '' } = request.params as { name: string; '*'?: string };
  return { place: findPlace(context, caller(request), name, path), path };
}

/** Adds an operation twice: for a path in a connection, and for its top. */
export function addForFiles<Q extends z.ZodType>(
  scope: FastifyInstance,
  spec: Omit<RouteSpec<undefined, Q, undefined>, 'url' | 'doc'> & { doc: Omit<OperationDoc, 'tag' | 'path'> },
): void {
  for (const top of [false, true]) {
    const path = top ? '' : '/{path}';
    route(scope, {
      ...spec,
      url: `/resources/connections/:name/filesys${top ? '' : '/*'}`,
      doc: {
        ...spec.doc,
        id: top ? `${spec.doc.id}AtTop` : spec.doc.id,
        summary: top ? `${spec.doc.summary}, at the top` : spec.doc.summary,
        tag: RESOURCES_TAG,
        path: `/fmerest/v3/resources/connections/{name}/filesys${path}`,
        pathParameters: pathParameters(path),
      },
    } as RouteSpec<undefined, Q, undefined>);
  }
}
