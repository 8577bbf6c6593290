import type { JsonObject } from '../../../model/json.ts';
import { isJsonObject } from '../../../model/json.ts';
import { type At, boolean, fields, object, oneOf, string } from '../check.ts';
import { effectOf } from '../effect.ts';
import { authorizationDescriptor, compileAuthentication } from '../http/authentication.ts';
import { checkStatus, outputForms, outputOf } from '../http/response.ts';
import { send } from '../http/send.ts';
import type { Body } from '../model.ts';
import { apiDocument } from '../openapi/cache.ts';
import { findOperation } from '../openapi/operation.ts';
import { apiRequest } from '../openapi/request.ts';
import { compileResource } from '../resource.ts';
import type { Site } from '../site.ts';

const known = ['document', 'operationId', 'parameters', 'authentication', 'output', 'redirect'];

/** `call: openapi` (DSL reference, "OpenAPI Call"). Reading the document and sending the request are one effect. */
export function compileOpenApiCall(at: At, site: Site): Body {
  const read = fields(at, { what: 'the "openapi" call', known, required: ['document', 'operationId'] });
  const place = read?.get('document');
  const resource = place ? compileResource(place, 'document', site) : undefined;
  const operationId = string(read?.get('operationId'), 'operationId') ?? '';
  const given = read?.get('parameters');
  object(given, 'parameters');
  const parameters = given ? site.template(given) : undefined;
  const policy = read?.get('authentication');
  const credentials = policy ? compileAuthentication(policy, site) : undefined;
  const form = oneOf(read?.get('output'), 'output', outputForms) ?? 'content';
  const redirect = boolean(read?.get('redirect'), 'redirect') ?? false;
  return async (frame) => {
    const authentication = await credentials?.(frame, frame.input);
    if (authentication) frame.authorization = authorizationDescriptor(authentication);
    const values = parameters?.(frame, frame.input);
    const output = await effectOf(frame, async (attempt) => {
      const document = await apiDocument(resource!, frame, attempt.signal);
      const request = apiRequest(
        document,
        findOperation(document, operationId),
        isJsonObject(values) ? values : ({} as JsonObject),
      );
      const answer = await send(frame, attempt, request, { redirect, authentication });
      checkStatus(request, answer, redirect);
      return outputOf(form, request, answer);
    });
    return { output };
  };
}
