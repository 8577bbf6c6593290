import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller, coversScope } from '../../http/access.ts';
import { instant, toIso } from '../../http/query.ts';
import { route } from '../../http/routes.ts';
import { parseWith } from '../../http/validation.ts';
import { fail } from '../../model/errors.ts';
import { type Principal, roles, type Scope, type Token as StoredToken, scopes } from '../../model/principal.ts';

const time = z.string().meta({ format: 'date-time', example: '2026-11-22T09:30:00.000Z' });
const scopeList = z
  .array(z.enum(scopes))
  .min(1)
  .meta({ description: 'What it may be used for; default: all its user may.' });

const Token = z
  .object({
    id: z.int(),
    name: z.string(),
    user: z.string(),
    prefix: z.string().meta({ description: 'Begin of the secret, to tell tokens apart.' }),
    description: z.string().optional(),
    scopes: z.array(z.enum(scopes)).optional(),
    enabled: z.boolean(),
    createdAt: time,
    updatedAt: time,
    expiresAt: time.optional(),
  })
  .meta({ id: 'Token' });

const NewToken = z
  .strictObject({
    name: z.string().min(1).max(100).meta({ description: 'What it is for.' }),
    description: z.string().max(1000).optional(),
    user: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .meta({ description: 'For whom; default: yourself. Others need admin.' }),
    scopes: scopeList.optional(),
    expiresAt: instant('Not good any more after this.', '2030-01-01T00:00:00Z').optional(),
  })
  .meta({ id: 'NewToken' });

const TokenChange = z
  .strictObject({
    name: z.string().min(1).max(100).optional(),
    description: z.string().max(1000).nullable().optional(),
    scopes: scopeList.nullable().optional(),
    expiresAt: instant('Not good any more after this.', '2030-01-01T00:00:00Z').nullable().optional(),
    enabled: z.boolean().optional().meta({ description: 'False: it does not work until it is enabled again.' }),
  })
  .meta({ id: 'TokenChange', description: 'What is left out stays; null takes a setting away.' });

const MadeToken = Token.extend({ token: z.string().meta({ description: 'The secret; shown this once.' }) }).meta({
  id: 'MadeToken',
});

const NewJwt = z
  .strictObject({
    expiresInSeconds: z.int().min(1).max(86_400).optional().meta({ description: 'Default 3600.' }),
    scopes: scopeList.optional(),
  })
  .meta({ id: 'NewJwt' });

const Jwt = z
  .object({ token: z.string(), tokenType: z.literal('Bearer'), expiresAt: time })
  .meta({ id: 'Jwt', description: 'Send it as `Authorization: Bearer <token>`.' });

const Me = z
  .object({
    name: z.string(),
    roles: z.array(z.enum(roles)),
    groups: z.array(z.string()),
    scopes: z.array(z.enum(scopes)).optional().meta({ description: 'What this credential is limited to.' }),
  })
  .meta({ id: 'Me' });

const example = {
  id: 1,
  name: 'ci',
  user: 'admin',
  prefix: 'mlr_AbCd',
  scopes: ['jobs:run'],
  enabled: true,
  createdAt: '2026-11-22T09:30:00.000Z',
  updatedAt: '2026-11-22T09:30:00.000Z',
};

const tokenParams = z.object({
  id: z
    .string()
    .regex(/^[1-9]\d{0,14}$/)
    .meta({ description: 'Id of the token.', example: '1', accepted: 'the id of a token' }),
});

const wire = (token: StoredToken) => ({
  id: token.id,
  name: token.name,
  user: token.user,
  prefix: token.prefix,
  ...(token.description === undefined ? {} : { description: token.description }),
  ...(token.scopes === undefined ? {} : { scopes: token.scopes }),
  enabled: token.enabled,
  createdAt: toIso(token.createdAt),
  updatedAt: toIso(token.updatedAt),
  ...(token.expiresAt === undefined ? {} : { expiresAt: toIso(token.expiresAt) }),
});

function inFuture(expiresAt: string | null | undefined, now: number): void {
  if (expiresAt == null || Date.parse(expiresAt) > now) return;
  const message = `expiresAt: ${JSON.stringify(expiresAt)} is over already.`;
  throw fail('invalid-input', { detail: message, errors: [{ pointer: '/expiresAt', message }] });
}

/** A credential never makes one that may do more than itself. */
function limited(principal: Principal, wanted: Scope[] | undefined): Scope[] | undefined {
  if (principal.scopes === undefined) return wanted;
  const beyond = wanted?.filter((scope) => !coversScope(principal.scopes, scope)) ?? [];
  if (beyond.length > 0) throw fail('forbidden', `This token is limited and cannot give away ${beyond.join(', ')}.`);
  return wanted ?? [...principal.scopes];
}

/** API tokens, JWTs, and who one is. */
export function addTokens(scope: FastifyInstance, { engine, signToken, clock }: DialectContext): void {
  const tag = 'Accounts';
  route(scope, {
    method: 'GET',
    url: '/me',
    access: 'signed-in',
    doc: {
      id: 'getMe',
      tag,
      summary: 'Who am I?',
      responses: {
        200: {
          description: 'Name, roles and groups.',
          schema: Me,
          example: { name: 'admin', roles: ['admin'], groups: [] },
        },
      },
      flow: { order: 1 },
    },
    handler: (request, reply) => {
      const { name, roles, groups, scopes } = caller(request);
      return reply.send({ name, roles, groups, ...(scopes === undefined ? {} : { scopes }) });
    },
  });
  route(scope, {
    method: 'POST',
    url: '/tokens/jwt',
    access: 'signed-in',
    doc: {
      id: 'createJwt',
      tag,
      summary: 'Get a short-lived JWT',
      description:
        'Signed with HS256. It stops working when it has run out, or when password, roles or state of the user change.',
      requestBody: {
        required: false,
        content: { 'application/json': { schema: NewJwt, example: { expiresInSeconds: 3600 } } },
      },
      responses: {
        200: {
          description: 'The token.',
          schema: Jwt,
          example: {
            token: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZG1pbiJ9.c2ln',
            tokenType: 'Bearer',
            expiresAt: '2026-11-22T10:30:00.000Z',
          },
        },
      },
      flow: { order: 2 },
    },
    handler: async (request, reply) => {
      const { expiresInSeconds = 3600, scopes: wanted } = parseWith(NewJwt, request.body ?? {});
      const principal = caller(request);
      const { token, expiresAt } = await signToken(principal, expiresInSeconds, limited(principal, wanted));
      return reply.send({ token, tokenType: 'Bearer', expiresAt: toIso(expiresAt) });
    },
  });
  route(scope, {
    method: 'POST',
    url: '/tokens',
    access: 'signed-in',
    body: NewToken,
    doc: {
      id: 'createToken',
      tag,
      summary: 'Make an API token',
      description: 'The secret is in this answer and nowhere else.',
      requestBody: {
        content: { 'application/json': { schema: NewToken, example: { name: 'ci', scopes: ['jobs:run'] } } },
      },
      responses: {
        201: {
          description: 'With the secret.',
          schema: MadeToken,
          example: { ...example, token: 'mlr_AbCdEf0123456789' },
        },
      },
      errors: ['not-found'],
      flow: { order: 3, save: { tokenId: 'id' } },
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const { name, description, user, expiresAt, scopes: wanted } = request.body;
      inFuture(expiresAt, clock());
      const scopes = limited(principal, wanted);
      const { token, secret } = await engine.accounts.createToken(principal, {
        name,
        ...(description === undefined ? {} : { description }),
        ...(user === undefined ? {} : { user }),
        ...(scopes === undefined ? {} : { scopes }),
        ...(expiresAt === undefined ? {} : { expiresAt: Date.parse(expiresAt) }),
      });
      return reply.code(201).send({ ...wire(token), token: secret });
    },
  });
  route(scope, {
    method: 'GET',
    url: '/tokens',
    access: 'signed-in',
    doc: {
      id: 'listTokens',
      tag,
      summary: 'List API tokens',
      description: 'Your own; an administrator sees all. Secrets are not among them.',
      responses: { 200: { description: 'The tokens.', schema: z.array(Token), example: [example] } },
      flow: { order: 4 },
    },
    handler: async (request, reply) => reply.send((await engine.accounts.listTokens(caller(request))).map(wire)),
  });
  route(scope, {
    method: 'PATCH',
    url: '/tokens/:id',
    access: 'signed-in',
    params: tokenParams,
    body: TokenChange,
    doc: {
      id: 'updateToken',
      tag,
      summary: 'Change a token',
      description: 'The secret stays as it is.',
      requestBody: { content: { 'application/json': { schema: TokenChange, example: { description: 'For CI' } } } },
      responses: { 200: { description: 'The token as it is now.', schema: Token, example } },
      errors: ['not-found'],
      flow: { order: 5, path: { id: '{{tokenId}}' } },
    },
    handler: async (request, reply) => {
      const { name, description, scopes, expiresAt, enabled } = request.body;
      inFuture(expiresAt, clock());
      const token = await engine.accounts.updateToken(caller(request), Number(request.params.id), {
        ...(name === undefined ? {} : { name }),
        ...(description === undefined ? {} : { description }),
        ...(scopes === undefined ? {} : { scopes }),
        ...(expiresAt === undefined ? {} : { expiresAt: expiresAt === null ? null : Date.parse(expiresAt) }),
        ...(enabled === undefined ? {} : { enabled }),
      });
      return reply.send(wire(token));
    },
  });
  route(scope, {
    method: 'DELETE',
    url: '/tokens/:id',
    access: 'signed-in',
    params: tokenParams,
    doc: {
      id: 'deleteToken',
      tag,
      summary: 'Take a token back',
      description: 'It stops working at once.',
      responses: { 204: { description: 'It is gone.' } },
      errors: ['not-found'],
      flow: { order: 90, path: { id: '{{tokenId}}' } },
    },
    handler: async (request, reply) => {
      await engine.accounts.deleteToken(caller(request), Number(request.params.id));
      return reply.code(204).send();
    },
  });
}
