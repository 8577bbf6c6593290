import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { contentDisposition } from '../../../http/downloads.ts';
import { route } from '../../../http/routes.ts';
import { choices } from '../choices.ts';

/** `/admin/logs`: the server's log as a ZIP archive (reference section 15). */
export function addServerLog(scope: FastifyInstance, { engine }: DialectContext): void {
  route(scope, {
    method: 'GET',
    url: '/v4/admin/logs',
    access: { scope: 'admin', roles: ['admin'] },
    doc: {
      id: 'knimeGetLogs',
      tag: 'Administration',
      summary: "Download the server's log",
      description: 'The latest lines, as far as the setting `logKeepKiB` keeps them; each is a JSON object.',
      responses: {
        200: {
          description: `A ZIP archive with \`${choices.logFile.slice(1)}\`.`,
          content: { 'application/zip': { schema: z.string().meta({ format: 'binary' }) } },
        },
      },
    },
    handler: (request, reply) =>
      reply
        .type('application/zip')
        .header('content-disposition', contentDisposition('logs.zip'))
        .header('cache-control', 'no-store')
        .send(engine.serverLog.archive(caller(request), choices.logFile)),
  });
}
