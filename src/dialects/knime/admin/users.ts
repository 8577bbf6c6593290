import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { accountName, groupNames, newPassword } from '../../../http/account-fields.ts';
import { toIso } from '../../../http/query.ts';
import { route } from '../../../http/routes.ts';
import type { User as StoredUser } from '../../../model/principal.ts';
import { exampleRoot, type Links, linksBelow, linksOf } from '../links.ts';
import { control, masonAnswer, masonMembers, namespaces, sendMason } from '../mason.ts';
import { readRoles, roleWire } from './roles.ts';

const User = z
  .looseObject({
    name: z.string(),
    roles: z.array(z.string()),
    groups: z.array(z.string()),
    enabled: z.boolean(),
    createdOn: z.string().meta({ format: 'date-time', example: '2021-01-04T07:00:00.000Z' }),
    ...masonMembers,
  })
  .meta({ id: 'KnimeUser' });
const Users = z.object({ users: z.array(User), ...masonMembers }).meta({ id: 'KnimeUsers' });

const roleList = z.array(z.string().max(100)).max(20);
/** What is read of a document; its other members do no harm. */
const change = {
  roles: roleList.optional(),
  groups: groupNames.optional(),
  enabled: z.boolean().optional(),
};
const NewUser = z.object({ name: accountName, password: newPassword, ...change }).meta({ id: 'KnimeNewUser' });
const UserChange = z.object({ password: newPassword.optional(), ...change }).meta({ id: 'KnimeUserChange' });

const params = z.object({
  name: z.string().min(1).max(100).meta({ description: 'Name of the user.', example: 'guest' }),
});

const addressOf = ({ root }: Links, name = ''): string =>
  `${root}/v4/users${name === '' ? '' : `/${encodeURIComponent(name)}`}`;

function wire({ name, roles, groups, enabled, createdAt }: StoredUser, links: Links) {
  const self = addressOf(links, name);
  return {
    name,
    roles: roles.map(roleWire),
    groups,
    enabled,
    createdOn: toIso(createdAt),
    '@namespaces': namespaces,
    '@controls': {
      self: control(self),
      edit: control(self, 'PUT', { encoding: 'Json' }),
      'knime:delete': control(self, 'DELETE'),
    },
  };
}

/** Users of this server; the addresses of the original are not known (reference sections 15 and 19). */
export function addUsers(scope: FastifyInstance, context: DialectContext): void {
  const { accounts } = context.engine;
  const tag = 'Administration';
  const access = { scope: 'admin', roles: ['admin'] } as const;
  const stored = { name: 'guest', roles: ['user' as const], groups: ['team'], enabled: true, createdAt: 0 };
  const example = wire(stored as unknown as StoredUser, linksBelow(exampleRoot));

  route(scope, {
    method: 'GET',
    url: '/v4/users',
    access,
    doc: {
      id: 'knimeListUsers',
      tag,
      summary: 'List users',
      responses: { 200: masonAnswer('By name.', Users, { users: [example], '@controls': {} }) },
    },
    handler: async (request, reply) => {
      const links = linksOf(request, context);
      const users = await accounts.listUsers(caller(request));
      return sendMason(request, reply, {
        users: users.map((user) => wire(user, links)),
        '@namespaces': namespaces,
        '@controls': { self: control(addressOf(links)) },
      });
    },
  });

  route(scope, {
    method: 'POST',
    url: '/v4/users',
    access,
    body: NewUser,
    doc: {
      id: 'knimeCreateUser',
      tag,
      summary: 'Add a user',
      requestBody: {
        content: {
          'application/json': { schema: NewUser, example: { name: 'guest', password: 'a long pass phrase' } },
        },
      },
      responses: {
        201: masonAnswer('It is added.', User, example, {
          Location: { description: 'Address of the user.', example: `${exampleRoot}/v4/users/guest` },
        }),
      },
      errors: ['exists', 'not-found'],
    },
    handler: async (request, reply) => {
      const { name, password, roles = ['user'], groups = [], enabled } = request.body;
      const principal = caller(request);
      let user = await accounts.createUser(principal, { name, password, roles: readRoles(roles), groups });
      if (enabled === false) user = await accounts.updateUser(principal, name, { enabled });
      const links = linksOf(request, context);
      return sendMason(request, reply.code(201).header('location', addressOf(links, name)), wire(user, links));
    },
  });

  route(scope, {
    method: 'GET',
    url: '/v4/users/:name',
    access: 'signed-in',
    params,
    doc: {
      id: 'knimeGetUser',
      tag,
      summary: 'Read a user',
      description: 'Oneself, or as an administrator anybody.',
      responses: { 200: masonAnswer('The user.', User, example) },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const user = await accounts.getUser(caller(request), request.params.name);
      return sendMason(request, reply, wire(user, linksOf(request, context)));
    },
  });

  route(scope, {
    method: 'PUT',
    url: '/v4/users/:name',
    access: 'signed-in',
    params,
    body: UserChange,
    doc: {
      id: 'knimeUpdateUser',
      tag,
      summary: 'Change a user',
      description: 'What is left out stays. Everybody may change their own password.',
      requestBody: { content: { 'application/json': { schema: UserChange, example: { groups: ['team'] } } } },
      responses: { 200: masonAnswer('The user as it is now.', User, example) },
      errors: ['not-found', 'conflict'],
    },
    handler: async (request, reply) => {
      const { password, roles, groups, enabled } = request.body;
      const user = await accounts.updateUser(caller(request), request.params.name, {
        ...(password === undefined ? {} : { password }),
        ...(roles === undefined ? {} : { roles: readRoles(roles) }),
        ...(groups === undefined ? {} : { groups }),
        ...(enabled === undefined ? {} : { enabled }),
      });
      return sendMason(request, reply, wire(user, linksOf(request, context)));
    },
  });

  route(scope, {
    method: 'DELETE',
    url: '/v4/users/:name',
    access,
    params,
    doc: {
      id: 'knimeDeleteUser',
      tag,
      summary: 'Remove a user',
      responses: { 204: { description: 'It is gone.' } },
      errors: ['not-found', 'conflict'],
    },
    handler: async (request, reply) => {
      await accounts.deleteUser(caller(request), request.params.name);
      return reply.code(204).send();
    },
  });
}
