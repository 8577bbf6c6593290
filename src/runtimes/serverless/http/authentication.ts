import { isJsonObject, type Json, type JsonObject } from '../../../model/json.ts';
import type { Authentication } from '../../../outbound/index.ts';
import { didYouMean, listed } from '../../../schema/index.ts';
import { type At, fields, oneOf, reference, string } from '../check.ts';
import { raise } from '../errors.ts';
import type { Frame, Shape } from '../model.ts';
import type { Site } from '../site.ts';
import { unsupported } from '../unsupported.ts';
import { authenticationOf } from './oauth2.ts';
import { type Scheme, schemes } from './schemes.ts';

/** How a request proves who it comes from, made when the task runs. */
export type Credentials = (frame: Frame, data: Json) => Promise<Authentication>;

const members: Record<Scheme, readonly string[]> = {
  basic: ['username', 'password'],
  bearer: ['token'],
  digest: ['username', 'password'],
  oauth2: [
    'authority',
    'endpoints',
    'grant',
    'client',
    'request',
    'issuers',
    'scopes',
    'audiences',
    'username',
    'password',
    'subject',
    'actor',
  ],
};
const needed: Record<Scheme, readonly string[]> = { ...members, oauth2: ['authority', 'grant'] };

/** Reads an authentication: inline, by `use: <name>`, or with what a secret holds (DSL reference, "Authentication"). */
export function compileAuthentication(at: At, site: Site): Credentials {
  const nothing: Credentials = async () => ({ kind: 'bearer', token: '' });
  const read = fields(at, { what: 'authentication', known: ['use', ...schemes, 'oidc'] });
  if (!read) return nothing;
  const oidc = read.get('oidc');
  if (oidc) {
    unsupported(oidc, 'Authentication with OpenID Connect ("oidc")');
    return nothing;
  }
  const use = read.get('use');
  if (use) {
    const named = reference(use, 'authentications', site.use.authentications);
    return named ? compilePolicy(named, site) : nothing;
  }
  return compilePolicy(at, site);
}

/** Reads the one scheme of an authentication. */
function compilePolicy(at: At, site: Site): Credentials {
  const nothing: Credentials = async () => ({ kind: 'bearer', token: '' });
  const read = fields(at, { what: 'authentication' });
  const found = schemes.filter((scheme) => read?.has(scheme));
  const scheme = found[0];
  if (!read || scheme === undefined || found.length > 1) {
    const problem = found.length > 1 ? `has ${listed(found)}` : 'has none of them';
    if (!read?.has('oidc')) {
      at.check.issue(
        at.pointer,
        `An authentication is exactly one of ${listed([...schemes, 'use'])}; this one ${problem}.`,
      );
    } else unsupported(read.get('oidc')!, 'Authentication with OpenID Connect ("oidc")');
    return nothing;
  }
  const place = read.get(scheme)!;
  const bySecret = isJsonObject(place.value) && Object.hasOwn(place.value, 'use') ? place : undefined;
  const values = bySecret ? compileSecret(bySecret, scheme, site) : compileInline(place, scheme, site);
  return async (frame, data) => authenticationOf(scheme, await values(frame, data));
}

type Values = (frame: Frame, data: Json) => Promise<JsonObject> | JsonObject;

function compileSecret(at: At, scheme: Scheme, site: Site): Values {
  const name = string(fields(at, { what: scheme, known: ['use'] })?.get('use'), `${scheme}.use`);
  if (name !== undefined && !site.use.secrets.has(name)) {
    const names = [...site.use.secrets];
    const hint = didYouMean(name, names) || '; list it under "use.secrets".';
    at.check.issue(`${at.pointer}/use`, `There is no secret named ${JSON.stringify(name)} under "use"${hint}`);
  }
  return async (frame) => {
    const value = await secretOf(frame, name!);
    if (scheme === 'bearer' && typeof value === 'string') return { token: value };
    if (isJsonObject(value)) return value;
    throw raise('configuration', `The secret "${name}" must be an object with ${listed(needed[scheme])}.`);
  };
}

async function secretOf(frame: Frame, name: string): Promise<Json> {
  try {
    return await frame.context.secret(name);
  } catch (error) {
    if (frame.context.signal().aborted) throw error;
    throw raise('authorization', error instanceof Error ? error.message : String(error));
  }
}

function compileInline(at: At, scheme: Scheme, site: Site): Values {
  const read = fields(at, { what: scheme, known: members[scheme], required: needed[scheme] });
  if (read && scheme === 'oauth2') checkOAuth2(read.at);
  else if (read) for (const name of members[scheme]) string(read.get(name), `${scheme}.${name}`);
  const shape: Shape = site.template(at);
  return (frame, data) => shape(frame, data) as JsonObject;
}

const grants = [
  'client_credentials',
  'password',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'authorization_code',
] as const;

function checkOAuth2(at: At): void {
  const read = fields(at, { what: 'oauth2' })!;
  const grant = oneOf(read.get('grant'), 'oauth2.grant', grants);
  if (grant === 'authorization_code')
    unsupported(read.get('grant')!, 'The grant "authorization_code", which needs a person at a browser,');
  const client = read.get('client');
  const clientRead =
    client && fields(client, { what: 'client', known: ['id', 'secret', 'assertion', 'authentication'] });
  const way = clientRead?.get('authentication');
  const ways = ['client_secret_basic', 'client_secret_post', 'none', 'client_secret_jwt', 'private_key_jwt'] as const;
  const chosen = oneOf(way, 'client.authentication', ways);
  if (chosen?.endsWith('_jwt')) unsupported(way!, `Client authentication with "${chosen}"`);
  const request = read.get('request');
  const encoding = request && fields(request, { what: 'request', known: ['encoding'] })?.get('encoding');
  oneOf(encoding, 'request.encoding', ['application/x-www-form-urlencoded', 'application/json']);
  const endpoints = read.get('endpoints');
  if (endpoints) fields(endpoints, { what: 'endpoints', known: ['token', 'revocation', 'introspection'] });
  for (const name of ['subject', 'actor']) {
    const token = read.get(name);
    if (token) fields(token, { what: name, known: ['token', 'type'], required: ['token', 'type'] });
  }
}

/** `$authorization` (DSL, "Authorization Descriptor"); a token that is fetched only while sending has no parameter. */
export function authorizationDescriptor(authentication: Authentication): JsonObject {
  switch (authentication.kind) {
    case 'basic': {
      const pair = `${authentication.username}:${authentication.password}`;
      return { scheme: 'Basic', parameter: Buffer.from(pair).toString('base64') };
    }
    case 'bearer':
      return { scheme: 'Bearer', parameter: authentication.token };
    case 'digest':
      return { scheme: 'Digest', parameter: null };
    case 'oauth2':
      return { scheme: 'Bearer', parameter: null };
  }
}
