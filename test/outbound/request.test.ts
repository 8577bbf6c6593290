import { createServer } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { processorMs } from '../support/processor.ts';
import { client, get, serve, text } from './support.ts';

const local = { private: 'allow' } as const;
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no failure',
    (error: unknown) => error,
  );

describe('a request', () => {
  test('gives status, headers, body and address, whatever the status', async () => {
    const stand = await serve((_, response) => response.writeHead(418, { 'x-a': ['1', '2'] }).end('short and stout'));
    const answer = await client(local).request(get(`${stand.url}/pot?x=1#part`));
    expect(answer).toMatchObject({ status: 418, statusText: "I'm a Teapot", url: `${stand.url}/pot?x=1#part` });
    expect(answer.headers['x-a']).toEqual(['1', '2']);
    expect(text(answer)).toBe('short and stout');
  });

  test('sends method, body and headers, but none that belong to the connection', async () => {
    const stand = await serve((_, response) => response.end());
    await client(local).request({
      method: 'post',
      url: stand.url,
      headers: {
        'Content-Type': 'text/plain',
        Connection: 'upgrade',
        Upgrade: 'h2c',
        'Content-Length': '1',
        TE: 'trailers',
      },
      body: 'grüße',
      redirect: true,
    });
    const [seen] = stand.seen;
    expect(seen).toMatchObject({ method: 'POST', body: 'grüße' });
    expect(seen!.headers).toMatchObject({
      'content-type': 'text/plain',
      'content-length': '7',
      'user-agent': 'millrace-test',
      'millrace-hops': '1',
    });
    expect(seen!.headers['upgrade']).toBeUndefined();
    expect(seen!.headers['te']).toBeUndefined();
  });

  test('sends bytes as they are', async () => {
    const stand = await serve((_, response, body) => response.end(body));
    const answer = await client(local).request({ ...get(stand.url), method: 'PUT', body: new Uint8Array([104, 105]) });
    expect(text(answer)).toBe('hi');
  });

  test('turns a user and password in the address into Basic credentials', async () => {
    const stand = await serve((_, response) => response.end());
    const answer = await client(local).request(get(`http://us%40er:p%3Aw@127.0.0.1:${stand.port}/`));
    expect(stand.seen[0]!.headers.authorization).toBe(`Basic ${Buffer.from('us@er:p:w').toString('base64')}`);
    expect(answer.url).not.toContain('p%3Aw');
  });

  test.each([
    ['a header with a line break', { headers: { 'x-a': 'b\r\nx-injected: 1' } }],
    ['a header name that is none', { headers: { 'x a': 'b' } }],
    ['a method that is none', { method: 'GET / HTTP/1.1\r\nX: ' }],
  ])('%s is refused before anything is sent', async (_, more) => {
    const stand = await serve((_request, response) => response.end());
    expect(await failure(client(local).request(get(stand.url, more)))).toMatchObject({ code: 'step-failed' });
    expect(stand.seen).toHaveLength(0);
  });

  test('uses no proxy from the environment', async () => {
    const proxy = await serve((_, response) => response.end('proxy'));
    const stand = await serve((_, response) => response.end('direct'));
    const before = { ...process.env };
    onTestFinished(() => {
      process.env = before;
    });
    Object.assign(process.env, { HTTP_PROXY: proxy.url, http_proxy: proxy.url, NODE_USE_ENV_PROXY: '1' });
    expect(text(await client(local).request(get(stand.url)))).toBe('direct');
    expect(proxy.connections()).toBe(0);
  });

  test('counts the servers it went through and is refused after 16', async () => {
    const stand = await serve((_, response) => response.end());
    const outbound = client(local);
    await outbound.request(get(stand.url, { hops: 15, headers: { 'Millrace-Hops': '1' } }));
    expect(stand.seen[0]!.headers['millrace-hops']).toBe('16');
    expect(await failure(outbound.request(get(stand.url, { hops: 16 })))).toMatchObject({ code: 'limit-exceeded' });
    expect(stand.seen).toHaveLength(1);
  });
});

describe('redirects', () => {
  test.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [301, 'PUT', 'PUT'],
    [302, 'DELETE', 'DELETE'],
    [307, 'POST', 'POST'],
    [308, 'POST', 'POST'],
  ])('%i after %s is followed with %s', async (status, method, then) => {
    const stand = await serve((request, response) => {
      if (request.url === '/start') response.writeHead(status, { location: 'end?x=1' }).end();
      else response.end();
    });
    const body = method === 'POST' || method === 'PUT' ? { body: 'b', headers: { 'content-type': 'text/plain' } } : {};
    const answer = await client(local).request(get(`${stand.url}/start`, { method, ...body }));
    expect(answer).toMatchObject({ status: 200, url: `${stand.url}/end?x=1` });
    expect(stand.seen[1]).toMatchObject({
      method: then,
      body: then === method && method !== 'HEAD' && 'body' in body ? 'b' : '',
    });
    if (then === 'GET') expect(stand.seen[1]!.headers['content-type']).toBeUndefined();
  });

  test('are given as they are when they shall not be followed', async () => {
    const stand = await serve((_, response) => response.writeHead(302, { location: '/x' }).end());
    const answer = await client(local).request(get(stand.url, { redirect: false }));
    expect(answer).toMatchObject({ status: 302, headers: { location: '/x' } });
  });

  test('end after `maxRedirects`', async () => {
    const stand = await serve((_, response) => response.writeHead(302, { location: '/again' }).end());
    const error = await failure(client({ ...local, maxRedirects: 3 }).request(get(stand.url)));
    expect(error).toMatchObject({ code: 'limit-exceeded' });
    expect(stand.seen).toHaveLength(4);
  });

  test('to another origin carry no credentials; within the origin they do', async () => {
    const other = await serve((_, response) => response.end());
    const stand = await serve((request, response) =>
      response.writeHead(307, { location: request.url === '/a' ? '/b' : `http://localhost:${other.port}/c` }).end(),
    );
    const headers = {
      Authorization: 'Bearer secret',
      Cookie: 'session=secret',
      'Proxy-Authorization': 'Basic c2VjcmV0',
      'X-Api-Key': 'secret',
      'Private-Token': 'secret',
      'X-Request-Id': 'kept',
    };
    await client(local).request(get(`${stand.url}/a`, { headers }));
    expect(stand.seen[1]!.headers).toMatchObject({ authorization: 'Bearer secret', 'x-api-key': 'secret' });
    expect(other.seen[0]!.headers['x-request-id']).toBe('kept');
    expect(JSON.stringify(other.seen[0]!.headers)).not.toMatch(/secret|c2VjcmV0/);
  });

  test('cannot bring credentials of their own', async () => {
    const stand = await serve((request, response) =>
      request.url === '/a'
        ? response.writeHead(302, { location: `http://evil:pw@127.0.0.1:${stand.port}/b` }).end()
        : response.end(),
    );
    await client(local).request(get(`${stand.url}/a`));
    expect(stand.seen[1]!.headers.authorization).toBeUndefined();
  });

  test('to something that is no address are a communication failure', async () => {
    const stand = await serve((_, response) => response.writeHead(302, { location: 'http://[' }).end());
    expect(await failure(client(local).request(get(stand.url)))).toMatchObject({
      code: 'step-failed',
      options: { extra: { kind: 'communication' } },
    });
  });
});

describe('the body of an answer', () => {
  const plain = Buffer.from('compressed text '.repeat(100));
  test.each([
    ['gzip', gzipSync(plain)],
    ['x-gzip', gzipSync(plain)],
    ['deflate', deflateSync(plain)],
    ['deflate', deflateRawSync(plain)],
    ['br', brotliCompressSync(plain)],
    ['gzip, br', brotliCompressSync(gzipSync(plain))],
    ['identity', plain],
  ])('is decompressed: %s', async (coding, bytes) => {
    const stand = await serve((_, response) => response.writeHead(200, { 'content-encoding': coding }).end(bytes));
    const answer = await client(local).request(get(stand.url));
    expect(text(answer)).toBe(plain.toString());
    if (coding !== 'identity') expect(answer.headers['content-encoding']).toBeUndefined();
  });

  test('in a coding we do not know is given as it is, with its header', async () => {
    const stand = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'zstd' }).end('abc'));
    const answer = await client(local).request(get(stand.url));
    expect(answer.headers['content-encoding']).toBe('zstd');
    expect(text(answer)).toBe('abc');
  });

  test('may be missing although a coding is named', async () => {
    const stand = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end());
    const outbound = client(local);
    expect(text(await outbound.request(get(stand.url)))).toBe('');
    expect(text(await outbound.request(get(stand.url, { method: 'HEAD' })))).toBe('');
  });

  test.each([
    ['corrupt', Buffer.from('this is not gzip')],
    ['cut off', gzipSync(plain).subarray(0, 30)],
  ])('that is %s is a communication failure', async (_, bytes) => {
    const stand = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bytes),
    );
    expect(await failure(client(local).request(get(stand.url)))).toMatchObject({
      code: 'step-failed',
      options: { extra: { kind: 'communication' } },
    });
  });

  test('is cut at maxBytes, exactly', async () => {
    const stand = await serve((request, response) => response.end(Buffer.alloc(request.url === '/fits' ? 1000 : 1001)));
    const outbound = client({ ...local, maxBytes: 1000 });
    expect((await outbound.request(get(`${stand.url}/fits`))).body).toHaveLength(1000);
    const error = await failure(outbound.request(get(`${stand.url}/more`)));
    expect(error).toMatchObject({ code: 'limit-exceeded' });
    expect(String(error)).toContain('outbound.maxMiB');
  });

  test('that is a decompression bomb (400 KB to 400 MB) ends at the cap, in little memory', async () => {
    const bomb = gzipSync(Buffer.alloc(400 * 1024 * 1024), { level: 9 });
    const stand = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    const before = process.memoryUsage.rss();
    const begun = processorMs();
    const error = await failure(client({ ...local, maxBytes: 4 * 1024 * 1024 }).request(get(stand.url)));
    expect(error).toMatchObject({ code: 'limit-exceeded' });
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1024 * 1024);
    expect(processorMs() - begun).toBeLessThan(2_000);
  }, 20_000);

  test('with more than three codings is refused', async () => {
    const stand = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip, gzip, gzip, gzip' }).end('x'),
    );
    expect(await failure(client(local).request(get(stand.url)))).toMatchObject({ code: 'step-failed' });
  });
});

describe('time', () => {
  test.each([
    ['no answer', () => undefined],
    [
      'a body that drips for ever',
      (response: { write(text: string): void }) => {
        const timer = setInterval(() => response.write('.'), 20);
        onTestFinished(() => clearInterval(timer));
      },
    ],
  ])('%s ends after the time given, as a time-out', async (_, behave) => {
    const stand = await serve((_request, response) => behave(response));
    const begun = performance.now();
    const error = await failure(client(local).request(get(stand.url, { timeoutMs: 300 })));
    expect(error).toMatchObject({ code: 'step-failed', options: { extra: { kind: 'timeout' } } });
    expect(performance.now() - begun).toBeGreaterThanOrEqual(290);
    expect(performance.now() - begun).toBeLessThan(1_500);
  });

  test('counts over all redirects together', async () => {
    const stand = await serve((_, response) => {
      setTimeout(() => response.writeHead(302, { location: '/' }).end(), 100);
    });
    const error = await failure(client({ ...local, maxRedirects: 50 }).request(get(stand.url, { timeoutMs: 350 })));
    expect(error).toMatchObject({ options: { extra: { kind: 'timeout' } } });
  });

  test('an abort ends it at once, with the reason given', async () => {
    const stand = await serve(() => undefined);
    const controller = new AbortController();
    const reason = new Error('cancelled by its owner');
    setTimeout(() => controller.abort(reason), 100);
    expect(await failure(client(local).request(get(stand.url, { signal: controller.signal })))).toBe(reason);
    expect(await failure(client(local).request(get(stand.url, { signal: controller.signal })))).toBe(reason);
  });
});

describe('failures of the other side', () => {
  test('a closed port is a communication failure that shows neither query nor password', async () => {
    const stand = await serve((_, response) => response.end());
    await new Promise((resolve) => stand.server.close(resolve));
    const error = await failure(client(local).request(get(`http://u:hidden@127.0.0.1:${stand.port}/p?token=hidden`)));
    expect(error).toMatchObject({
      code: 'step-failed',
      options: { extra: { kind: 'communication', cause: 'ECONNREFUSED', url: `${stand.url}/p` } },
    });
    expect(String(error)).not.toContain('hidden');
  });

  test('an answer that is not HTTP is a communication failure', async () => {
    const server = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    expect(await failure(client(local).request(get(`http://127.0.0.1:${port}/`)))).toMatchObject({
      code: 'step-failed',
      options: { extra: { kind: 'communication' } },
    });
  });

  test('a kept connection that was closed meanwhile is replaced for a request that may be repeated', async () => {
    const stand = await serve((_, response) => response.end(String(stand.seen.length)));
    const outbound = client(local);
    await outbound.request(get(stand.url));
    stand.server.closeIdleConnections();
    expect(text(await outbound.request(get(stand.url)))).toBe('2');
  });

  test('what is not an address is told as such', async () => {
    expect(await failure(client().request(get('not an address')))).toMatchObject({ code: 'step-failed' });
  });

  test('after `close` requests fail instead of waiting', async () => {
    const stand = await serve(() => undefined);
    const outbound = client(local);
    const pending = failure(outbound.request(get(stand.url)));
    while (stand.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await outbound.close();
    expect(await pending).toMatchObject({ code: 'step-failed' });
  });

  test('connections are kept for the next request to the same place', async () => {
    const stand = await serve((_, response) => response.end());
    const outbound = client(local);
    for (let i = 0; i < 20; i += 1) await outbound.request(get(stand.url));
    // The library may open a second one while the first is just becoming free.
    expect(stand.connections()).toBeLessThanOrEqual(2);
  });
});
