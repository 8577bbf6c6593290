import { isJsonObject, type Json, type JsonObject } from '../../../model/json.ts';
import type { Authentication } from '../../../outbound/index.ts';
import { shown } from '../../../schema/index.ts';
import { raise } from '../errors.ts';
import type { Scheme } from './schemes.ts';

type OAuth2 = Extract<Authentication, { kind: 'oauth2' }>;

/** The credentials of a scheme from their evaluated members; a wrong member is the DSL's configuration error. */
export function authenticationOf(scheme: Scheme, values: JsonObject): Authentication {
  switch (scheme) {
    case 'basic':
    case 'digest':
      return { kind: scheme, username: text(values, 'username', scheme), password: text(values, 'password', scheme) };
    case 'bearer':
      return { kind: 'bearer', token: text(values, 'token', scheme) };
    case 'oauth2':
      return oauth2(values);
  }
}

/** Credentials of OAuth 2; the token endpoint is a path below the authority, `/oauth2/token` unless said otherwise. */
function oauth2(values: JsonObject): OAuth2 {
  const endpoints = isJsonObject(values['endpoints']) ? values['endpoints'] : {};
  const path = typeof endpoints['token'] === 'string' ? endpoints['token'] : '/oauth2/token';
  const authority = text(values, 'authority', 'oauth2').replace(/\/+$/, '');
  const client = isJsonObject(values['client']) ? clientOf(values['client']) : undefined;
  const request = isJsonObject(values['request']) ? values['request']['encoding'] : undefined;
  const scopes = list(values['scopes']);
  const audiences = list(values['audiences']);
  return {
    kind: 'oauth2',
    tokenUrl: /^https?:\/\//.test(path) ? path : `${authority}/${path.replace(/^\/+/, '')}`,
    grant: grantOf(values),
    ...(client ? { client } : {}),
    ...(scopes ? { scopes } : {}),
    ...(audiences ? { audiences } : {}),
    ...(request === 'application/json' ? { encoding: 'json' } : {}),
  };
}

function grantOf(values: JsonObject): OAuth2['grant'] {
  const grant = text(values, 'grant', 'oauth2');
  switch (grant) {
    case 'client_credentials':
      return { type: grant };
    case 'password':
      return {
        type: grant,
        username: text(values, 'username', 'oauth2'),
        password: text(values, 'password', 'oauth2'),
      };
    case 'refresh_token':
      // The DSL has no member for it; the token presented is the subject's.
      return { type: grant, refreshToken: tokenOf(values['subject'], 'subject').token };
    case 'urn:ietf:params:oauth:grant-type:token-exchange': {
      const actor = values['actor'] === undefined ? {} : { actor: tokenOf(values['actor'], 'actor') };
      return { type: 'token_exchange', subject: tokenOf(values['subject'], 'subject'), ...actor };
    }
    default:
      throw raise('configuration', `The OAuth 2 grant "${grant}" is not supported.`);
  }
}

function clientOf(values: JsonObject): NonNullable<OAuth2['client']> {
  const way = values['authentication'];
  const secret = values['secret'];
  return {
    id: text(values, 'id', 'oauth2.client'),
    ...(typeof secret === 'string' ? { secret } : {}),
    ...(way === 'client_secret_basic' || way === 'client_secret_post' || way === 'none' ? { authentication: way } : {}),
  };
}

function tokenOf(value: Json | undefined, what: string): { token: string; type: string } {
  if (!isJsonObject(value)) throw raise('configuration', `oauth2 needs "${what}" with a token.`);
  return { token: text(value, 'token', what), type: text(value, 'type', what) };
}

const list = (value: Json | undefined): string[] | undefined =>
  Array.isArray(value) && value.length > 0 ? value.map(String) : undefined;

function text(values: JsonObject, name: string, where: string): string {
  const value = values[name];
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw raise(
    'configuration',
    `${where}.${name} must be text; found ${value === undefined ? 'nothing' : shown(value)}.`,
  );
}
