import { type At, boolean, fields, oneOf } from '../check.ts';
import { effectOf } from '../effect.ts';
import { raise } from '../errors.ts';
import { authorizationDescriptor } from '../http/authentication.ts';
import { compileEndpoint } from '../http/endpoint.ts';
import { type HttpRequest, headersOf, withBody, withQuery } from '../http/request.ts';
import { checkStatus, outputForms, outputOf } from '../http/response.ts';
import { send } from '../http/send.ts';
import type { Body, Frame, Shape } from '../model.ts';
import type { Site } from '../site.ts';

const known = ['method', 'endpoint', 'headers', 'body', 'query', 'output', 'redirect'];

/** `call: http` (DSL reference, "HTTP Call"). */
export function compileHttpCall(at: At, site: Site): Body {
  const read = fields(at, { what: 'the "http" call', known, required: ['method', 'endpoint'] });
  const part = (name: string): Shape | undefined => {
    const found = read?.get(name);
    return found && site.template(found);
  };
  checkMap(read?.get('headers'), 'headers');
  checkMap(read?.get('query'), 'query');
  const method = compileMethod(read?.get('method'), site);
  const place = read?.get('endpoint');
  const endpoint = place ? compileEndpoint(place, 'endpoint', site) : undefined;
  const headers = part('headers');
  const query = part('query');
  const body = part('body');
  const form = oneOf(read?.get('output'), 'output', outputForms) ?? 'content';
  const redirect = boolean(read?.get('redirect'), 'redirect') ?? false;
  const requestOf = (frame: Frame): HttpRequest => {
    const url = withQuery(endpoint!.uri(frame, frame.input), query ? query(frame, frame.input) : null);
    const request = { method: method(frame), url, headers: headers ? headersOf(headers(frame, frame.input)) : {} };
    return withBody(request, body ? body(frame, frame.input) : null);
  };
  return async (frame) => {
    const authentication = await endpoint!.credentials?.(frame, frame.input);
    if (authentication) frame.authorization = authorizationDescriptor(authentication);
    const request = requestOf(frame);
    const output = await effectOf(frame, async (attempt) => {
      const answer = await send(frame, attempt, request, { redirect, authentication });
      checkStatus(request, answer, redirect);
      return outputOf(form, request, answer);
    });
    return { output };
  };
}

/** Headers and query are a map of names, or an expression that gives one. */
function checkMap(at: At | undefined, what: string): void {
  if (!at || (typeof at.value === 'string' && /^\s*\$\{[\s\S]+\}\s*$/.test(at.value))) return;
  const read = fields(at, { what: `"${what}"` });
  if (!read || what === 'query') return;
  for (const [name, value] of Object.entries(read.at.value as object)) {
    if (typeof value === 'string') continue;
    const found = JSON.stringify(value);
    at.check.issue(
      read.get(name)!.pointer,
      `The header ${JSON.stringify(name)} must be text; found ${found} (put it in quotes).`,
    );
  }
}

function compileMethod(at: At | undefined, site: Site): (frame: Frame) => string {
  const token = /^[A-Za-z]+$/;
  if (at && (typeof at.value !== 'string' || !(token.test(at.value) || at.value.includes('${')))) {
    at.check.issue(
      at.pointer,
      `method must be an HTTP method such as "get" or "post"; found ${JSON.stringify(at.value)}.`,
    );
  }
  const shape = at ? site.template(at) : () => 'get';
  return (frame) => {
    const value = shape(frame, frame.input);
    if (typeof value === 'string' && token.test(value)) return value.toUpperCase();
    throw raise('expression', `method must give an HTTP method; it gave ${JSON.stringify(value)}.`);
  };
}
