import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { ErrorDocument, ErrorWire } from '../../dialect.ts';
import { negotiate } from '../../http/pages.ts';
import { type ErrorCode, type Problem, problem } from '../../model/errors.ts';
import { choices } from './choices.ts';
import { JSON_TYPE, MASON_TYPE } from './mason.ts';

/**
 * Our error in one body that serves what is known of all clients (reference section 5.2): members of RFC 9457 with
 * `details` as an array, and Mason's `@error`; the bare message for those that take neither.
 */
export function errorWire(problem: Problem, request: FastifyRequest): ErrorWire {
  const status = statusOf(problem);
  const body = errorBody(problem, request.routeOptions.url ?? '');
  const type = negotiate(request.headers.accept, [MASON_TYPE, JSON_TYPE, TEXT_TYPE]) ?? TEXT_TYPE;
  if (type === TEXT_TYPE) return { status, contentType: `${TEXT_TYPE};charset=UTF-8`, body: body.title };
  return { status, contentType: `${type};charset=UTF-8`, body: JSON.stringify(body) };
}

const TEXT_TYPE = 'text/plain';

const statusOf = ({ code, status }: Problem): number =>
  code === 'idempotency-conflict' ? status : (choices.statuses[status] ?? status);

function errorBody(problem: Problem, route: string) {
  const { code, detail, title, errors = [] } = problem;
  const status = statusOf(problem);
  const message = code === 'unauthenticated' ? signInText : (detail ?? title);
  const details = errors.map((error) => error.message);
  return {
    title: message,
    status,
    code: codeOf(code, route),
    details,
    '@error': { '@id': randomUUID(), '@message': message, '@code': String(status), '@messages': details },
  };
}

const signInText =
  'Sign in with name and password as Basic, or with Authorization: Bearer and a token from GET /knime/rest/v4/auth/jwt.';

/** Our codes as the names of Java classes; what is missing is told by what was asked for. */
function codeOf(code: ErrorCode, route: string): string {
  const words = code.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  if (code !== 'not-found') return words;
  if (route.includes('/repository')) return 'ItemNotFound';
  if (route.includes('/schedules')) return 'ScheduleNotFound';
  return route.includes('/jobs') ? 'JobNotFound' : words;
}

export const errorDocument: ErrorDocument = {
  contentType: MASON_TYPE,
  alsoAs: [JSON_TYPE],
  textTypes: [TEXT_TYPE],
  component: 'KnimeError',
  statusOf: (code) => statusOf(problem(code, '')),
  schemas: {
    KnimeError: {
      type: 'object',
      required: ['title', 'status', 'code', 'details', '@error'],
      properties: {
        title: { type: 'string', description: 'What went wrong.' },
        status: { type: 'integer' },
        code: { type: 'string' },
        details: { type: 'array', items: { type: 'string' }, description: 'Of values that do not fit: one text each.' },
        '@error': {
          type: 'object',
          required: ['@id', '@message', '@code', '@messages'],
          properties: {
            '@id': { type: 'string' },
            '@message': { type: 'string' },
            '@code': { type: 'string' },
            '@messages': { type: 'array', items: { type: 'string' } },
          },
        },
      },
    },
  },
  example: (code, detail) => ({
    ...errorBody(problem(code, detail), ''),
    '@error': {
      '@id': '5b0d4ac6-9a5e-43a2-8a8c-64f7d0c0a4f1',
      '@message': detail,
      '@code': String(statusOf(problem(code, detail))),
      '@messages': [],
    },
  }),
};
