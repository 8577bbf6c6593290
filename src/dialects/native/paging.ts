import type { FastifyRequest } from 'fastify';

/** `Link` to the next page: the same request with another cursor (RFC 8288). */
export function nextLink(request: FastifyRequest, basePath: string, cursor: string): string {
  const [path = '', query = ''] = (request.raw.url ?? '').split('?', 2);
  const parameters = new URLSearchParams(query);
  parameters.set('cursor', cursor);
  return `<${basePath}${path}?${parameters}>; rel="next"`;
}
