import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { toIso } from '../../http/query.ts';
import { route } from '../../http/routes.ts';
import { fail } from '../../model/errors.ts';
import type { Principal, Token } from '../../model/principal.ts';
import { fieldError } from './bean-validation.ts';
import { flag, notBlank, single, time, whole } from './fields.ts';
import { envelopeOf, exampleOf, listed, pagingQuery, windowOf } from './paging.ts';
import { permissionNames, permissionsOf, scopesOf } from './token-permissions.ts';

const settings = {
  description: z.string().max(1000).optional(),
  enabled: flag('False: it does not work.').meta({ default: true }),
  customPermissions: flag('True: it may do what `permissions` lists, and no more.'),
  permissions: z.array(z.string()).optional().meta({ description: 'What it may do; see the description.' }),
  secondsToExpiry: whole(
    { min: 1, max: 3_153_600_000 },
    { description: 'From now until it stops working; without it, it does not.', example: 2_592_000 },
  ),
};

const FmeNewToken = z
  .object({ name: notBlank('Unique among the tokens of its owner.'), ...settings })
  .meta({ id: 'FmeNewToken' });
const FmeTokenChange = z.object(settings).meta({ id: 'FmeTokenChange', description: 'What is left out stays.' });

const FmeToken = z
  .object({
    name: z.string(),
    description: z.string(),
    owner: z.string(),
    type: z.literal('USER'),
    customPermissions: z.boolean(),
    permissions: z.array(z.string()).optional(),
    enabled: z.boolean(),
    created: time('When it was made.'),
    updated: time('When it was last changed.'),
    secondsToExpiry: z.int().optional(),
    expiration: time('When it stops working; null: never.'),
    token: z.string().optional().meta({ description: 'The secret, shown once: when it is made.' }),
  })
  .meta({ id: 'FmeToken' });

const example = {
  name: 'tutorial-client',
  description: 'Token for the job tutorial',
  owner: 'admin',
  type: 'USER',
  customPermissions: false,
  enabled: true,
  created: '2026-01-15T09:00:00.000Z',
  updated: '2026-01-15T09:00:00.000Z',
  secondsToExpiry: 2_592_000,
  expiration: '2026-02-14T09:00:00.000Z',
};

const tokenWire = (token: Token, secret?: string) => ({
  name: token.name,
  description: token.description ?? '',
  owner: token.user,
  type: 'USER',
  customPermissions: token.scopes !== undefined,
  ...(token.scopes === undefined ? {} : { permissions: permissionsOf(token.scopes) }),
  enabled: token.enabled,
  created: toIso(token.createdAt),
  updated: toIso(token.updatedAt),
  ...(token.expiresAt === undefined
    ? { expiration: null }
    : {
        secondsToExpiry: Math.round((token.expiresAt - token.updatedAt) / 1000),
        expiration: toIso(token.expiresAt),
      }),
  ...(secret === undefined ? {} : { token: secret }),
});

const params = z.object({
  name: z.string().min(1).max(1024).meta({ description: 'Name of the token.', example: 'tutorial-client' }),
});
const owner = single('Of this user; others than oneself need an administrator.', 'admin');

/** API tokens. */
export function addTokens(scope: FastifyInstance, { engine, basePath }: DialectContext): void {
  const tag = 'Tokens';
  const { accounts } = engine;

  const visible = async (principal: Principal, owner: string | undefined): Promise<Token[]> =>
    (await accounts.listTokens(principal)).filter(({ user }) => owner === undefined || user === owner);

  /** The newest of that name; one's own unless another owner is asked for. */
  const find = async (principal: Principal, name: string, owner = principal.name): Promise<Token> => {
    const token = (await visible(principal, owner)).findLast((one) => one.name === name);
    if (token === undefined) throw fail('not-found', `Token "${name}" does not exist.`);
    return token;
  };

  route(scope, {
    method: 'POST',
    url: '/tokens',
    access: 'signed-in',
    body: FmeNewToken,
    doc: {
      id: 'fmeCreateToken',
      tag,
      summary: 'Make an API token',
      description:
        'The secret is in this answer and nowhere else. With `customPermissions` the list `permissions` says what it may ' +
        `do: ${permissionNames.map((name) => `\`${name}\``).join(', ')}. The last three are one right here, which opens the ` +
        'whole administration: give a token one of them only where it may do all that its owner may.',
      requestBody: {
        content: {
          'application/json': {
            schema: FmeNewToken,
            example: { name: 'tutorial-client', enabled: true, secondsToExpiry: 2_592_000 },
          },
        },
      },
      responses: {
        201: {
          description: 'With the secret.',
          schema: FmeToken,
          headers: { Location: { description: 'Address of the token.', example: '/fmeapiv4/tokens/tutorial-client' } },
          example: { ...example, token: '00112233445566778899aabbccddeeff00112233' },
        },
      },
      errors: ['exists', 'conflict'],
    },
    handler: async (request, reply) => {
      const { name, description, enabled, customPermissions, permissions, secondsToExpiry } = request.body;
      const scopes = customPermissions === true ? scopesOf(permissions) : undefined;
      const { token, secret } = await accounts.createToken(caller(request), {
        name,
        form: 'hex',
        uniqueName: true,
        ...(description === undefined || description === '' ? {} : { description }),
        ...(enabled === undefined ? {} : { enabled }),
        ...(scopes === undefined ? {} : { scopes }),
        ...(secondsToExpiry === undefined ? {} : { livesMs: secondsToExpiry * 1000 }),
      });
      return reply
        .code(201)
        .header('location', `${basePath}/fmeapiv4/tokens/${encodeURIComponent(name)}`)
        .send(tokenWire(token, secret));
    },
  });

  route(scope, {
    method: 'GET',
    url: '/tokens',
    access: 'signed-in',
    query: z.object({ owner, ...pagingQuery }),
    doc: {
      id: 'fmeListTokens',
      tag,
      summary: 'List API tokens',
      description: 'Your own; an administrator sees those of all users.',
      responses: {
        200: { description: 'One page.', schema: envelopeOf(FmeToken, 'FmeTokens'), example: exampleOf(example) },
      },
    },
    handler: async (request, reply) => {
      const { owner, ...paging } = request.query;
      const tokens = await visible(caller(request), owner);
      const { items, ...rest } = listed(tokens, windowOf(paging));
      return reply.send({ items: items.map((token) => tokenWire(token)), ...rest });
    },
  });

  const one = { access: 'signed-in', url: '/tokens/:name', params, query: z.object({ owner }) } as const;

  route(scope, {
    ...one,
    method: 'GET',
    doc: {
      id: 'fmeGetToken',
      tag,
      summary: 'Read an API token',
      description: 'Without its secret.',
      responses: { 200: { description: 'The token.', schema: FmeToken, example } },
      errors: ['not-found'],
    },
    handler: async (request, reply) =>
      reply.send(tokenWire(await find(caller(request), request.params.name, request.query.owner))),
  });

  route(scope, {
    ...one,
    method: 'PUT',
    body: FmeTokenChange,
    doc: {
      id: 'fmeUpdateToken',
      tag,
      summary: 'Change an API token',
      requestBody: { content: { 'application/json': { schema: FmeTokenChange, example: { enabled: false } } } },
      responses: { 204: { description: 'It is changed.' } },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const { description, enabled, customPermissions, permissions, secondsToExpiry } = request.body;
      const principal = caller(request);
      const token = await find(principal, request.params.name, request.query.owner);
      if (permissions !== undefined && customPermissions === false)
        throw fieldError('permissions', 'must not be given without customPermissions');
      const scopes =
        customPermissions === true || permissions !== undefined
          ? scopesOf(permissions)
          : customPermissions === false
            ? null
            : undefined;
      await accounts.updateToken(principal, token.id, {
        ...(description === undefined ? {} : { description: description === '' ? null : description }),
        ...(enabled === undefined ? {} : { enabled }),
        ...(scopes === undefined ? {} : { scopes }),
        ...(secondsToExpiry === undefined ? {} : { livesMs: secondsToExpiry * 1000 }),
      });
      return reply.code(204).send();
    },
  });

  route(scope, {
    ...one,
    method: 'DELETE',
    doc: {
      id: 'fmeDeleteToken',
      tag,
      summary: 'Revoke an API token',
      responses: { 204: { description: 'It does not work any more.' } },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const { id } = await find(principal, request.params.name, request.query.owner);
      await accounts.deleteToken(principal, id);
      return reply.code(204).send();
    },
  });
}
