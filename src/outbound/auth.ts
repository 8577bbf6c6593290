import type { OAuth2 } from './authentication.ts';
import { answerChallenge } from './digest.ts';
import { headerValue } from './headers.ts';
import { createTokens, type Tokens } from './oauth2.ts';
import type { OutboundRequest, OutboundResponse } from './types.ts';

/** Keeps what authentication needs from one request to the next: the tokens. */
export interface Authenticator {
  tokens: Tokens;
}

type Send = (request: OutboundRequest) => Promise<OutboundResponse>;

/** Makes the authenticator; tokens are fetched with `send`, so through the same guard. */
export const createAuthenticator = (send: Send): Authenticator => ({ tokens: createTokens(send) });

/**
 * Sends a request with its credentials. Digest needs a challenge first, so it is sent a second time after a 401; an
 * OAuth 2 token that is no longer accepted is replaced once.
 */
export async function authenticate(
  authenticator: Authenticator,
  request: OutboundRequest,
  send: Send,
): Promise<OutboundResponse> {
  const { authentication } = request;
  switch (authentication?.kind) {
    case undefined:
      return send(request);
    case 'basic':
      return send(withAuthorization(request, basic(authentication.username, authentication.password)));
    case 'bearer':
      return send(withAuthorization(request, `Bearer ${authentication.token}`));
    case 'digest':
      return digest(request, authentication, send);
    case 'oauth2':
      return oauth2(authenticator.tokens, request, authentication, send);
  }
}

/** Basic credentials (RFC 7617), in UTF-8. */
export const basic = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

function withAuthorization(request: OutboundRequest, value: string): OutboundRequest {
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => name.toLowerCase() !== 'authorization'),
  );
  return { ...request, headers: { ...headers, authorization: value } };
}

async function digest(
  request: OutboundRequest,
  credentials: { username: string; password: string },
  send: Send,
): Promise<OutboundResponse> {
  let answer = await send(request);
  // Twice at most: the second time only when the server says that merely its nonce was too old.
  for (let round = 0; round < 2 && answer.status === 401; round += 1) {
    // A redirect may have led elsewhere: what stands there gets no proof of this password.
    if (new URL(answer.url).origin !== new URL(request.url).origin) return answer;
    const challenge = answer.headers['www-authenticate'];
    if (round > 0 && !/\bstale\s*=\s*"?true/i.test(headerText(challenge))) return answer;
    const authorization = answerChallenge(challenge, { ...credentials, method: request.method, url: answer.url });
    if (authorization === undefined) return answer;
    answer = await send(withAuthorization({ ...request, url: answer.url }, authorization));
  }
  return answer;
}

const headerText = (value: string | string[] | undefined): string =>
  Array.isArray(value) ? value.join(', ') : (value ?? '');

async function oauth2(
  tokens: Tokens,
  request: OutboundRequest,
  authentication: OAuth2,
  send: Send,
): Promise<OutboundResponse> {
  const token = await tokens.get(authentication, request.signal);
  const answer = await send(withAuthorization(request, token.authorization));
  if (answer.status !== 401 || token.fresh || headerValue(answer.headers, 'location')) return answer;
  tokens.forget(authentication, token.authorization);
  const renewed = await tokens.get(authentication, request.signal);
  return send(withAuthorization(request, renewed.authorization));
}
