import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { route } from '../../http/routes.ts';
import { choices } from './choices.ts';
import { exampleRoot, type Links, linksBelow, linksOf } from './links.ts';
import { control, masonAnswer, masonMembers, namespaces, sendMason } from './mason.ts';
import { exactNumber } from './parameters/exact-json.ts';

const Root = z
  .object({
    mountId: z.string().meta({ description: 'Name under which clients mount the server.' }),
    version: z.object({ major: z.int(), minor: z.int(), revision: z.int() }),
    preferredAuthType: z.string(),
    enableResetOnUploadCheckbox: z.boolean(),
    forceResetOnUpload: z.boolean(),
    fetchInterval: z.number().meta({ description: 'Seconds.' }),
    fetchTimeout: z.number().meta({ description: 'Seconds.' }),
    ...masonMembers,
  })
  .meta({ id: 'KnimeRoot' });

const wire = (self: string, { root }: Links) => ({
  mountId: choices.mountId,
  version: choices.version,
  preferredAuthType: choices.authType,
  enableResetOnUploadCheckbox: true,
  forceResetOnUpload: false,
  fetchInterval: exactNumber(choices.fetchInterval),
  fetchTimeout: exactNumber(choices.fetchTimeout),
  '@namespaces': namespaces,
  '@controls': {
    self: control(self),
    'knime:v4': control(`${root}/v4`),
    'knime:repository': control(`${root}/v4/repository/`),
    'knime:jobs': control(`${root}/v4/jobs{?user}`),
    'knime:openapi': control(`${root}/openapi.json`),
  },
});

/** What clients read first: mount id, way to sign in, version (reference section 6). It also tells that the server lives. */
export function addRoot(scope: FastifyInstance, context: DialectContext): void {
  const shown = linksBelow(exampleRoot);
  for (const [url, id, summary] of [
    ['', 'knimeGetRoot', 'Read the root document'],
    ['/v4', 'knimeGetV4', 'Read the root document of version 4'],
  ] as const) {
    route(scope, {
      method: 'GET',
      url,
      access: 'public',
      doc: {
        id,
        tag: 'Server',
        summary,
        responses: {
          200: masonAnswer('What the server is.', Root, {
            ...wire(`${shown.root}${url}`, shown),
            fetchInterval: Number(choices.fetchInterval),
            fetchTimeout: Number(choices.fetchTimeout),
          }),
        },
      },
      handler: (request, reply) => {
        const links = linksOf(request, context);
        return sendMason(request, reply, wire(`${links.root}${url}`, links));
      },
    });
  }
}
