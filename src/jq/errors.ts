import type { Json } from './value.ts';

/** A stack trace of closures tells an author nothing and costs more than the program that failed. */
function withoutStack<T>(make: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** A runtime error, as `error(x)` raises it: `value` is x, which `try … catch` receives. */
export class JqError extends Error {
  override readonly name = 'JqError';
  readonly value: Json;

  constructor(message: string, value: Json) {
    super(message);
    this.value = value;
  }
}

/** The program text is not jq: says where (1-based line and column), what was found and what was expected. */
export class JqSyntaxError extends Error {
  override readonly name = 'JqSyntaxError';
  readonly line: number;
  readonly column: number;
  readonly found: string;
  readonly expected: string;

  constructor(message: string, at: { line: number; column: number; found?: string; expected?: string }) {
    super(`${message} (line ${at.line}, column ${at.column})`);
    this.line = at.line;
    this.column = at.column;
    this.found = at.found ?? '';
    this.expected = at.expected ?? '';
  }
}

export type LimitName = 'steps' | 'deadline' | 'depth' | 'outputs' | 'bytes';

const LIMIT_TEXT: Record<LimitName, string> = {
  steps: 'the program took more steps than it is allowed',
  deadline: 'the program ran longer than it is allowed',
  depth: 'the program or its data is nested deeper than is allowed',
  outputs: 'the program gave more outputs than it is allowed',
  bytes: 'the program used more memory than it is allowed',
};

/** A bound was reached. Programs cannot catch it. */
export class JqLimitError extends Error {
  override readonly name = 'JqLimitError';
  readonly limit: LimitName;

  constructor(limit: LimitName) {
    super(LIMIT_TEXT[limit]);
    this.limit = limit;
  }
}

/** Makes the error for a message that `catch` receives as a string. */
export function failure(message: string): JqError {
  return withoutStack(() => new JqError(message, message));
}

/** Makes the error for any thrown value; `describe` gives the text of values that are not strings. */
export function thrown(value: Json, describe: (value: Json) => string): JqError {
  const text = typeof value === 'string' ? value : `(not a string): ${describe(value)}`;
  return withoutStack(() => new JqError(text, value));
}

/** Makes the error for a reached bound. */
export function exceeded(limit: LimitName): JqLimitError {
  return withoutStack(() => new JqLimitError(limit));
}
