import { fail, isMillraceError } from '../model/errors.ts';

/** An address in an error: without credentials and without the query, which may hold some. */
export function shown(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** The other server could not be reached or answered nonsense. */
export const communicationFailure = (url: URL, what: string, code?: string, cause?: unknown) =>
  fail('step-failed', {
    detail: `The request to ${shown(url)} failed: ${what}.`,
    extra: { kind: 'communication', url: shown(url), ...(code === undefined ? {} : { cause: code }) },
    ...(cause === undefined ? {} : { cause }),
  });

/** It took too long. */
export const timeoutFailure = (url: URL, what: string) =>
  fail('step-failed', {
    detail: `The request to ${shown(url)} took too long: ${what}.`,
    extra: { kind: 'timeout', url: shown(url) },
  });

/** No credentials could be obtained, or those given fit no challenge. */
export const authenticationFailure = (url: URL, what: string) =>
  fail('step-failed', {
    detail: `Authentication for ${shown(url)} failed: ${what}.`,
    extra: { kind: 'authentication', url: shown(url) },
  });

export const refused = (what: string) =>
  fail('outbound-refused', {
    detail: `${what} Workflows may not call it: see the settings \`outbound.private\` (MILLRACE_OUTBOUND_PRIVATE) and \`outbound.allow\` (MILLRACE_OUTBOUND_ALLOW).`,
  });

const timeouts: Record<string, string> = {
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer began in time',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped in the middle',
  ETIMEDOUT: 'no connection in time',
};

const reasons: Record<string, string> = {
  ECONNREFUSED: 'nothing accepts connections there',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up at the moment',
  ECONNRESET: 'the connection was cut off',
  EPIPE: 'the connection was cut off',
  UND_ERR_SOCKET: 'the connection was cut off',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  UND_ERR_HEADERS_OVERFLOW: 'the headers of the answer are too large',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer was cut off',
};

/** Translates what the HTTP library or the system threw. */
export function toFailure(error: unknown, url: URL): unknown {
  for (const candidate of chain(error)) {
    if (isMillraceError(candidate)) return candidate;
    const code = candidate.code;
    if (code === undefined) continue;
    if (timeouts[code]) return timeoutFailure(url, timeouts[code]);
    if (reasons[code]) return communicationFailure(url, reasons[code], code, error);
  }
  const last = error as NodeJS.ErrnoException;
  return communicationFailure(url, last.message || 'unknown reason', last.code, error);
}

/** An error, what it was made of, and what caused it. */
function* chain(error: unknown): Generator<NodeJS.ErrnoException> {
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth += 1) {
    yield current;
    if (current instanceof AggregateError) for (const part of current.errors) if (part instanceof Error) yield part;
    current = current.cause;
  }
}
