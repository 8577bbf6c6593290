import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { route } from '../../http/routes.ts';
import type { User } from '../../model/principal.ts';
import { choices } from './choices.ts';
import { single } from './fields.ts';
import { matches } from './filters.ts';
import { envelopeOf, exampleOf, listed, pagingQuery, windowOf } from './paging.ts';
import { userId } from './user-ids.ts';

export const FmeAccount = z
  .object({
    id: z.string(),
    name: z.string(),
    fullName: z.string(),
    email: z.string(),
    isSuperUser: z.boolean(),
    enabled: z.boolean(),
    sharingEnabled: z.boolean(),
    type: z.string(),
    password: z.null(),
  })
  .meta({ id: 'FmeAccount' });

export const accountWire = ({ name, roles, enabled }: User) => ({
  id: userId(name),
  name,
  fullName: name,
  email: '',
  isSuperUser: roles.includes('admin'),
  enabled,
  sharingEnabled: true,
  type: choices.accountType,
  password: null,
});

export const exampleAccount = {
  id: '6a3f2c1e-0b7d-5d58-9f1e-2c9f4b8e7a10',
  name: 'admin',
  fullName: 'admin',
  email: '',
  isSuperUser: true,
  enabled: true,
  sharingEnabled: true,
  type: 'USER',
  password: null,
};

/** User accounts, by which clients find the id that belongs to a name (reference section 7.2). */
export function addAccounts(scope: FastifyInstance, { engine }: DialectContext): void {
  route(scope, {
    method: 'GET',
    url: '/accounts',
    access: { scope: 'admin', roles: ['admin'] },
    query: z.object({ filterString: single('Part of the name, in any case.', 'ada'), ...pagingQuery }),
    doc: {
      id: 'fmeListAccounts',
      tag: 'Accounts',
      summary: 'List user accounts',
      responses: {
        200: {
          description: 'One page.',
          schema: envelopeOf(FmeAccount, 'FmeAccounts'),
          example: exampleOf(exampleAccount),
        },
      },
    },
    handler: async (request, reply) => {
      const { filterString, ...paging } = request.query;
      const users = (await engine.accounts.listUsers(caller(request))).filter(({ name }) =>
        matches(filterString, name),
      );
      return reply.send(listed(users.map(accountWire), windowOf(paging)));
    },
  });
}
