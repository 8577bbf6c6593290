import basicAuth from '@fastify/basic-auth';
import jwt from '@fastify/jwt';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SignIn } from '../dialect.ts';
import type { Accounts } from '../engine/accounts.ts';
import { fail, isMillraceError } from '../model/errors.ts';
import { scopes as allScopes, type Principal, type Scope } from '../model/principal.ts';
import { type Access, checkAccess } from './access.ts';
import { createRecent } from './recent-credentials.ts';
import { mayBeInForm, tokenInForm, tokenInHeader, tokenInQuery } from './token-places.ts';

/** Both names of a JWT: who made it, and whom it is for. Nobody else's token is taken. */
const ISSUER = 'millrace';
const AUDIENCE = 'millrace-api';
const CLAIMS = ['exp', 'iat', 'sub', 'aud', 'iss'];
/** Tolerated difference of clocks, in milliseconds. */
const TOLERANCE_MS = 5_000;

const CHALLENGE = 'Basic realm="Millrace", charset="UTF-8", Bearer realm="Millrace"';

declare module 'fastify' {
  interface FastifyRequest {
    /** Principal of the Basic credentials that were just checked. */
    basicPrincipal: Principal | null;
  }
}

export interface Auth {
  /** Who sends this request, as its route takes credentials; undefined when they are wrong or have run out. */
  identify(request: FastifyRequest, reply: FastifyReply): Promise<Principal | undefined>;
  signToken(
    principal: Principal,
    seconds: number,
    scopes?: readonly Scope[],
  ): Promise<{ token: string; expiresAt: number }>;
}

export interface AuthOptions {
  accounts: Accounts;
  /** At least 32 random bytes. */
  jwtKey: Buffer;
  /** Further ways to sign in, by the name of the dialect whose routes take them. */
  signIn: ReadonlyMap<string, SignIn>;
}

/**
 * Adds authentication to the server: Basic (RFC 7617), bearer tokens (RFC 6750) that are either ours or a JWT signed with
 * HS256, and whatever else the dialect of a route names. Each route that is not public gets its check when it is
 * registered.
 */
export async function addAuth(fastify: FastifyInstance, { accounts, jwtKey, signIn }: AuthOptions): Promise<Auth> {
  if (jwtKey.length < 32) throw fail('configuration', 'The key for signing tokens must have at least 32 bytes.');
  fastify.decorateRequest('principal', null);
  fastify.decorateRequest('basicPrincipal', null);
  await fastify.register(basicAuth, {
    utf8: true,
    validate: (name, password, request, _reply, done) => {
      accounts.checkPassword(name, password, request.ip).then((principal) => {
        request.basicPrincipal = principal ?? null;
        done();
      }, done);
    },
  });
  await fastify.register(jwt, {
    secret: jwtKey,
    sign: { algorithm: 'HS256', iss: ISSUER, aud: AUDIENCE },
    verify: {
      algorithms: ['HS256'],
      allowedIss: ISSUER,
      allowedAud: AUDIENCE,
      requiredClaims: CLAIMS,
      clockTolerance: TOLERANCE_MS,
      cache: false,
    },
  });

  const waysOf = (dialect: string | undefined): SignIn | undefined =>
    dialect === undefined ? undefined : signIn.get(dialect);

  async function identify(request: FastifyRequest, reply: FastifyReply): Promise<Principal | undefined> {
    const ways = waysOf(request.routeOptions.config.dialect);
    return identifyByHeader(ways, request, reply) ?? identifyByQuery(ways, request);
  }

  /** Undefined where the header is of no kind that is known here, or there is none. */
  function identifyByHeader(
    ways: SignIn | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Principal | undefined> | undefined {
    const header = request.headers.authorization;
    if (header === undefined) return undefined;
    if (/^basic /i.test(header)) return identifyBasic(request, reply);
    const token = tokenInHeader(header, ways);
    return token === undefined ? undefined : identifyToken(token);
  }

  async function identifyByQuery(ways: SignIn | undefined, { query }: FastifyRequest): Promise<Principal | undefined> {
    const token = tokenInQuery(query, ways);
    return token === undefined ? undefined : identifyToken(token);
  }

  const identifyToken = (token: string): Promise<Principal | undefined> =>
    token.includes('.') ? identifyJwt(token) : accounts.checkToken(token);

  function identifyBasic(request: FastifyRequest, reply: FastifyReply): Promise<Principal | undefined> {
    return new Promise((resolve, reject) => {
      request.basicPrincipal = null;
      fastify.basicAuth(request, reply, (error?: Error) => {
        if (error === undefined) resolve(request.basicPrincipal ?? undefined);
        // Too many failed sign-ins is an answer of its own; a header that cannot be read is just a wrong one.
        else if (isMillraceError(error)) reject(error);
        else if (isUnreadable(error)) resolve(undefined);
        else reject(error);
      });
    });
  }

  async function identifyJwt(token: string): Promise<Principal | undefined> {
    let claims: Record<string, unknown>;
    try {
      claims = fastify.jwt.verify<Record<string, unknown>>(token);
    } catch {
      return undefined;
    }
    const { sub, rev, scope, exp, iat } = claims;
    if (typeof sub !== 'string' || typeof rev !== 'number' || typeof exp !== 'number' || typeof iat !== 'number') {
      return undefined;
    }
    const principal = await accounts.principalOf(sub, rev);
    if (principal === undefined || typeof scope !== 'string') return principal;
    return { ...principal, scopes: allScopes.filter((name) => scope.split(' ').includes(name)) };
  }

  async function signToken(principal: Principal, seconds: number, scopes = principal.scopes) {
    const rev = await accounts.revisionOf(principal.name);
    if (rev === undefined) throw fail('unauthenticated', 'This account does not exist any more.');
    const token = fastify.jwt.sign(
      { sub: principal.name, rev, ...(scopes === undefined ? {} : { scope: scopes.join(' ') }) },
      { expiresIn: seconds },
    );
    const { exp } = fastify.jwt.decode<{ exp: number }>(token)!;
    return { token, expiresAt: exp * 1000 };
  }

  const recent = createRecent(accounts);

  // Bound to each route, never to a path: a rewritten or oddly encoded address cannot slip past it.
  fastify.addHook('onRoute', (options) => {
    const access = options.config?.access;
    if (access === undefined || access === 'public') return;
    const ways = waysOf(options.config?.dialect);
    const check = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => {
      const same = recent.find(request, ways);
      if (same !== undefined) {
        admit(access, request, same, ways, done);
        return;
      }
      const { generation } = accounts;
      const byHeader = identifyByHeader(ways, request, reply);
      (byHeader ?? identifyByQuery(ways, request)).then((principal) => {
        // Only what the header itself has proved: who sends the same one next may bring another token, or none.
        if (principal !== undefined && byHeader) recent.remember(request, ways, principal, generation);
        // Decided by the check below, once the form is read.
        if (principal === undefined && mayBeInForm(request, ways)) return done();
        admit(access, request, principal, ways, done);
      }, done);
    };
    options.onRequest = first(check, options.onRequest);
    if (ways?.form === undefined) return;
    const checkForm = (request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void) => {
      if (request.principal !== null) return done();
      const token = tokenInForm(request.body, ways);
      const found = token === undefined ? Promise.resolve(undefined) : identifyToken(token);
      found.then((principal) => admit(access, request, principal, ways, done), done);
    };
    options.preValidation = first(checkForm, options.preValidation);
  });

  return { identify, signToken };
}

/** Hooks of a route with one more in front. */
const first = <Hook>(hook: Hook, others: Hook | Hook[] | undefined): Hook[] =>
  others === undefined ? [hook] : Array.isArray(others) ? [hook, ...others] : [hook, others];

/** Lets a request through to its route, or says why not. */
function admit(
  access: Exclude<Access, 'public'>,
  request: FastifyRequest,
  principal: Principal | undefined,
  ways: SignIn | undefined,
  done: (error?: Error) => void,
): void {
  try {
    if (principal === undefined) throw unauthenticated(request, ways?.challenge);
    checkAccess(access, principal);
    request.principal = principal;
  } catch (error) {
    done(error as Error);
    return;
  }
  done();
}

const isUnreadable = (error: Error): boolean =>
  'code' in error && error.code === 'FST_BASIC_AUTH_MISSING_OR_BAD_AUTHORIZATION_HEADER';

/** 401 with the ways to sign in; the same text for an unknown name, a wrong password and a revoked token. */
export function unauthenticated(request: FastifyRequest, challenge = CHALLENGE): Error {
  const header = request.headers.authorization;
  const scheme = header?.split(' ', 1)[0];
  const what =
    header === undefined
      ? 'This needs a signed-in user.'
      : scheme !== undefined && /^(basic|bearer)$/i.test(scheme)
        ? `These ${scheme} credentials are not valid, or not any more.`
        : 'This way of signing in is not known here.';
  return fail('unauthenticated', {
    detail: `${what} Send name and password as Basic (curl -u NAME:PASSWORD), or Authorization: Bearer TOKEN with a token from POST /tokens or POST /tokens/jwt.`,
    extra: {
      ways: [
        'Authorization: Basic base64(name:password)',
        'Authorization: Bearer <API token from POST /tokens>',
        'Authorization: Bearer <JWT from POST /tokens/jwt>',
      ],
    },
    headers: { 'www-authenticate': challenge },
  });
}
