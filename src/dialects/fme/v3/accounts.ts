import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { route } from '../../../http/routes.ts';
import { accountWire, exampleAccount, FmeAccount } from '../accounts.ts';
import { envelopeOf, exampleOf, listed, pagingQuery, windowOf } from '../paging.ts';

/** User accounts (reference section 9.3). */
export function addV3Accounts(scope: FastifyInstance, { engine }: DialectContext): void {
  route(scope, {
    method: 'GET',
    url: '/security/accounts',
    access: { scope: 'admin', roles: ['admin'] },
    query: z.object(pagingQuery),
    doc: {
      id: 'fmeV3ListAccounts',
      tag: 'V3 Security',
      summary: 'V3: list user accounts',
      responses: {
        200: {
          description: 'One page.',
          schema: envelopeOf(FmeAccount, 'FmeV3Accounts'),
          example: exampleOf(exampleAccount),
        },
      },
    },
    handler: async (request, reply) => {
      const users = await engine.accounts.listUsers(caller(request));
      return reply.send(listed(users.map(accountWire), windowOf(request.query)));
    },
  });
}
