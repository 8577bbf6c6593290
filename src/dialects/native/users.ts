import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { accountName, groupNames, newPassword } from '../../http/account-fields.ts';
import { toIso } from '../../http/query.ts';
import { route } from '../../http/routes.ts';
import { roles, type User as StoredUser } from '../../model/principal.ts';

const User = z
  .object({
    name: z.string(),
    roles: z.array(z.enum(roles)),
    groups: z.array(z.string()),
    enabled: z.boolean(),
    createdAt: z.string().meta({ format: 'date-time', example: '2026-11-22T09:30:00.000Z' }),
  })
  .meta({ id: 'User' });

const roleList = z.array(z.enum(roles)).max(roles.length);

const NewUser = z
  .strictObject({
    name: accountName,
    password: newPassword,
    roles: roleList.optional().meta({ description: 'Default `["user"]`.' }),
    groups: groupNames.optional(),
  })
  .meta({ id: 'NewUser' });

const UserChange = z
  .strictObject({
    password: newPassword.optional(),
    roles: roleList.optional(),
    groups: groupNames.optional(),
    enabled: z.boolean().optional().meta({ description: 'False: cannot sign in, and all tokens stop working.' }),
  })
  .meta({ id: 'UserChange', description: 'What is left out stays.' });

const params = z.object({
  name: z.string().min(1).max(100).meta({ description: 'Name of the user.', example: 'admin' }),
});
const example = {
  name: 'mary',
  roles: ['user'],
  groups: ['finance'],
  enabled: true,
  createdAt: '2026-11-22T09:30:00.000Z',
};

/** Never the hash of the password, not even shortened. */
const wire = ({ name, roles, groups, enabled, createdAt }: StoredUser) => ({
  name,
  roles,
  groups,
  enabled,
  createdAt: toIso(createdAt),
});

const without = <T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as never;

/** User accounts. */
export function addUsers(scope: FastifyInstance, { engine, basePath }: DialectContext): void {
  const { accounts } = engine;
  const tag = 'Accounts';
  const access = { scope: 'admin', roles: ['admin'] } as const;
  route(scope, {
    method: 'GET',
    url: '/users',
    access,
    doc: {
      id: 'listUsers',
      tag,
      summary: 'List users',
      responses: { 200: { description: 'By name.', schema: z.array(User), example: [example] } },
      flow: { order: 10 },
    },
    handler: async (request, reply) => reply.send((await accounts.listUsers(caller(request))).map(wire)),
  });
  route(scope, {
    method: 'POST',
    url: '/users',
    access,
    body: NewUser,
    doc: {
      id: 'createUser',
      tag,
      summary: 'Add a user',
      requestBody: {
        content: {
          'application/json': {
            schema: NewUser,
            example: { name: 'mary', password: 'a long pass phrase', roles: ['user'], groups: [] },
          },
        },
      },
      responses: {
        201: {
          description: 'Added.',
          schema: User,
          headers: { Location: { description: 'Address of the user.', example: '/users/mary' } },
          example,
        },
      },
      errors: ['exists', 'not-found'],
      flow: { order: 11 },
    },
    handler: async (request, reply) => {
      const { name, password, roles = ['user'], groups = [] } = request.body;
      const user = await accounts.createUser(caller(request), { name, password, roles, groups });
      return reply
        .code(201)
        .header('location', `${basePath}/users/${encodeURIComponent(user.name)}`)
        .send(wire(user));
    },
  });
  route(scope, {
    method: 'GET',
    url: '/users/:name',
    access: 'signed-in',
    params,
    doc: {
      id: 'getUser',
      tag,
      summary: 'Read a user',
      description: 'Oneself, or anyone for an administrator.',
      responses: { 200: { description: 'The user.', schema: User, example } },
      errors: ['not-found'],
      flow: { order: 12, path: { name: 'mary' } },
    },
    handler: async (request, reply) => reply.send(wire(await accounts.getUser(caller(request), request.params.name))),
  });
  route(scope, {
    method: 'PATCH',
    url: '/users/:name',
    access: 'signed-in',
    params,
    body: UserChange,
    doc: {
      id: 'updateUser',
      tag,
      summary: 'Change a user',
      description:
        'Everyone may change their own password; the rest needs admin. JWTs given out before stop working; API tokens stay until they are deleted.',
      requestBody: {
        content: { 'application/json': { schema: UserChange, example: { roles: ['user', 'operator'] } } },
      },
      responses: { 200: { description: 'The user as it is now.', schema: User, example } },
      errors: ['not-found', 'conflict'],
      flow: { order: 13, path: { name: 'mary' } },
    },
    handler: async (request, reply) =>
      reply.send(wire(await accounts.updateUser(caller(request), request.params.name, without(request.body)))),
  });
  route(scope, {
    method: 'DELETE',
    url: '/users/:name',
    access,
    params,
    doc: {
      id: 'deleteUser',
      tag,
      summary: 'Remove a user',
      responses: { 204: { description: 'Gone, with all tokens.' } },
      errors: ['not-found', 'conflict'],
      flow: { order: 80, path: { name: 'mary' } },
    },
    handler: async (request, reply) => {
      await accounts.deleteUser(caller(request), request.params.name);
      return reply.code(204).send();
    },
  });
}
