import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import type { Action, Permission, Principal } from '../../../model/principal.ts';
import { choices } from '../choices.ts';
import { itemPath, itemRoute } from '../item-route.ts';
import { getItem } from '../items/find-item.ts';
import { ownerOf } from '../items/owner.ts';
import { type Links, linksOf } from '../links.ts';
import { control, masonAnswer, masonMembers, namespaces, sendMason } from '../mason.ts';

const Entry = z
  .object({
    user: z.string().min(1).max(100).optional(),
    group: z.string().min(1).max(100).optional(),
    read: z.boolean().optional(),
    write: z.boolean().optional(),
    execute: z.boolean().optional(),
  })
  .refine(({ user, group }) => (user === undefined) !== (group === undefined), {
    message: 'needs either user or group',
  });
const Permissions = z
  .looseObject({
    path: z.string(),
    owner: z.string(),
    permissions: z.array(Entry).meta({ description: 'What is said at this very item; it holds below it too.' }),
    ...masonMembers,
  })
  .meta({ id: 'KnimePermissions' });
const Change = z.object({ permissions: z.array(Entry).max(1000) }).meta({ id: 'KnimePermissionsChange' });

const rights = Object.entries(choices.rights) as [keyof typeof choices.rights, Action][];

const entryWire = ({ subject, actions }: Permission) => ({
  ...subject,
  ...Object.fromEntries(rights.map(([name, action]) => [name, actions.includes(action)])),
});

function wire(path: string, entries: readonly Permission[], links: Links) {
  const self = `${links.item(path)}:permissions`;
  return {
    path,
    owner: ownerOf(path),
    permissions: entries.map(entryWire),
    '@namespaces': namespaces,
    '@controls': {
      self: control(self),
      'knime:change-permissions': control(self, 'PUT', { encoding: 'Json' }),
    },
  };
}

/** Rights on items, for administrators; the addresses of the original are not known (reference sections 7.6 and 19). */
export function addPermissions(scope: FastifyInstance, context: DialectContext): void {
  const { accounts } = context.engine;
  const access = { scope: 'admin', roles: ['admin'] } as const;
  const example = {
    path: '/Users/guest',
    owner: 'guest',
    permissions: [{ group: 'team', read: true, write: false, execute: true }],
    '@controls': {},
  };
  const entriesAt = async (principal: Principal, path: string): Promise<Permission[]> =>
    (await accounts.listPermissions(principal)).filter((entry) => entry.path === path);

  itemRoute(scope, {
    method: 'GET',
    action: 'permissions',
    access,
    doc: {
      id: 'knimeGetPermissions',
      tag: 'Administration',
      summary: 'Read what users and groups may do with an item',
      responses: { 200: masonAnswer('The entries of this item.', Permissions, example) },
      errors: ['not-found', 'invalid-path'],
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const { path } = await getItem(context, principal, itemPath(request));
      return sendMason(request, reply, wire(path, await entriesAt(principal, path), linksOf(request, context)));
    },
  });

  itemRoute(scope, {
    method: 'PUT',
    action: 'permissions',
    access,
    body: Change,
    doc: {
      id: 'knimePutPermissions',
      tag: 'Administration',
      summary: 'Say what users and groups may do with an item',
      description:
        'The list replaces the one that was there. Without an entry, the nearest group above or the role decides.',
      requestBody: {
        content: { 'application/json': { schema: Change, example: { permissions: example.permissions } } },
      },
      responses: { 200: masonAnswer('The entries as they are now.', Permissions, example) },
      errors: ['not-found', 'invalid-path'],
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const { path } = await getItem(context, principal, itemPath(request));
      const wanted = request.body.permissions.map((entry): Permission => {
        const subject = entry.user === undefined ? { group: entry.group ?? '' } : { user: entry.user };
        return { path, subject, actions: rights.filter(([name]) => entry[name] === true).map(([, action]) => action) };
      });
      const named = new Set(wanted.map(({ subject }) => JSON.stringify(subject)));
      const gone = (await entriesAt(principal, path)).filter(({ subject }) => !named.has(JSON.stringify(subject)));
      // First what is given: with the last entry of a path gone, roles would decide for a moment.
      for (const entry of wanted) await accounts.savePermission(principal, entry);
      for (const { subject } of gone) await accounts.savePermission(principal, { path, subject, actions: [] });
      return sendMason(request, reply, wire(path, await entriesAt(principal, path), linksOf(request, context)));
    },
  });
}
