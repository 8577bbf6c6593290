import type { FastifyReply, FastifyRequest } from 'fastify';
import { editDistance } from '../config/nearest.ts';
import type { Dialect } from '../dialect.ts';
import { fail, toProblem } from '../model/errors.ts';
import { problemWire, sendProblem } from './problems.ts';
import type { RouteRecord } from './routes.ts';
import { lastPart } from './verbs.ts';

/** Path of a route as its document shows it: `/jobs/:id` is `/jobs/{id}`. */
export const shownPath = (route: RouteRecord): string =>
  route.doc?.path ??
  route.url
    .replaceAll('::', '\u0000')
    .replace(/:(\w+)(?:\([^)]*\))?/g, '{$1}')
    .replace(/\*$/, '{path}')
    .replaceAll('\u0000', ':');

/**
 * Answers what no route takes: 405 with `Allow` when the address exists under another method, else 404 with the nearest
 * route there is. One for all dialects, each in its own shape: Fastify keeps one of its own for every method of a prefix.
 */
export function notFoundHandler(
  routes: readonly RouteRecord[],
  dialects: readonly Dialect[],
  count: (request: FastifyRequest, reply: FastifyReply) => void,
) {
  const byLength = dialects.toSorted((a, b) => b.prefix.length - a.prefix.length);
  /** The shape of the dialect that an address belongs to; there is always the one with no prefix. */
  const wireAt = (path: string): Dialect['errorWire'] =>
    byLength.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`))?.errorWire ?? problemWire;
  return (request: FastifyRequest, reply: FastifyReply): void => {
    const path = request.raw.url?.split('?', 1)[0] ?? '/';
    const allowed = allowedMethods(routes, path);
    const error =
      allowed.length > 0
        ? fail('method-not-allowed', {
            detail: `${request.method} is not possible at ${path.slice(0, 200)}. Possible: ${allowed.join(', ')}.`,
            headers: { allow: allowed.join(', ') },
          })
        : fail('not-found', notFoundText(request.method, path, routes));
    sendProblem(reply, wireAt(path), toProblem(error), error.options.headers);
    count(request, reply);
  };
}

const patterns = new WeakMap<RouteRecord, RegExp>();

/** The template of a route as a pattern over raw paths; wildcards take everything. */
function patternOf(route: RouteRecord): RegExp {
  let pattern = patterns.get(route);
  if (pattern === undefined) {
    const source = route.url
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll('::', '\u0000')
      .replace(/:\w+/g, '[^/]+')
      .replace(/\*$/, '.*')
      .replaceAll('\u0000', ':');
    const verb = route.verb === undefined ? '' : `:${route.verb}`;
    const suffix = source.endsWith(verb) ? '' : verb;
    pattern = new RegExp(`^${source}${suffix}$`);
    patterns.set(route, pattern);
  }
  return pattern;
}

/** Methods that have a route at a path. A path with a verb belongs to the routes with that verb alone. */
export function allowedMethods(routes: readonly RouteRecord[], path: string): string[] {
  const last = lastPart(path);
  const verb = routes.some((route) => route.verb !== undefined && route.verb === last) ? last : undefined;
  const fitting = routes.filter((route) => route.verb === verb && patternOf(route).test(path));
  return [...new Set(fitting.map((route) => route.method))];
}

function notFoundText(method: string, path: string, routes: readonly RouteRecord[]): string {
  const near = nearestRoute(path, routes);
  const hint =
    near === undefined ? 'The addresses of this server are listed at / and in /openapi.json.' : `Did you mean ${near}?`;
  return `There is no ${method} ${path.slice(0, 200)}. ${hint}`;
}

/** The documented path nearest to one that leads nowhere: compared name by name, placeholders fit anything. */
export function nearestRoute(path: string, routes: readonly RouteRecord[]): string | undefined {
  if (path.length > 300) return undefined;
  const wanted = path.split('/').filter((name) => name !== '');
  let found: string | undefined;
  let best = 4;
  for (const route of routes) {
    if (route.doc === undefined) continue;
    const shown = shownPath(route);
    const names = shown.split('/').filter((name) => name !== '');
    const cost = costOf(wanted, names);
    if (cost < best) {
      best = cost;
      found = shown;
    }
  }
  return found;
}

function costOf(wanted: readonly string[], names: readonly string[]): number {
  // A wrong prefix in front (`/rest/v4/jobs`, `/api/jobs`) costs one for each name of it.
  const lead = Math.max(0, wanted.length - names.length);
  if (lead > 2 || names.length > wanted.length + 1) return 9;
  let cost = lead + Math.max(0, names.length - wanted.length);
  for (const [index, name] of names.entries()) {
    const given = wanted[index + lead];
    if (given === undefined) continue;
    if (name.startsWith('{')) cost += 0.3;
    else cost += Math.min(4, editDistance(given.toLowerCase(), name.toLowerCase()));
  }
  return cost;
}
