import type { Json } from './json.ts';

/**
 * Every error Millrace answers with, in one table: code, HTTP status, title and what a person does about it. The code
 * is the last part of the problem's `type` and the name of its help page at `/errors/{code}`.
 */
export const catalogue = {
  // --- the request
  'invalid-input': {
    status: 400,
    title: 'The request does not fit',
    help: 'Each entry of `errors` points to one field, with the value found and what is accepted.',
  },
  'invalid-json': {
    status: 400,
    title: 'The body is not valid JSON',
    help: 'The message names line and column of the first character that does not fit.',
  },
  'invalid-path': {
    status: 400,
    title: 'Not a repository path',
    help: 'A path is names joined with `/`; no `..`, no control characters, no backslash, at most 255 bytes a name.',
  },
  'too-deep': {
    status: 400,
    title: 'The body is nested too deeply',
    help: 'At most 64 levels of arrays and objects are accepted.',
  },
  unauthenticated: {
    status: 401,
    title: 'Sign in first',
    help: 'Send Basic credentials, a bearer token from `POST /tokens`, or a JWT from `POST /tokens/jwt`.',
  },
  forbidden: {
    status: 403,
    title: 'Not allowed',
    help: 'Your account is known but lacks the right; an administrator grants roles and path permissions.',
  },
  'cross-site': {
    status: 403,
    title: 'Refused: the request comes from another site',
    help: 'Browsers may change things only from pages of this server, and of the origins in the setting `allowedOrigins`.',
  },
  'not-found': { status: 404, title: 'Not found', help: 'It does not exist, or you may not see it.' },
  'method-not-allowed': {
    status: 405,
    title: 'Method not allowed here',
    help: 'The `Allow` header lists the methods of this address.',
  },
  'not-acceptable': {
    status: 406,
    title: 'No acceptable form',
    help: 'The message lists the media types this address can answer with.',
  },
  conflict: {
    status: 409,
    title: 'Not in this state',
    help: 'The message says which state it is in and in which the request is possible.',
  },
  exists: { status: 409, title: 'It exists already', help: 'Choose another name, or change the existing one.' },
  'precondition-failed': {
    status: 412,
    title: 'It has changed meanwhile',
    help: 'Read it again and repeat the request with the new ETag in `If-Match`.',
  },
  'too-large': {
    status: 413,
    title: 'Too large',
    help: 'The message names the limit and the setting that changes it.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'Unsupported media type',
    help: 'The message prints the header to send.',
  },
  'range-not-satisfiable': {
    status: 416,
    title: 'Range not satisfiable',
    help: 'The `Content-Range` header tells the size.',
  },
  misdirected: {
    status: 421,
    title: 'Unknown host name',
    help: 'Add the name to the setting `allowedHosts` (MILLRACE_ALLOWED_HOSTS).',
  },
  'invalid-workflow-input': {
    status: 422,
    title: 'The input does not fit the workflow',
    help: 'Each entry of `errors` points to one parameter; `GET /workflows{path}:parameters` shows what is accepted.',
  },
  'invalid-definition': {
    status: 422,
    title: 'The workflow definition has errors',
    help: 'Each entry of `errors` has line and column.',
  },
  'idempotency-conflict': {
    status: 422,
    title: 'The idempotency key was used with another request',
    help: 'Use a new `Idempotency-Key` for a new request; the same key replays the same answer for 24 hours.',
  },
  'precondition-required': {
    status: 428,
    title: 'Send If-Match',
    help: 'The item exists; send its ETag in `If-Match` so that no change of another is overwritten, or `If-Match: *`.',
  },
  'too-many-requests': { status: 429, title: 'Too many requests', help: 'Wait for the time in `Retry-After`.' },
  // --- the server
  internal: { status: 500, title: 'Something failed inside', help: 'The request id finds the line in the server log.' },
  draining: { status: 503, title: 'The server is stopping', help: 'Send it again after `Retry-After`.' },
  overloaded: { status: 503, title: 'Too much at once', help: 'Send it again after `Retry-After`.' },
  'store-unavailable': {
    status: 503,
    title: 'The store cannot write at the moment',
    help: 'Nothing was accepted. The server goes on by itself once the cause named in the message is gone.',
  },
  'disk-full': {
    status: 507,
    title: 'The disk is full',
    help: 'Nothing was accepted. Free space in the data folder; running jobs go on and intake opens by itself.',
  },
  'wait-over': {
    status: 504,
    title: 'It took longer than the request allows',
    help: 'Allow more time, or start the job and ask for its result later.',
  },
  // --- how a job fails
  'workflow-failed': {
    status: 500,
    title: 'The workflow raised an error',
    help: 'The problem carries the type, status and detail the workflow raised.',
  },
  'step-failed': { status: 500, title: 'A step failed', help: 'See the log of the step.' },
  'expression-failed': {
    status: 500,
    title: 'An expression failed',
    help: 'The message names the expression and what it was applied to.',
  },
  'limit-exceeded': {
    status: 500,
    title: 'A limit was exceeded',
    help: 'The message names the limit and its setting.',
  },
  'queue-time-exceeded': {
    status: 500,
    title: 'Not begun in time',
    help: 'The job waited in its queue for longer than `limits.queueSeconds`.',
  },
  'run-time-exceeded': {
    status: 500,
    title: 'The run took too long',
    help: 'The run went on for longer than `limits.runSeconds`.',
  },
  'total-time-exceeded': {
    status: 500,
    title: 'The job took too long',
    help: 'Waits and retries included, the job took longer than `limits.totalSeconds`.',
  },
  interrupted: {
    status: 500,
    title: 'The run was cut off',
    help: 'The server or worker ended under it and the workflow says `onInterrupted: fail`, or it was cut off too often.',
  },
  'outbound-refused': {
    status: 500,
    title: 'The address is not allowed',
    help: 'The setting `outbound.private` (MILLRACE_OUTBOUND_PRIVATE) allows loopback and private addresses.',
  },
  'unavailable-feature': {
    status: 500,
    title: 'Not available here',
    help: 'The message names what is missing on this machine.',
  },
  // --- start-up and the command line
  configuration: {
    status: 500,
    title: 'A setting is wrong',
    help: '`millrace config` lists every setting, its value and where it comes from.',
  },
  startup: {
    status: 500,
    title: 'The server cannot start',
    help: 'The message says what is in the way and what to do.',
  },
  invariant: {
    status: 500,
    title: 'A rule of the program was broken',
    help: 'This is a defect; please report it with the log line.',
  },
} as const satisfies Record<string, { status: number; title: string; help: string }>;

export type ErrorCode = keyof typeof catalogue;

/** One field that does not fit. */
export interface FieldError {
  /** JSON pointer (RFC 6901) to the field, or the name of a query parameter or header. */
  pointer: string;
  /** Where `pointer` points into; absent: the body. */
  in?: 'body' | 'query' | 'path' | 'header' | 'input' | 'definition';
  /** What is wrong, the value found, and what is accepted, as one sentence. */
  message: string;
  /** The value found, shortened. */
  value?: Json;
  /** What would be accepted. */
  accepted?: string;
  line?: number;
  column?: number;
}

/** Problem details (RFC 9457), as answered, and as kept with a failed job. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  /** For a failed job: JSON pointer to the step, `/do/0/name`. */
  instance?: string;
  code: ErrorCode;
  errors?: FieldError[];
  [extension: string]: unknown;
}

export interface FailOptions {
  detail: string;
  errors?: FieldError[];
  /** Overrides the catalogue's status where an outcome needs it. */
  status?: number;
  instance?: string;
  /** Further members of the problem document. */
  extra?: Record<string, Json>;
  /** Response headers that belong to the error, such as `Retry-After`. */
  headers?: Record<string, string>;
  cause?: unknown;
}

/** The one error class: a code of the catalogue and what happened this time. */
export class MillraceError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly options: FailOptions;

  constructor(code: ErrorCode, options: FailOptions) {
    super(options.detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MillraceError';
    this.code = code;
    this.status = options.status ?? catalogue[code].status;
    this.options = options;
  }
}

/** Makes the error to throw: `throw fail('not-found', { detail: 'There is no job 7.' })`. */
export const fail = (code: ErrorCode, options: FailOptions | string): MillraceError =>
  new MillraceError(code, typeof options === 'string' ? { detail: options } : options);

export const isMillraceError = (error: unknown): error is MillraceError => error instanceof MillraceError;

/** The problem document of an error; anything that is not ours becomes `internal` and tells nothing of its cause. */
export function toProblem(error: unknown): Problem {
  if (!isMillraceError(error)) return problem('internal', { detail: 'An unexpected error; the server log has it.' });
  return problem(error.code, error.options);
}

/** A problem document from the catalogue. */
export function problem(code: ErrorCode, options: FailOptions | string): Problem {
  const { detail, errors, status, instance, extra }: FailOptions =
    typeof options === 'string' ? { detail: options } : options;
  return {
    type: `/errors/${code}`,
    title: catalogue[code].title,
    status: status ?? catalogue[code].status,
    detail,
    ...(instance === undefined ? {} : { instance }),
    code,
    ...(errors?.length ? { errors } : {}),
    ...extra,
  };
}

/** The error a kept or received problem document is thrown as again. */
export function errorFrom(kept: Problem): MillraceError {
  const { type, title, status, detail, instance, code, errors, ...extra } = kept;
  // A workflow language has error types of its own; those must come back as they were.
  const own = type === `/errors/${code}` ? {} : { type, title };
  return new MillraceError(code, {
    detail: detail ?? '',
    status,
    ...(instance === undefined ? {} : { instance }),
    ...(errors === undefined ? {} : { errors }),
    extra: { ...(extra as Record<string, Json>), ...own },
  });
}
