import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { toIso } from '../../../http/query.ts';
import { route } from '../../../http/routes.ts';
import type { Token } from '../../../model/principal.ts';
import { fieldError } from '../bean-validation.ts';
import { notBlank, single, whole } from '../fields.ts';
import { timeWire } from '../job-wire.ts';

const FmeV3NewToken = z
  .object({
    restricted: z.boolean().optional().meta({ description: 'Only false is taken; V4 makes limited tokens.' }),
    name: notBlank('Its name.', 'tutorial-client'),
    description: z.string().max(1000).optional().meta({ description: 'What it is for.' }),
    expirationTimeout: whole(
      { min: 1 },
      { description: 'Seconds until it ends; without it never.', example: 2_592_000 },
    ),
    user: single('Whose it is; another than oneself needs an administrator.', 'admin'),
    enabled: z.boolean().optional(),
  })
  .meta({ id: 'FmeV3NewToken' });
const FmeV3Token = z
  .object({
    lastSaveDate: z.string().meta({ format: 'date-time' }),
    createdDate: z.string().meta({ format: 'date-time' }),
    restricted: z.boolean(),
    name: z.string(),
    description: z.string(),
    type: z.literal('USER'),
    user: z.string(),
    enabled: z.boolean(),
    expirationDate: z.string().nullable().meta({ format: 'date-time' }),
    token: z.string(),
  })
  .meta({ id: 'FmeV3Token' });

const example = {
  lastSaveDate: '2026-01-15T09:00:00.000Z',
  createdDate: '2026-01-15T09:00:00.000Z',
  restricted: false,
  name: 'tutorial-client',
  description: 'Token for the job tutorial',
  type: 'USER',
  user: 'admin',
  enabled: true,
  expirationDate: '2026-02-14T09:00:00.000Z',
  token: '00112233445566778899aabbccddeeff00112233',
};

const wire = (
  { name, description = '', user, scopes, enabled, createdAt, updatedAt, expiresAt }: Token,
  secret: string,
) => ({
  lastSaveDate: toIso(updatedAt),
  createdDate: toIso(createdAt),
  restricted: scopes !== undefined,
  name,
  description,
  type: 'USER',
  user,
  enabled,
  expirationDate: timeWire(expiresAt),
  token: secret,
});

/** Making API tokens (reference section 2.6). */
export function addV3Tokens(scope: FastifyInstance, { engine }: DialectContext): void {
  route(scope, {
    method: 'POST',
    url: '/tokens',
    access: 'signed-in',
    body: FmeV3NewToken,
    doc: {
      id: 'fmeV3CreateToken',
      tag: 'V3 Security',
      summary: 'V3: make an API token',
      requestBody: {
        content: { 'application/json': { schema: FmeV3NewToken, example: { name: 'tutorial-client', enabled: true } } },
      },
      responses: { 201: { description: 'With the secret, shown once.', schema: FmeV3Token, example } },
      errors: ['exists', 'conflict', 'not-found'],
    },
    handler: async (request, reply) => {
      const { restricted, name, description = '', expirationTimeout, user, enabled } = request.body;
      if (restricted === true)
        throw fieldError('restricted', 'must be false; POST /fmeapiv4/tokens makes limited tokens');
      const { token, secret } = await engine.accounts.createToken(caller(request), {
        name,
        form: 'hex',
        uniqueName: true,
        ...(description === '' ? {} : { description }),
        ...(user === undefined ? {} : { user }),
        ...(enabled === undefined ? {} : { enabled }),
        ...(expirationTimeout === undefined ? {} : { livesMs: expirationTimeout * 1000 }),
      });
      return reply.code(201).header('cache-control', 'no-store').send(wire(token, secret));
    },
  });
}
