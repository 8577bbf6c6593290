import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Dialect, ErrorWire } from '../dialect.ts';
import { fail, isMillraceError, type MillraceError, type Problem, problem, toProblem } from '../model/errors.ts';

/** Seconds a client waits before it tries again, where the error itself does not say. */
const RETRY_SECONDS = '2';

/** Problem details (RFC 9457) as our own API and the server itself answer them. */
export function problemWire(problem: Problem): ErrorWire {
  return { status: problem.status, contentType: 'application/problem+json', body: `${JSON.stringify(problem)}\n` };
}

/** Our error for whatever was thrown: ours as it is, Fastify's by its code, everything else `internal`. */
export function toMillraceError(error: unknown, request: FastifyRequest): MillraceError {
  if (isMillraceError(error)) return error;
  const { code, message, statusCode } = error as Partial<FastifyError>;
  switch (code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return unsupportedMediaType(request);
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return tooLarge(request);
    case 'FST_REQ_FILE_TOO_LARGE':
    case 'FST_PARTS_LIMIT':
    case 'FST_FILES_LIMIT':
    case 'FST_FIELDS_LIMIT':
      return fail('too-large', `The multipart body is over a limit: ${message}. The setting is uploadLimit.`);
    case 'FST_PROTO_VIOLATION':
      return fail('invalid-input', 'A multipart field may not be named like a property of the prototype.');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return fail('invalid-input', 'The body is not as long as Content-Length says.');
    case 'FST_ERR_BAD_URL':
      return fail(
        'invalid-path',
        'The address has a percent sign without two hexadecimal digits behind it, or bytes that are not UTF-8.',
      );
    case 'FST_INVALID_MULTIPART_CONTENT_TYPE':
      return fail('unsupported-media-type', 'Send Content-Type: multipart/form-data; boundary=...');
  }
  // The multipart parser has no codes for what is wrong with a body.
  if (code === undefined && typeof message === 'string' && /^Multipart: |multipart data$/.test(message))
    return fail('invalid-input', { detail: `The multipart body cannot be read: ${message}.`, cause: error });
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 && typeof message === 'string') {
    return fail('invalid-input', { detail: message, status: statusCode, cause: error });
  }
  return fail('internal', { detail: 'An unexpected error; the server log has it.', cause: error });
}

function unsupportedMediaType(request: FastifyRequest): MillraceError {
  const got = request.headers['content-type'];
  const accepted = bodyTypes(request);
  const hint = `Add this header: Content-Type: ${accepted[0]}`;
  const curl =
    got === 'application/x-www-form-urlencoded' ? ' (curl --data sends a form unless -H says otherwise)' : '';
  return fail('unsupported-media-type', {
    detail: `${got === undefined ? 'The body has no content type' : `${got} is not accepted here`}${curl}. ${hint}`,
    extra: { accepted },
    headers: { 'accept-post': accepted.join(', ') },
  });
}

function tooLarge(request: FastifyRequest): MillraceError {
  const limit = request.routeOptions.bodyLimit;
  return fail('too-large', `The body is larger than ${limit} bytes; the setting bodyLimit changes that.`);
}

/** Media types the route takes, as its document says. */
function bodyTypes(request: FastifyRequest): string[] {
  const types = Object.keys(request.routeOptions.config.doc?.requestBody?.content ?? {});
  return types.length > 0 ? types : ['application/json'];
}

/** Answers an error in a dialect's shape and logs those that are ours to repair. */
export function errorHandler(wire: Dialect['errorWire']) {
  return (thrown: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const error = toMillraceError(thrown, request);
    if (error.status >= 500) {
      const level = error.code === 'internal' || error.code === 'invariant' ? 'error' : 'warn';
      request.log[level]({ err: error.options.cause ?? error, code: error.code }, 'request failed');
    }
    if (reply.raw.headersSent) {
      // Too late for an answer: the only honest sign is a connection that breaks off.
      reply.raw.destroy();
      return;
    }
    sendProblem(reply, wire, asProblem(error, request), error.options.headers);
  };
}

/** The problem document of an error for this request; `internal` tells the id that finds the log line. */
function asProblem(error: MillraceError, request: FastifyRequest): Problem {
  if (error.code === 'internal' || error.code === 'invariant') {
    const detail = `An unexpected error. The server log has it under request ${request.id}.`;
    return problem('internal', { detail, extra: { requestId: request.id } });
  }
  return toProblem(error);
}

/** Writes a problem in a dialect's shape, with the headers its status asks for. */
export function sendProblem(
  reply: FastifyReply,
  wire: Dialect['errorWire'],
  problem: Problem,
  headers?: Record<string, string>,
): void {
  const { status, contentType, body } = wire(problem, reply.request);
  if (headers !== undefined) reply.headers(headers);
  if ((status === 429 || status === 503) && !reply.hasHeader('retry-after')) reply.header('retry-after', RETRY_SECONDS);
  reply.code(status).header('content-type', contentType).header('cache-control', 'no-store').send(body);
}
