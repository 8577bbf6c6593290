import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPublicAddress } from '../../src/outbound/addresses.ts';
import { client, get, resolver, serve, text } from './support.ts';

const hostTricks = [
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0177.0.0.1',
  '017700000001',
  '0.0.0.0',
  '0',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[2002:7f00:1::]',
  '①②⑦.⓪.⓪.①',
  '127。0。0。1',
  '%31%32%37.0.0.1',
  'localhost',
  'localhost.',
  '169.254.169.254',
  '[fe80::1]',
  '[fd00:ec2::254]',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.0.1',
  '100.64.0.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '168.63.129.16',
];

describe('addresses that are not public', () => {
  test.each(hostTricks)('http://%s is refused without a connection, and the error names the setting', async (host) => {
    const stand = await serve((_, response) => response.end('inside'));
    // Not every system's resolver knows `localhost.`; those that do give the loopback address.
    const error = await client({}, host === 'localhost.' ? resolver({ 'localhost.': [['127.0.0.1']] }) : undefined)
      .request(get(`http://${host}:${stand.port}/`))
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'outbound-refused' });
    expect(String(error)).toContain('outbound.private');
    expect(stand.connections()).toBe(0);
  });

  // A header cannot carry the enclosed letters as they are.
  test.each(
    hostTricks.filter((host) => /^[\x20-\x7e]*$/.test(host)),
  )('a redirect to http://%s is refused', async (host) => {
    const target = await serve((_, response) => response.end('inside'));
    const start = await serve((_, response) =>
      response.writeHead(302, { location: `http://${host}:${target.port}/` }).end(),
    );
    // The first server is reached by an allowed name, the address it points to is not allowed.
    const outbound = client({ allow: ['start.example'] }, async () => [{ address: '127.0.0.1', family: 4 }]);
    await expect(outbound.request(get(`http://start.example:${start.port}/`))).rejects.toMatchObject({
      code: 'outbound-refused',
    });
    expect(start.seen).toHaveLength(1);
    expect(target.connections()).toBe(0);
  });

  test.each([
    'data:text/plain,inside',
    'file:///etc/passwd',
    'gopher://127.0.0.1/',
    'ftp://127.0.0.1/',
    'ws://a.example/',
  ])('the scheme of %s is refused, also in a redirect', async (url) => {
    const start = await serve((_, response) => response.writeHead(302, { location: url }).end());
    const outbound = client({ allow: ['127.0.0.1'] });
    await expect(outbound.request(get(url))).rejects.toMatchObject({ code: 'outbound-refused' });
    await expect(outbound.request(get(start.url))).rejects.toMatchObject({ code: 'outbound-refused' });
  });
});

describe('host names', () => {
  test('a name that leads to a private address is refused', async () => {
    const stand = await serve((_, response) => response.end('inside'));
    const outbound = client({}, resolver({ 'inner.example': [['127.0.0.1']] }));
    await expect(outbound.request(get(`http://inner.example:${stand.port}/`))).rejects.toMatchObject({
      code: 'outbound-refused',
    });
    expect(stand.connections()).toBe(0);
  });

  test('a resolver that changes its answer between check and use gains nothing: the address checked is the one called', async () => {
    const stand = await serve((_, response) => response.end('inside'));
    const answers = resolver({ 'rebind.example': [['93.184.216.34'], ['127.0.0.1']] });
    const outbound = client({ timeoutMs: 400 }, answers);
    const url = `http://rebind.example:${stand.port}/`;
    // The first answer is public and unreachable here; by the second request the name has moved inside.
    await expect(outbound.request(get(url))).rejects.toMatchObject({ code: 'step-failed' });
    await expect(outbound.request(get(url))).rejects.toMatchObject({ code: 'outbound-refused' });
    expect(stand.connections()).toBe(0);
  });

  test('of several addresses only the public ones are tried', async () => {
    const stand = await serve((_, response) => response.end('inside'));
    const outbound = client({ timeoutMs: 400 }, resolver({ 'mixed.example': [['127.0.0.1', '::1', '93.184.216.34']] }));
    await expect(outbound.request(get(`http://mixed.example:${stand.port}/`))).rejects.toMatchObject({
      code: 'step-failed',
    });
    expect(stand.connections()).toBe(0);
  });

  test('a name nobody knows is a communication failure', async () => {
    const outbound = client({}, resolver({}));
    await expect(outbound.request(get('http://nowhere.example/'))).rejects.toMatchObject({
      code: 'step-failed',
      options: { extra: { kind: 'communication', cause: 'ENOTFOUND' } },
    });
  });
});

describe('what is allowed', () => {
  const inside = resolver({ 'api.inner.example': [['127.0.0.1']] });

  test.each([
    ['127.0.0.1'],
    ['127.0.0.0/8'],
    ['api.inner.example'],
    ['*.inner.example'],
    ['API.inner.example'],
  ])('%s on the allow list opens that door', async (entry) => {
    const stand = await serve((_, response) => response.end('inside'));
    const answer = await client({ allow: [entry] }, inside).request(get(`http://api.inner.example:${stand.port}/`));
    expect(text(answer)).toBe('inside');
  });

  test.each([
    ['10.0.0.0/8'],
    ['inner.example'],
    ['*.api.inner.example'],
    ['*.example.org'],
    ['::/0'],
  ])('%s on the allow list does not', async (entry) => {
    const stand = await serve((_, response) => response.end('inside'));
    await expect(
      client({ allow: [entry] }, inside).request(get(`http://api.inner.example:${stand.port}/`)),
    ).rejects.toMatchObject({ code: 'outbound-refused' });
  });

  test('with `private: allow` every address may be called', async () => {
    const stand = await serve((_, response) => response.end('inside'));
    const outbound = client({ private: 'allow' });
    expect(text(await outbound.request(get(stand.url)))).toBe('inside');
    expect(text(await outbound.request(get(`http://[::1]:${stand.port}/`)))).toBe('inside');
  });

  test('a host on the map is answered elsewhere, under its own name', async () => {
    const stand = await serve((_, response) => response.end('stand-in'));
    const outbound = client({ hostMap: { 'petstore.example': stand.url } });
    const answer = await outbound.request(get('https://petstore.example/v2/pet?x=1'));
    expect(answer).toMatchObject({ status: 200, url: 'https://petstore.example/v2/pet?x=1' });
    expect(stand.seen[0]).toMatchObject({ url: '/v2/pet?x=1', headers: { host: 'petstore.example' } });
  });
});

describe('isPublicAddress', () => {
  test('is true for ordinary addresses of the internet', () => {
    for (const address of ['93.184.216.34', '8.8.8.8', '2606:2800:220:1::1', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8']) {
      expect(isPublicAddress(address), address).toBe(true);
    }
  });

  test('is false for every IPv6 form of a private IPv4 address', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const inner = fc.oneof(
      fc.tuple(fc.constant(127), byte, byte, byte),
      fc.tuple(fc.constant(10), byte, byte, byte),
      fc.tuple(fc.constant(169), fc.constant(254), byte, byte),
      fc.tuple(fc.constant(192), fc.constant(168), byte, byte),
    );
    fc.assert(
      fc.property(inner, ([a, b, c, d]) => {
        const dotted = `${a}.${b}.${c}.${d}`;
        const high = ((a << 8) | b).toString(16);
        const low = ((c << 8) | d).toString(16);
        const forms = [dotted, `::ffff:${dotted}`, `::${dotted}`, `64:ff9b::${dotted}`, `2002:${high}:${low}::`];
        return forms.every((form) => !isPublicAddress(form));
      }),
    );
  });

  test('is false for what is not an address', () => {
    for (const text of ['', 'localhost', '1.2.3', '999.1.1.1', 'fe80::1%eth0', '[::1]'])
      expect(isPublicAddress(text)).toBe(false);
  });
});
