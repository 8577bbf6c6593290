import type { Json } from '../../../model/json.ts';
import { isJsonObject } from '../../../model/json.ts';
import { shown } from '../../../schema/index.ts';
import { type At, fields } from '../check.ts';
import { raise } from '../errors.ts';
import { splitTemplate, wholeExpression } from '../interpolate.ts';
import type { Frame } from '../model.ts';
import type { Site } from '../site.ts';
import { asText } from '../template.ts';
import { expandUri } from '../uri-template.ts';
import { type Credentials, compileAuthentication } from './authentication.ts';

/** Where to send something, and how to prove who sends it. */
export interface Endpoint {
  uri(frame: Frame, data: Json): string;
  credentials?: Credentials;
}

/** Reads an endpoint: an address, an expression, or `{ uri, authentication }` (DSL reference, "Endpoint"). */
export function compileEndpoint(at: At, what: string, site: Site): Endpoint {
  if (!isJsonObject(at.value)) return { uri: compileUri(at, what, site) };
  const read = fields(at, { what, known: ['uri', 'authentication'], required: ['uri'] });
  const uri = read?.get('uri');
  const authentication = read?.get('authentication');
  return {
    uri: uri ? compileUri(uri, `${what}.uri`, site) : () => '',
    ...(authentication ? { credentials: compileAuthentication(authentication, site) } : {}),
  };
}

function compileUri(at: At, what: string, site: Site): Endpoint['uri'] {
  if (typeof at.value !== 'string') {
    at.check.issue(
      at.pointer,
      `${what} must be an address such as "https://example.org/pets/{id}"; found ${shown(at.value)}.`,
    );
    return () => '';
  }
  if (wholeExpression(at.value) !== undefined) {
    const shape = site.template(at);
    return (frame, data) => textOf(shape(frame, data), what);
  }
  checkAddress(at, at.value, what);
  // Only what the definition itself spells as a template is one: an address from an expression is data.
  const parts = splitTemplate(at.value).map((piece) =>
    'literal' in piece ? piece.literal : site.template({ ...at, value: `\${${piece.jq}}` }),
  );
  return (frame, data) =>
    parts.map((part) => (typeof part === 'string' ? expandUri(part, data) : asText(part(frame, data)))).join('');
}

function checkAddress(at: At, text: string, what: string): void {
  const scheme = /^([A-Za-z][A-Za-z0-9+\-.]*):\/\//.exec(text)?.[1]?.toLowerCase();
  if (scheme === 'http' || scheme === 'https' || /^[{$]/.test(text)) return;
  const found = scheme === undefined ? JSON.stringify(text) : `the scheme "${scheme}"`;
  at.check.issue(at.pointer, `${what} must begin with "https://" or "http://"; found ${found}.`);
}

function textOf(value: Json, what: string): string {
  if (typeof value === 'string') return value;
  throw raise('expression', `${what} must give an address as text; it gave ${shown(value)}.`);
}
