import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { escapeHtml, negotiate, sendPage } from '../../http/pages.ts';
import { route } from '../../http/routes.ts';

const places: [name: string, path: string, what: string][] = [
  ['jobs', '/jobs', 'Start workflows and follow them'],
  ['workflows', '/workflows', 'What can be run'],
  ['queues', '/queues', 'Lines of jobs and their limits'],
  ['me', '/me', 'Who you are signed in as'],
  ['docs', '/docs', 'Try every operation in the browser'],
  ['openapi', '/openapi.json', 'This API for tools: OpenAPI 3.0'],
  ['openapi31', '/openapi-3.1.json', 'The same as OpenAPI 3.1'],
  ['postman', '/postman.json', 'A ready-made Postman collection'],
  ['errors', '/errors', 'What each error means'],
  ['ready', '/readyz', 'Whether work is accepted'],
  ['metrics', '/metrics', 'For Prometheus'],
];

/** `/`: where everything is. */
export function addHome(scope: FastifyInstance, { basePath, servers }: DialectContext): void {
  route(scope, {
    method: 'GET',
    url: '/',
    access: 'public',
    doc: {
      id: 'getHome',
      tag: 'Server',
      summary: 'Where everything is',
      responses: {
        200: {
          description: 'Links; a page for browsers.',
          schema: z.object({ name: z.string(), links: z.record(z.string(), z.string()) }).meta({ id: 'Home' }),
          example: { name: 'Millrace', links: { jobs: '/jobs', docs: '/docs' } },
        },
      },
    },
    handler: (request, reply) => {
      if (negotiate(request.headers.accept, ['application/json', 'text/html']) !== 'text/html') {
        return reply.send({
          name: 'Millrace',
          links: Object.fromEntries(places.map(([name, path]) => [name, basePath + path])),
        });
      }
      const items = places.map(
        ([, path, what]) =>
          `<dt><a href="${escapeHtml(basePath + path)}">${escapeHtml(path)}</a></dt><dd>${escapeHtml(what)}</dd>`,
      );
      const url = escapeHtml(servers(request)[0]?.url ?? '');
      const curl = `curl -u admin ${url}/execution -H 'Content-Type: application/json' \\\n  -d '{"workflow": "/Examples/Fan out"}'`;
      return sendPage(
        reply,
        'Millrace',
        `<h1>Millrace</h1><p>A workflow job server. Run a workflow from here:</p><pre>${curl}</pre><dl>${items.join('')}</dl>`,
      );
    },
  });
}
