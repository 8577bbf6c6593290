import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import * as z from 'zod';
import { nearest } from '../config/nearest.ts';
import { catalogue, type ErrorCode, fail } from '../model/errors.ts';
import type { Health } from './options.ts';
import { escapeHtml, negotiate, sendPage } from './pages.ts';
import { route } from './routes.ts';

const ErrorHelp = z
  .object({
    code: z.string(),
    status: z.int(),
    title: z.string(),
    help: z.string(),
  })
  .meta({ id: 'ErrorHelp', description: 'What an error means and what to do about it.' });

const Ready = z
  .object({ ready: z.boolean(), reasons: z.array(z.string()) })
  .meta({ id: 'Readiness', description: 'Whether work is accepted, and why not.' });

const Alive = z.object({ status: z.literal('ok'), version: z.string() }).meta({ id: 'Liveness' });

/** Health, metrics and the help pages of the error catalogue: what belongs to the server and to no dialect. */
export function addServerRoutes(
  fastify: FastifyInstance,
  parts: { version: string; metrics: Registry; health: () => Promise<Health>; draining: () => boolean },
): void {
  route(fastify, {
    method: 'GET',
    url: '/healthz',
    access: 'public',
    whileDraining: true,
    doc: {
      id: 'getLiveness',
      tag: 'Server',
      summary: 'Is the process alive?',
      description: 'Answers as long as the server can answer at all.',
      responses: { 200: { description: 'It is.', schema: Alive, example: { status: 'ok', version: '1.0.0' } } },
    },
    handler: (_request, reply) => reply.send({ status: 'ok', version: parts.version }),
  });
  route(fastify, {
    method: 'GET',
    url: '/readyz',
    access: 'public',
    whileDraining: true,
    doc: {
      id: 'getReadiness',
      tag: 'Server',
      summary: 'Does the server accept work?',
      responses: {
        200: { description: 'It does.', schema: Ready, example: { ready: true, reasons: [] } },
        503: {
          description: 'Not now; the reasons are in words.',
          schema: Ready,
          example: { ready: false, reasons: ['The server is stopping.'] },
        },
      },
    },
    handler: async (_request, reply) => {
      const { ready, reasons } = await parts.health();
      const stopping = parts.draining() ? ['The server is stopping.'] : [];
      const open = ready && stopping.length === 0;
      if (!open) reply.code(503).header('retry-after', '2');
      return reply.send({ ready: open, reasons: [...stopping, ...reasons] });
    },
  });
  route(fastify, {
    method: 'GET',
    url: '/metrics',
    access: { scope: 'admin', roles: ['admin', 'operator', 'viewer'] },
    whileDraining: true,
    doc: {
      id: 'getMetrics',
      tag: 'Server',
      summary: 'Metrics for Prometheus',
      description: 'Text exposition format. Prometheus signs in with `basic_auth` or a bearer token of scope `admin`.',
      responses: {
        200: {
          description: 'All metrics.',
          content: { 'text/plain': { schema: z.string(), example: 'millrace_http_streams 0\n' } },
        },
      },
    },
    handler: async (_request, reply) => reply.type(parts.metrics.contentType).send(await parts.metrics.metrics()),
  });
  route(fastify, {
    method: 'GET',
    url: '/errors',
    access: 'public',
    doc: {
      id: 'listErrors',
      tag: 'Server',
      summary: 'All errors this server can answer with',
      responses: {
        200: { description: 'The catalogue.', schema: z.array(ErrorHelp), example: [helpOf('not-found')] },
      },
    },
    handler: (request, reply) => {
      const all = (Object.keys(catalogue) as ErrorCode[]).map(helpOf);
      if (negotiate(request.headers.accept, ['application/json', 'text/html']) !== 'text/html') return reply.send(all);
      const items = all.map(
        ({ code, status, title }) => `<li><a href="errors/${code}">${code}</a> (${status}): ${escapeHtml(title)}</li>`,
      );
      return sendPage(reply, 'Errors', `<h1>Errors</h1><ul>${items.join('')}</ul>`);
    },
  });
  route(fastify, {
    method: 'GET',
    url: '/errors/:code',
    access: 'public',
    params: z.object({ code: z.string().meta({ description: 'Code of the error.', example: 'not-found' }) }),
    doc: {
      id: 'getError',
      tag: 'Server',
      summary: 'What an error means',
      description: 'The `type` of every problem leads here.',
      responses: { 200: { description: 'Meaning and remedy.', schema: ErrorHelp, example: helpOf('not-found') } },
      errors: ['not-found'],
      flow: { path: { code: 'not-found' } },
    },
    handler: (request, reply) => {
      const { code } = request.params;
      if (!Object.hasOwn(catalogue, code)) {
        const near = nearest(code.slice(0, 60), Object.keys(catalogue));
        throw fail('not-found', `There is no error "${code.slice(0, 60)}".${near ? ` Did you mean ${near}?` : ''}`);
      }
      const help = helpOf(code as ErrorCode);
      if (negotiate(request.headers.accept, ['application/json', 'text/html']) !== 'text/html') return reply.send(help);
      const body =
        `<h1>${escapeHtml(help.title)}</h1><p><code>${help.code}</code>, HTTP ${help.status}</p>` +
        `<p>${escapeHtml(help.help)}</p><p><a href="../errors">All errors</a></p>`;
      return sendPage(reply, help.title, body);
    },
  });
}

function helpOf(code: ErrorCode) {
  const { status, title, help } = catalogue[code];
  return { code, status, title, help };
}
