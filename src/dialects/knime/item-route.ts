import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { type OperationDoc, type RouteSpec, route } from '../../http/routes.ts';
import { fail } from '../../model/errors.ts';
import { type Action, actions } from './actions.ts';
import { REPOSITORY } from './addresses.ts';

const pathParameters = {
  path: {
    description: 'Path of the item without its first slash; names are percent-encoded, slashes may be.',
    example: 'Examples/Predict Results Using REST API',
  },
};

/** Adds one operation on repository items: `{path}`, or `{path}:action`. Its handler reads the path with `itemPath`. */
export function itemRoute<
  P extends z.ZodType | undefined = undefined,
  Q extends z.ZodType | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>(
  scope: FastifyInstance,
  spec: Omit<RouteSpec<P, Q, B>, 'url' | 'verb' | 'doc'> & {
    action?: Action;
    doc: Omit<OperationDoc, 'path' | 'pathParameters'>;
  },
): void {
  const { action, doc, ...rest } = spec;
  const path = `${REPOSITORY}/{path}${action === undefined ? '' : `:${action}`}`;
  route<P, Q, B>(scope, {
    ...rest,
    url: '/v4/repository/*',
    ...(action === undefined ? {} : { verb: action }),
    doc: { ...doc, path, pathParameters },
  } as RouteSpec<P, Q, B>);
}

/** The repository path a request is about, decoded, with a slash in front and none at the end; `/` is the root. */
export function itemPath(request: FastifyRequest): string {
  const { verb } = request.routeOptions.config;
  const rest = (request.params as { '*'?: string })['*'] ?? '';
  const path = verb === undefined ? rest : rest.slice(0, -(verb.length + 1));
  const unknown = verb === undefined ? /:([^/:]*)$/.exec(path)?.[1] : undefined;
  if (unknown !== undefined) {
    throw fail('not-found', `There is no action :${unknown.slice(0, 40)}. Known: ${actions.join(', ')}.`);
  }
  return `/${path.replace(/^\/+|\/+$/g, '')}`;
}
