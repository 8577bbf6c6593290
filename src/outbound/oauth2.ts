import { createHash } from 'node:crypto';
import type { OAuth2 } from './authentication.ts';
import { authenticationFailure } from './failures.ts';
import type { OutboundRequest, OutboundResponse } from './types.ts';

/** Tokens by what they were asked for with. */
export interface Tokens {
  /** A token that is valid for some seconds yet; `fresh` when it was fetched just now. */
  get(authentication: OAuth2, signal?: AbortSignal): Promise<{ authorization: string; fresh: boolean }>;
  /** Forgets a token that was not accepted. */
  forget(authentication: OAuth2, authorization: string): void;
}

interface Token {
  authorization: string;
  /** By the monotonic clock. */
  expiresAt: number;
  refreshToken: string | undefined;
}

type Send = (request: OutboundRequest) => Promise<OutboundResponse>;

/** Milliseconds a token without `expires_in` is used: the server did not say, and a 401 replaces it anyway. */
const unsaidMs = 60_000;

/** Tokens kept; the one that was not used for longest goes first. */
const mostTokens = 1_000;

/** Makes the store of tokens. Requests for the same token at the same time share one fetch. */
export function createTokens(send: Send): Tokens {
  const tokens = new Map<string, Token>();
  const fetching = new Map<string, Promise<Token>>();

  const keep = (key: string, token: Token) => {
    tokens.delete(key);
    tokens.set(key, token);
    const oldest = tokens.keys().next().value;
    if (tokens.size > mostTokens && oldest !== undefined) tokens.delete(oldest);
  };

  const fetch = (key: string, authentication: OAuth2): Promise<Token> => {
    const under = fetching.get(key);
    if (under) return under;
    const fetched = renew(send, authentication, tokens.get(key)?.refreshToken)
      .then((token) => {
        keep(key, token);
        return token;
      })
      .finally(() => fetching.delete(key));
    fetching.set(key, fetched);
    return fetched;
  };

  return {
    async get(authentication, signal) {
      const key = keyOf(authentication);
      const known = tokens.get(key);
      if (known && performance.now() < known.expiresAt) {
        keep(key, known);
        return { authorization: known.authorization, fresh: false };
      }
      // The fetch itself goes on when one of those who wait for it gives up.
      const token = await abortable(fetch(key, authentication), signal);
      return { authorization: token.authorization, fresh: true };
    },
    forget(authentication, authorization) {
      const token = tokens.get(keyOf(authentication));
      if (token?.authorization === authorization) token.expiresAt = 0;
    },
  };
}

/** Everything the token depends on, secrets included: who has another secret must not get this token. */
const keyOf = (authentication: OAuth2): string =>
  createHash('sha256').update(JSON.stringify(authentication)).digest('base64');

/** Uses the refresh token that came with the last one; if that fails, begins anew. */
async function renew(send: Send, authentication: OAuth2, refreshToken: string | undefined): Promise<Token> {
  if (refreshToken !== undefined) {
    try {
      return await fetchToken(send, { ...authentication, grant: { type: 'refresh_token', refreshToken } });
    } catch {
      // Expired or used up: that is what the original grant is for.
    }
  }
  return fetchToken(send, authentication);
}

async function fetchToken(send: Send, authentication: OAuth2): Promise<Token> {
  const { client } = authentication;
  const parameters = [...grantParameters(authentication), ...clientParameters(client)];
  const json = authentication.encoding === 'json';
  const answer = await send({
    method: 'POST',
    url: authentication.tokenUrl,
    headers: {
      accept: 'application/json',
      'content-type': json ? 'application/json' : 'application/x-www-form-urlencoded',
      ...clientHeaders(client),
    },
    body: json ? JSON.stringify(Object.fromEntries(parameters)) : new URLSearchParams(parameters).toString(),
    // A redirect would carry the secret in the body to wherever it points.
    redirect: false,
  });
  return readToken(answer, authentication);
}

function grantParameters({ grant, scopes, audiences }: OAuth2): [string, string][] {
  const shared: [string, string][] = [
    ...(scopes?.length ? [['scope', scopes.join(' ')] as [string, string]] : []),
    ...(audiences ?? []).map((audience): [string, string] => ['audience', audience]),
  ];
  switch (grant.type) {
    case 'client_credentials':
      return [['grant_type', grant.type], ...shared];
    case 'password':
      return [['grant_type', grant.type], ['username', grant.username], ['password', grant.password], ...shared];
    case 'refresh_token':
      return [['grant_type', grant.type], ['refresh_token', grant.refreshToken], ...shared];
    case 'token_exchange':
      return [
        ['grant_type', 'urn:ietf:params:oauth:grant-type:token-exchange'],
        ['subject_token', grant.subject.token],
        ['subject_token_type', grant.subject.type],
        ...(grant.actor
          ? ([
              ['actor_token', grant.actor.token],
              ['actor_token_type', grant.actor.type],
            ] as [string, string][])
          : []),
        ...shared,
      ];
  }
}

const usesBasic = (client: OAuth2['client']): boolean => client?.authentication === 'client_secret_basic';

function clientParameters(client: OAuth2['client']): [string, string][] {
  if (client === undefined || usesBasic(client)) return [];
  const secret = client.authentication === 'none' ? undefined : client.secret;
  return [['client_id', client.id], ...(secret === undefined ? [] : [['client_secret', secret] as [string, string]])];
}

/** Id and secret are form-encoded before they become Basic credentials (RFC 6749, section 2.3.1). */
function clientHeaders(client: OAuth2['client']): Record<string, string> {
  if (client === undefined || !usesBasic(client)) return {};
  const encode = (text: string) => new URLSearchParams({ x: text }).toString().slice(2);
  const pair = `${encode(client.id)}:${encode(client.secret ?? '')}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function readToken(answer: OutboundResponse, authentication: OAuth2): Token {
  const url = new URL(authentication.tokenUrl);
  const body = parseObject(answer.body);
  const text = (name: string) => (typeof body?.[name] === 'string' ? (body[name] as string) : undefined);
  if (answer.status < 200 || answer.status > 299) {
    const why = [text('error'), text('error_description')].filter((part) => part !== undefined).join(': ');
    throw authenticationFailure(url, `the token endpoint answered ${answer.status}${why === '' ? '' : ` (${why})`}`);
  }
  const token = text('access_token');
  const type = text('token_type') ?? 'Bearer';
  if (token === undefined) throw authenticationFailure(url, 'the token endpoint answered without `access_token`');
  if (type.toLowerCase() !== 'bearer') throw authenticationFailure(url, `tokens of type ${type} are not supported`);
  const seconds = Number(body?.['expires_in']);
  const lifetimeMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : unsaidMs;
  return {
    authorization: `Bearer ${token}`,
    // A little early, so that it does not expire on the way: 10 s, of short ones a tenth.
    expiresAt: performance.now() + lifetimeMs - Math.min(10_000, lifetimeMs / 10),
    refreshToken:
      text('refresh_token') ??
      (authentication.grant.type === 'refresh_token' ? authentication.grant.refreshToken : undefined),
  };
}

function parseObject(body: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  // Nobody may be left to hear of its failure.
  work.catch(() => undefined);
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
