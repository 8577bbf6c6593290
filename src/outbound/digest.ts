import { createHash, randomBytes } from 'node:crypto';

export interface DigestCredentials {
  username: string;
  password: string;
  method: string;
  url: string;
}

type Parameters = Record<string, string>;

interface Challenge {
  scheme: string;
  parameters: Parameters;
}

/** Best first. Names of the hash in the protocol and in the library. */
const algorithms: [string, string][] = [
  ['sha-512-256', 'sha512-256'],
  ['sha-256', 'sha256'],
  ['md5', 'md5'],
];

/**
 * The Authorization header that answers a Digest challenge (RFC 7616; without `qop` as RFC 2069 has it), or undefined
 * when there is no challenge of that kind that we can answer. Of several the one with the best hash is taken.
 */
export function answerChallenge(
  header: string | string[] | undefined,
  credentials: DigestCredentials,
  cnonce: string = randomBytes(16).toString('hex'),
): string | undefined {
  const challenges = [header ?? []].flat().flatMap(parseChallenges);
  for (const [name, hash] of algorithms) {
    for (const { scheme, parameters } of challenges) {
      if (scheme !== 'digest' || parameters['nonce'] === undefined) continue;
      const algorithm = (parameters['algorithm'] ?? 'md5').toLowerCase();
      const qops = parameters['qop']?.toLowerCase().split(/\s*,\s*/);
      const fits =
        (algorithm === name || algorithm === `${name}-sess`) && (qops === undefined || qops.includes('auth'));
      if (fits) return respond(parameters, hash, algorithm.endsWith('-sess'), qops !== undefined, credentials, cnonce);
    }
  }
  return undefined;
}

function respond(
  challenge: Parameters,
  hash: string,
  session: boolean,
  quality: boolean,
  { username, password, method, url }: DigestCredentials,
  cnonce: string,
): string {
  const h = (text: string) => createHash(hash).update(text, 'utf8').digest('hex');
  const realm = challenge['realm'] ?? '';
  const nonce = challenge['nonce']!;
  const { pathname, search } = new URL(url);
  const uri = pathname + search;
  const count = '00000001';

  const secret = h(`${username}:${realm}:${password}`);
  const first = session ? h(`${secret}:${nonce}:${cnonce}`) : secret;
  const second = h(`${method.toUpperCase()}:${uri}`);
  const response = quality
    ? h(`${first}:${nonce}:${count}:${cnonce}:auth:${second}`)
    : h(`${first}:${nonce}:${second}`);

  const hashed = challenge['userhash']?.toLowerCase() === 'true';
  const parts = [
    hashed ? `username=${quoted(h(`${username}:${realm}`))}` : userParameter(username),
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(uri)}`,
    `response="${response}"`,
  ];
  if (challenge['algorithm'] !== undefined) parts.push(`algorithm=${challenge['algorithm']}`);
  if (challenge['opaque'] !== undefined) parts.push(`opaque=${quoted(challenge['opaque'])}`);
  if (quality) parts.push('qop=auth', `nc=${count}`);
  if (quality || session) parts.push(`cnonce="${cnonce}"`);
  if (hashed) parts.push('userhash=true');
  return `Digest ${parts.join(', ')}`;
}

const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`;

/** A name outside ASCII goes as `username*` (RFC 7616, section 3.4, with RFC 8187). */
function userParameter(username: string): string {
  if (/^[\x20-\x7e]*$/.test(username)) return `username=${quoted(username)}`;
  const encoded = encodeURIComponent(username).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `username*=UTF-8''${encoded}`;
}

/**
 * Parses a `WWW-Authenticate` value (RFC 9110, section 11.6.1): several challenges may stand in one, with commas both
 * between them and between the parameters of each. A word without `=` after it begins a challenge.
 */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
  const pattern = new RegExp(`(${token})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${token}))|(${token})(?=\\s|,|$)`, 'y');
  for (let at = 0; at < header.length; ) {
    pattern.lastIndex = at;
    const match = pattern.exec(header);
    if (!match) {
      at += 1;
      continue;
    }
    at = pattern.lastIndex;
    const [, name, quotedValue, plainValue, scheme] = match;
    if (scheme !== undefined) challenges.push({ scheme: scheme.toLowerCase(), parameters: Object.create(null) });
    else if (name !== undefined) {
      const parameters = challenges.at(-1)?.parameters;
      if (parameters) parameters[name.toLowerCase()] ??= quotedValue?.replace(/\\(.)/g, '$1') ?? plainValue ?? '';
    }
  }
  return challenges;
}
