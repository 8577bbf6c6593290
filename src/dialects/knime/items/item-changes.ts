import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { streamOf, takeOnlyStreams } from '../../../http/bodies.ts';
import { peek } from '../../../model/byte-stream.ts';
import { fail } from '../../../model/errors.ts';
import { itemPath, itemRoute } from '../item-route.ts';
import { linksOf } from '../links.ts';
import { masonAnswer, sendMason } from '../mason.ts';
import { flag } from '../query.ts';
import { getItem } from './find-item.ts';
import { exampleData, Item, locationHeader } from './item-schemas.ts';
import { itemWire, mayDo } from './item-wire.ts';
import { checkName, parentOf } from './names.ts';

/** Making groups, deleting items (reference section 7.6). */
export async function addItemChanges(scope: FastifyInstance, context: DialectContext): Promise<void> {
  const { engine } = context;
  const access = { scope: 'workflows:write' } as const;
  const exampleGroup = { ...exampleData, path: '/Users/guest', name: 'guest', type: 'WorkflowGroup', children: [] };

  await scope.register(async (groups) => {
    takeOnlyStreams(groups);
    itemRoute(groups, {
      method: 'PUT',
      access,
      upload: true,
      doc: {
        id: 'knimePutGroup',
        tag: 'Repository',
        summary: 'Make a group',
        description: 'Without a body. Content is uploaded to `:data`.',
        responses: {
          200: masonAnswer('It was there.', Item, exampleGroup),
          201: masonAnswer('It is new.', Item, exampleGroup, locationHeader),
        },
        errors: ['not-found', 'forbidden', 'invalid-path', 'exists'],
      },
      handler: async (request, reply) => {
        const path = itemPath(request);
        const principal = caller(request);
        await refuseBody(streamOf(request), path);
        checkName(path);
        const there = await engine.items.find(principal, path);
        if (there !== undefined && there.kind !== 'folder') {
          throw fail('exists', `Item '${path}' exists and is not a workflow group.`);
        }
        const links = linksOf(request, context);
        if (there === undefined) {
          await getItem(context, principal, parentOf(path));
          try {
            await engine.folders.make(principal, path);
            reply.code(201).header('location', links.item(path));
          } catch (error) {
            // Somebody else may have made it meanwhile.
            const made = await engine.items.find(principal, path);
            if (made?.kind !== 'folder') throw error;
          }
        }
        const item = await getItem(context, principal, path, 1);
        return sendMason(request, reply, itemWire(item, links, mayDo(engine, principal, path)));
      },
    });
  });

  itemRoute(scope, {
    method: 'DELETE',
    access,
    query: z.object({
      deletePermanently: flag('Taken, and passed over: there is no recycle bin.'),
    }),
    doc: {
      id: 'knimeDeleteItem',
      tag: 'Repository',
      summary: 'Delete an item',
      description: 'A group goes with all below it. Jobs that were loaded keep their version of a workflow.',
      responses: { 204: { description: 'It is gone.' } },
      errors: ['not-found', 'forbidden', 'invalid-path'],
    },
    handler: async (request, reply) => {
      const path = itemPath(request);
      if (path === '/') throw fail('forbidden', 'The root of the repository cannot be deleted.');
      await getItem(context, caller(request), path);
      await engine.items.remove(caller(request), path);
      return reply.code(204).send();
    },
  });
}

/** Some clients send an empty object where nothing is wanted; anything more was meant for another address. */
async function refuseBody(body: AsyncIterable<Uint8Array>, path: string): Promise<void> {
  const { start } = await peek(body, 101);
  if (start.length > 100 || !/^\s*(?:\{\s*\})?\s*$/.test(start.toString('latin1'))) {
    throw fail('invalid-input', `A group is made without a body; send content to PUT ${path}:data.`);
  }
}
