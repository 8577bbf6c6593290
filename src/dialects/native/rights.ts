import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { accountName } from '../../http/account-fields.ts';
import { queryInteger, toIso } from '../../http/query.ts';
import { route } from '../../http/routes.ts';
import { actions } from '../../model/principal.ts';
import { nextLink } from './paging.ts';

const Group = z.object({ name: z.string(), description: z.string().optional() }).meta({ id: 'Group' });
const GroupSettings = z.strictObject({ description: z.string().max(1000).optional() }).meta({ id: 'GroupSettings' });
const groupParams = z.object({ name: accountName.meta({ description: 'Name of the group.', example: 'finance' }) });

const actionList = z.array(z.enum(actions)).max(actions.length);
const Permission = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .max(1024)
      .meta({ description: '`/`, a folder or a workflow; holds below it until a deeper entry says otherwise.' }),
    user: z.string().min(1).max(100).optional(),
    group: z.string().min(1).max(100).optional(),
    actions: actionList.meta({ description: 'None: the entry goes.' }),
  })
  .refine((value) => (value.user === undefined) !== (value.group === undefined), {
    message: 'needs either user or group',
  })
  .meta({ id: 'Permission', description: 'What a user or a group may do at a path.' });

const AuditPage = z
  .object({
    items: z.array(
      z.object({
        id: z.int(),
        at: z.string().meta({ format: 'date-time', example: '2026-11-22T09:30:00.000Z' }),
        actor: z.string(),
        action: z.string(),
        target: z.string().optional(),
        address: z.string().optional(),
        detail: z.string().optional(),
      }),
    ),
    next: z.string().optional(),
  })
  .meta({ id: 'AuditPage' });

/** Groups, permissions on paths, and the record of security-relevant acts. */
export function addRights(scope: FastifyInstance, { engine, basePath }: DialectContext): void {
  const { accounts } = engine;
  const tag = 'Accounts';
  const access = { scope: 'admin', roles: ['admin'] } as const;
  const example = { name: 'finance', description: 'Month-end closing' };
  route(scope, {
    method: 'GET',
    url: '/groups',
    access,
    doc: {
      id: 'listGroups',
      tag,
      summary: 'List groups',
      responses: { 200: { description: 'By name.', schema: z.array(Group), example: [example] } },
      flow: { order: 21 },
    },
    handler: async (request, reply) =>
      reply.send(
        (await accounts.listGroups(caller(request))).map(({ name, description }) => ({
          name,
          ...(description === undefined ? {} : { description }),
        })),
      ),
  });
  route(scope, {
    method: 'PUT',
    url: '/groups/:name',
    access,
    params: groupParams,
    body: GroupSettings,
    doc: {
      id: 'putGroup',
      tag,
      summary: 'Make or change a group',
      requestBody: {
        content: { 'application/json': { schema: GroupSettings, example: { description: 'Month-end closing' } } },
      },
      responses: { 200: { description: 'The group as it is now.', schema: Group, example } },
      flow: { order: 20 },
    },
    handler: async (request, reply) => {
      const { description } = request.body;
      const group = { name: request.params.name, ...(description === undefined ? {} : { description }) };
      await accounts.saveGroup(caller(request), group);
      return reply.send(group);
    },
  });
  route(scope, {
    method: 'DELETE',
    url: '/groups/:name',
    access,
    params: groupParams,
    doc: {
      id: 'deleteGroup',
      tag,
      summary: 'Remove a group',
      responses: { 204: { description: 'It is gone.' } },
      errors: ['not-found', 'conflict'],
      flow: { order: 70 },
    },
    handler: async (request, reply) => {
      await accounts.deleteGroup(caller(request), request.params.name);
      return reply.code(204).send();
    },
  });
  route(scope, {
    method: 'GET',
    url: '/permissions',
    access,
    doc: {
      id: 'listPermissions',
      tag,
      summary: 'List permissions on paths',
      responses: {
        200: {
          description: 'All entries.',
          schema: z.array(Permission),
          example: [{ path: '/Finance', group: 'finance', actions: ['read', 'run'] }],
        },
      },
      flow: { order: 31 },
    },
    handler: async (request, reply) =>
      reply.send(
        (await accounts.listPermissions(caller(request))).map(({ path, subject, actions }) => ({
          path,
          ...subject,
          actions,
        })),
      ),
  });
  route(scope, {
    method: 'PUT',
    url: '/permissions',
    access,
    body: Permission,
    doc: {
      id: 'putPermission',
      tag,
      summary: 'Say what a user or group may do at a path',
      description: 'Replaces the entry of this path and subject; without actions it goes.',
      requestBody: {
        content: {
          'application/json': {
            schema: Permission,
            example: { path: '/Finance', group: 'finance', actions: ['read', 'run'] },
          },
        },
      },
      responses: {
        200: {
          description: 'The entry as it is now.',
          schema: Permission,
          example: { path: '/Finance', group: 'finance', actions: ['read', 'run'] },
        },
      },
      errors: ['not-found', 'invalid-path'],
      flow: { order: 30 },
    },
    handler: async (request, reply) => {
      const { path, user, group, actions } = request.body;
      const subject = user === undefined ? { group: group ?? '' } : { user };
      await accounts.savePermission(caller(request), { path, subject, actions });
      return reply.send({ path, ...subject, actions });
    },
  });
  route(scope, {
    method: 'GET',
    url: '/audit',
    access,
    query: z.strictObject({
      limit: queryInteger({ min: 1, max: 1000, default: 100, description: 'Entries on one page.' }),
      cursor: z.string().min(1).max(500).optional().meta({ description: '`next` of the page before.', example: 'abc' }),
    }),
    doc: {
      id: 'listAudit',
      tag,
      summary: 'Who changed what',
      description: 'Sign-ins that failed, changes of users, tokens, rights and definitions; newest first.',
      responses: {
        200: {
          description: 'One page.',
          schema: AuditPage,
          headers: { Link: { description: 'Next page.', example: '</audit?cursor=abc>; rel="next"' } },
          example: {
            items: [{ id: 1, at: '2026-11-22T09:30:00.000Z', actor: 'admin', action: 'user.create', target: 'mary' }],
          },
        },
      },
      flow: { order: 40 },
    },
    handler: async (request, reply) => {
      const { limit, cursor } = request.query;
      const page = await accounts.listAudit(caller(request), {
        limit: limit ?? 100,
        ...(cursor === undefined ? {} : { cursor }),
      });
      if (page.next !== undefined) reply.header('link', nextLink(request, basePath, page.next));
      return reply.send({
        items: page.items.map(({ id, at, actor, action, target, address, detail }) => ({
          id,
          at: toIso(at),
          actor,
          action,
          ...(target === undefined ? {} : { target }),
          ...(address === undefined ? {} : { address }),
          ...(detail === undefined ? {} : { detail }),
        })),
        ...(page.next === undefined ? {} : { next: page.next }),
      });
    },
  });
}
