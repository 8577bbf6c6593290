import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { accountName } from '../../../http/account-fields.ts';
import { route } from '../../../http/routes.ts';
import { parseWith } from '../../../http/validation.ts';
import { fail } from '../../../model/errors.ts';
import type { Principal, Group as StoredGroup } from '../../../model/principal.ts';
import { exampleRoot, type Links, linksBelow, linksOf } from '../links.ts';
import { control, masonAnswer, masonMembers, namespaces, sendMason } from '../mason.ts';

const Group = z
  .looseObject({
    name: z.string(),
    description: z.string().optional(),
    members: z.array(z.string()).meta({ description: 'Names of its users.' }),
    ...masonMembers,
  })
  .meta({ id: 'KnimeGroup' });
const Groups = z.object({ groups: z.array(Group), ...masonMembers }).meta({ id: 'KnimeGroups' });
const GroupChange = z.object({ description: z.string().max(1000).optional() }).meta({ id: 'KnimeGroupChange' });
const params = z.object({ name: accountName.meta({ description: 'Name of the group.', example: 'team' }) });

const addressOf = ({ root }: Links, name = ''): string =>
  `${root}/v4/groups${name === '' ? '' : `/${encodeURIComponent(name)}`}`;

interface Member {
  name: string;
  groups: readonly string[];
}

function wire({ name, description }: StoredGroup, users: readonly Member[], links: Links) {
  const self = addressOf(links, name);
  return {
    name,
    ...(description === undefined ? {} : { description }),
    members: users.filter(({ groups }) => groups.includes(name)).map((user) => user.name),
    '@namespaces': namespaces,
    '@controls': {
      self: control(self),
      edit: control(self, 'PUT', { encoding: 'Json' }),
      'knime:delete': control(self, 'DELETE'),
    },
  };
}

/** Groups of users; who belongs to one is said with the user. */
export function addGroups(scope: FastifyInstance, context: DialectContext): void {
  const { accounts } = context.engine;
  const tag = 'Administration';
  const access = { scope: 'admin', roles: ['admin'] } as const;
  const example = wire({ name: 'team' }, [{ name: 'guest', groups: ['team'] }], linksBelow(exampleRoot));

  const find = async (principal: Principal, name: string): Promise<StoredGroup | undefined> =>
    (await accounts.listGroups(principal)).find((group) => group.name === name);

  route(scope, {
    method: 'GET',
    url: '/v4/groups',
    access,
    doc: {
      id: 'knimeListGroups',
      tag,
      summary: 'List groups',
      responses: { 200: masonAnswer('By name.', Groups, { groups: [example], '@controls': {} }) },
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const [groups, users] = [await accounts.listGroups(principal), await accounts.listUsers(principal)];
      const links = linksOf(request, context);
      return sendMason(request, reply, {
        groups: groups.map((group) => wire(group, users, links)),
        '@namespaces': namespaces,
        '@controls': { self: control(addressOf(links)) },
      });
    },
  });

  route(scope, {
    method: 'GET',
    url: '/v4/groups/:name',
    access,
    params,
    doc: {
      id: 'knimeGetGroup',
      tag,
      summary: 'Read a group',
      responses: { 200: masonAnswer('The group.', Group, example) },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const group = await find(principal, request.params.name);
      if (group === undefined) throw fail('not-found', `There is no group ${request.params.name}.`);
      return sendMason(request, reply, wire(group, await accounts.listUsers(principal), linksOf(request, context)));
    },
  });

  route(scope, {
    method: 'PUT',
    url: '/v4/groups/:name',
    access,
    params,
    doc: {
      id: 'knimePutGroupOfUsers',
      tag,
      summary: 'Make or change a group',
      requestBody: {
        required: false,
        content: { 'application/json': { schema: GroupChange, example: { description: 'Month-end closing' } } },
      },
      responses: {
        200: masonAnswer('It is changed.', Group, example),
        201: masonAnswer('It is new.', Group, example, {
          Location: { description: 'Address of the group.', example: `${exampleRoot}/v4/groups/team` },
        }),
      },
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const { name } = request.params;
      const before = await find(principal, name);
      const { description = before?.description } = parseWith(GroupChange, request.body ?? {});
      const group = { name, ...(description === undefined ? {} : { description }) };
      await accounts.saveGroup(principal, group);
      const links = linksOf(request, context);
      if (before === undefined) reply.code(201).header('location', addressOf(links, name));
      return sendMason(request, reply, wire(group, await accounts.listUsers(principal), links));
    },
  });

  route(scope, {
    method: 'DELETE',
    url: '/v4/groups/:name',
    access,
    params,
    doc: {
      id: 'knimeDeleteGroup',
      tag,
      summary: 'Remove a group',
      responses: { 204: { description: 'It is gone.' } },
      errors: ['not-found', 'conflict'],
    },
    handler: async (request, reply) => {
      await accounts.deleteGroup(caller(request), request.params.name);
      return reply.code(204).send();
    },
  });
}
