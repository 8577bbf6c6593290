import {
  type ErrorCode,
  type FieldError,
  fail,
  isMillraceError,
  type MillraceError,
  toProblem,
} from '../../model/errors.ts';
import type { Json, JsonObject } from '../../model/json.ts';

/** The standard error types of the DSL, with their default status (DSL reference, "Standard Error Types"). */
const standardErrors = {
  configuration: { status: 400, title: 'Configuration error' },
  validation: { status: 400, title: 'Validation error' },
  expression: { status: 400, title: 'Expression error' },
  authentication: { status: 401, title: 'Authentication error' },
  authorization: { status: 403, title: 'Authorization error' },
  timeout: { status: 408, title: 'Timeout' },
  communication: { status: 500, title: 'Communication error' },
  runtime: { status: 500, title: 'Runtime error' },
} as const;
export type ErrorKind = keyof typeof standardErrors;

/** The form that the texts of DSL 1.0.0 to 1.0.3 define. */
const base = 'https://serverlessworkflow.io/spec/1.0.0/errors/';

/** Both homes of the specification, and both paths that its texts use. */
const standardType =
  /^https?:\/\/(?:https?:\/\/)?(?:www\.)?(?:serverlessworkflow\.io(?:\.io)?|open-workflow-specification\.org)\/(?:spec\/[\w.-]+\/errors|dsl\/errors\/types)\/([a-z]+)$/;

/**
 * True when two error types mean the same. The reference, the examples and the conformance kit write the standard
 * types in four ways; they are told apart by the last part of the path only.
 */
export function sameType(a: string, b: string): boolean {
  if (a === b) return true;
  const name = standardType.exec(a)?.[1];
  return name !== undefined && name === standardType.exec(b)?.[1];
}

/** What an error carries beside its detail. */
export interface RaiseOptions {
  status?: number;
  title?: string;
  instance?: string;
  /** A more exact code of our own catalogue than `workflow-failed`. */
  code?: ErrorCode;
  errors?: FieldError[];
  cause?: unknown;
}

/** Makes an error of a standard type. */
export function raise(kind: ErrorKind, detail: string, options: RaiseOptions = {}): MillraceError {
  const { title = standardErrors[kind].title, status = standardErrors[kind].status, code, ...rest } = options;
  return fail(code ?? codes[kind] ?? 'workflow-failed', {
    detail,
    status,
    ...rest,
    extra: { type: base + kind, title },
  });
}

const codes: Partial<Record<ErrorKind, ErrorCode>> = { expression: 'expression-failed' };

/** Makes an error from the problem a workflow raises. */
export function raiseProblem(problem: JsonObject, instance: string): MillraceError {
  const { type, status, title, detail } = problem;
  return fail('workflow-failed', {
    detail: typeof detail === 'string' ? detail : `The workflow raised ${String(title ?? type)}.`,
    status: typeof status === 'number' ? status : 500,
    instance: typeof problem['instance'] === 'string' ? problem['instance'] : instance,
    extra: { ...problem, type: String(type), ...(typeof title === 'string' ? { title } : {}) },
  });
}

/** True for an error that a workflow may catch; anything else (a defect, the end of the run) goes through. */
export const isCatchable = (error: unknown): error is MillraceError =>
  isMillraceError(error) &&
  error.code !== 'invariant' &&
  error.code !== 'internal' &&
  error.code !== 'store-unavailable';

/** Adds the step an error comes from, and the standard type where another part of the server made it. */
export function located(error: unknown, instance: string): unknown {
  if (!isCatchable(error)) return error;
  const { options, code } = error;
  if (options.instance !== undefined && options.extra?.['type'] !== undefined) return error;
  const kind = kindOf(error);
  const { title } = standardErrors[kind];
  const typed = options.extra?.['type'] === undefined ? { type: base + kind, title } : {};
  return fail(code, {
    ...options,
    instance: options.instance ?? instance,
    status: options.status ?? statusOf(error, kind),
    extra: { ...options.extra, ...typed },
    cause: error,
  });
}

function kindOf({ code, options }: MillraceError): ErrorKind {
  const kind = options.extra?.['kind'];
  if (typeof kind === 'string' && kind in standardErrors) return kind as ErrorKind;
  if (code === 'expression-failed') return 'expression';
  if (code === 'invalid-input' || code === 'invalid-workflow-input') return 'validation';
  if (code === 'not-found' || code === 'configuration') return 'configuration';
  if (code === 'forbidden') return 'authorization';
  if (code === 'outbound-refused') return 'communication';
  return 'runtime';
}

const statusOf = (error: MillraceError, kind: ErrorKind): number => {
  const status = error.options.extra?.['statusCode'];
  return typeof status === 'number' ? status : standardErrors[kind].status;
};

/** The error as expressions see it (DSL reference, "Error"): type, status, title, detail, instance. */
export function asData(error: MillraceError): JsonObject {
  const { type, status, title, detail, instance, code: _code, errors, ...others } = toProblem(error);
  const data: Record<string, unknown> = { ...others, type, status, title, detail, instance };
  if (errors?.length) data['errors'] = errors;
  return JSON.parse(JSON.stringify(data)) as JsonObject;
}

/** A filter of `catch.errors.with`: every member given must be equal. */
export function matches(filter: JsonObject, error: JsonObject): boolean {
  return Object.entries(filter).every(([name, wanted]) => {
    const found: Json | undefined = error[name === 'details' ? 'detail' : name];
    if (name === 'type' && typeof wanted === 'string' && typeof found === 'string') return sameType(wanted, found);
    return found === wanted || JSON.stringify(found) === JSON.stringify(wanted);
  });
}
