import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { answerChallenge, parseChallenges } from '../../src/outbound/digest.ts';
import type { Authentication } from '../../src/outbound/index.ts';
import { client, get, serve } from './support.ts';

const local = { private: 'allow' } as const;

test('basic credentials are sent in UTF-8 and win over a header of the request', async () => {
  const stand = await serve((_, response) => response.end());
  await client(local).request(
    get(stand.url, {
      headers: { Authorization: 'other' },
      authentication: { kind: 'basic', username: 'jörg', password: 'a:b' },
    }),
  );
  expect(stand.seen[0]!.headers.authorization).toBe(`Basic ${Buffer.from('jörg:a:b').toString('base64')}`);
});

test('a bearer token is sent as it is', async () => {
  const stand = await serve((_, response) => response.end());
  await client(local).request(get(stand.url, { authentication: { kind: 'bearer', token: 'abc' } }));
  expect(stand.seen[0]!.headers.authorization).toBe('Bearer abc');
});

describe('digest', () => {
  // RFC 7616, section 3.9.1: the example with both algorithms.
  const challenge = (algorithm: string) =>
    `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
  const mufasa = {
    username: 'Mufasa',
    password: 'Circle of Life',
    method: 'GET',
    url: 'http://www.example.org/dir/index.html',
  };
  const cnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';

  test.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('gives the response of the RFC for %s', (algorithm, response) => {
    expect(answerChallenge(challenge(algorithm), mufasa, cnonce)).toContain(`response="${response}"`);
  });

  test('takes the stronger of several challenges, in one header or in two', () => {
    const header = `Basic realm="a, b", ${challenge('MD5')}, ${challenge('SHA-256')}`;
    expect(answerChallenge(header, mufasa, cnonce)).toContain('algorithm=SHA-256');
    expect(answerChallenge([challenge('MD5'), challenge('SHA-256')], mufasa, cnonce)).toContain('algorithm=SHA-256');
  });

  test('answers nothing it cannot answer', () => {
    for (const header of [
      undefined,
      'Basic realm="x"',
      'Digest realm="x"',
      'Digest nonce="a", algorithm=TIGER',
      'Digest nonce="a", qop="auth-int"',
    ]) {
      expect(answerChallenge(header, mufasa)).toBeUndefined();
    }
  });

  test('reads quoted commas, escapes and bare words in a challenge', () => {
    expect(parseChallenges('Negotiate, Digest realm="a \\"b\\", c", nonce=n , stale=TRUE')).toMatchObject([
      { scheme: 'negotiate' },
      { scheme: 'digest', parameters: { realm: 'a "b", c', nonce: 'n', stale: 'TRUE' } },
    ]);
  });

  /** A server that checks the response by its own arithmetic. */
  const digestServer = (options: { stale?: boolean } = {}) => {
    let round = 0;
    const check = (request: IncomingMessage) => {
      const header = request.headers.authorization ?? '';
      const field = (name: string) => new RegExp(`${name}="?([^",]*)`).exec(header)?.[1] ?? '';
      const h = (text: string) => createHash('sha256').update(text).digest('hex');
      const first = h('user:place:pass word');
      const second = h(`${request.method}:${request.url}`);
      const expected = h(`${first}:nonce${round}:${field('nc')}:${field('cnonce')}:auth:${second}`);
      return header.startsWith('Digest ') && field('response') === expected && field('uri') === request.url;
    };
    return serve((request, response) => {
      if (check(request) && !(options.stale && round === 1)) return response.end('in');
      round += 1;
      const stale = round > 1 && options.stale ? ', stale=true' : '';
      return response
        .writeHead(401, {
          'www-authenticate': `Digest realm="place", qop="auth", algorithm=SHA-256, nonce="nonce${round}"${stale}`,
        })
        .end();
    });
  };
  const credentials: Authentication = { kind: 'digest', username: 'user', password: 'pass word' };

  test('answers the challenge of a server once', async () => {
    const stand = await digestServer();
    const answer = await client(local).request(
      get(`${stand.url}/a/b?c=d`, { method: 'POST', body: 'x', authentication: credentials }),
    );
    expect(answer.status).toBe(200);
    expect(stand.seen.map(({ body }) => body)).toEqual(['x', 'x']);
  });

  test('answers once more when only the nonce was too old', async () => {
    const stand = await digestServer({ stale: true });
    expect((await client(local).request(get(stand.url, { authentication: credentials }))).status).toBe(200);
    expect(stand.seen).toHaveLength(3);
  });

  test('gives the 401 back when the password is wrong', async () => {
    const stand = await digestServer();
    const answer = await client(local).request(
      get(stand.url, { authentication: { ...credentials, password: 'wrong' } }),
    );
    expect(answer.status).toBe(401);
    expect(stand.seen).toHaveLength(2);
  });

  test('proves nothing to a server that it was redirected to', async () => {
    const other = await digestServer();
    const stand = await serve((_, response) =>
      response.writeHead(302, { location: `http://localhost:${other.port}/` }).end(),
    );
    const answer = await client(local).request(get(stand.url, { authentication: credentials }));
    expect(answer.status).toBe(401);
    expect(other.seen).toHaveLength(1);
  });
});

describe('oauth2', () => {
  const tokenServer = (answer: (count: number, form: URLSearchParams) => { status?: number; json: object }) => {
    let count = 0;
    return serve((_, response, body) => {
      count += 1;
      const { status, json } = answer(count, new URLSearchParams(body));
      response.writeHead(status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    });
  };
  const hour = (count: number) => ({ json: { access_token: `t${count}`, token_type: 'bearer', expires_in: 3600 } });
  const credentials = (tokenUrl: string): Authentication & { kind: 'oauth2' } => ({
    kind: 'oauth2',
    tokenUrl,
    grant: { type: 'client_credentials' },
    client: { id: 'me', secret: 's&cret' },
    scopes: ['read', 'write'],
  });

  test('fetches a token with the client’s credentials and sends it until it expires', async () => {
    const tokens = await tokenServer(hour);
    const stand = await serve((_, response) => response.end());
    const outbound = client(local);
    const authentication = credentials(`${tokens.url}/token`);
    await Promise.all([1, 2, 3].map(() => outbound.request(get(stand.url, { authentication }))));
    await outbound.request(get(stand.url, { authentication }));
    expect(tokens.seen).toHaveLength(1);
    expect(Object.fromEntries(new URLSearchParams(tokens.seen[0]!.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'me',
      client_secret: 's&cret',
      scope: 'read write',
    });
    expect(stand.seen.map(({ headers }) => headers.authorization)).toEqual(Array(4).fill('Bearer t1'));
  });

  test('keeps tokens apart by client, secret and scopes', async () => {
    const tokens = await tokenServer(hour);
    const stand = await serve((_, response) => response.end());
    const outbound = client(local);
    const base = credentials(`${tokens.url}/token`);
    await outbound.request(get(stand.url, { authentication: base }));
    await outbound.request(get(stand.url, { authentication: { ...base, scopes: ['read'] } }));
    await outbound.request(get(stand.url, { authentication: { ...base, client: { id: 'me', secret: 'guess' } } }));
    expect(stand.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer t1', 'Bearer t2', 'Bearer t3']);
  });

  test('shows the client’s secret as Basic credentials, form-encoded, when told so', async () => {
    const tokens = await tokenServer(hour);
    const stand = await serve((_, response) => response.end());
    const base = credentials(`${tokens.url}/token`);
    const authentication = { ...base, client: { ...base.client!, authentication: 'client_secret_basic' as const } };
    await client(local).request(get(stand.url, { authentication }));
    expect(tokens.seen[0]!.headers.authorization).toBe(`Basic ${Buffer.from('me:s%26cret').toString('base64')}`);
    expect(tokens.seen[0]!.body).not.toContain('secret');
  });

  test('replaces a token that is not accepted any more, once', async () => {
    const tokens = await tokenServer(hour);
    const stand = await serve((request, response) =>
      response.writeHead(request.headers.authorization === 'Bearer t1' && stand.seen.length > 1 ? 401 : 200).end(),
    );
    const outbound = client(local);
    const authentication = credentials(`${tokens.url}/token`);
    await outbound.request(get(stand.url, { authentication }));
    expect((await outbound.request(get(stand.url, { authentication }))).status).toBe(200);
    expect(stand.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer t1', 'Bearer t1', 'Bearer t2']);
  });

  test('renews an expired token with the refresh token that came with it', async () => {
    const tokens = await tokenServer((count) => ({
      json: { access_token: `t${count}`, expires_in: 0.05, refresh_token: `r${count}` },
    }));
    const stand = await serve((_, response) => response.end());
    const outbound = client(local);
    const authentication: Authentication = {
      ...credentials(`${tokens.url}/token`),
      grant: { type: 'password', username: 'u', password: 'p' },
    };
    for (let i = 0; i < 3; i += 1) {
      await outbound.request(get(stand.url, { authentication }));
      await new Promise((resolve) => setTimeout(resolve, 80));
    }
    const forms = tokens.seen.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
    expect(forms[0]).toMatchObject({ grant_type: 'password', username: 'u', password: 'p' });
    expect(forms[1]).toMatchObject({ grant_type: 'refresh_token', refresh_token: 'r1' });
    expect(forms[2]).toMatchObject({ grant_type: 'refresh_token', refresh_token: 'r2' });
  });

  test('begins anew when the refresh token is used up', async () => {
    const tokens = await tokenServer((count, form) =>
      form.get('grant_type') === 'refresh_token'
        ? { status: 400, json: { error: 'invalid_grant' } }
        : { json: { access_token: `t${count}`, expires_in: 0.05, refresh_token: 'r' } },
    );
    const stand = await serve((_, response) => response.end());
    const outbound = client(local);
    const authentication = credentials(`${tokens.url}/token`);
    await outbound.request(get(stand.url, { authentication }));
    await new Promise((resolve) => setTimeout(resolve, 80));
    await outbound.request(get(stand.url, { authentication }));
    expect(stand.seen[1]!.headers.authorization).toBe('Bearer t3');
  });

  test('an endpoint that refuses is an authentication failure with its reason and without the secret', async () => {
    const tokens = await tokenServer(() => ({
      status: 401,
      json: { error: 'invalid_client', error_description: 'unknown' },
    }));
    const error = await client(local)
      .request(get('http://127.0.0.1:1/', { authentication: credentials(`${tokens.url}/token`) }))
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'step-failed', options: { extra: { kind: 'authentication' } } });
    expect(String(error)).toContain('invalid_client: unknown');
    expect(String(error)).not.toContain('s&cret');
  });

  test('the token endpoint stands behind the same guard, and a redirect of it is not followed', async () => {
    const tokens = await tokenServer(hour);
    const guarded = client({ private: 'refuse' });
    await expect(
      guarded.request(get('http://8.8.8.8/', { authentication: credentials(`${tokens.url}/token`) })),
    ).rejects.toMatchObject({ code: 'outbound-refused' });
    const mover = await serve((_, response) => response.writeHead(307, { location: `${tokens.url}/token` }).end());
    await expect(
      client(local).request(get(mover.url, { authentication: credentials(`${mover.url}/token`) })),
    ).rejects.toMatchObject({ code: 'step-failed' });
    expect(tokens.seen).toHaveLength(0);
  });
});
