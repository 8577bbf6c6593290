import type { FastifyRequest } from 'fastify';
import type { SignIn } from '../dialect.ts';

/** The token in an `Authorization` header: of the scheme Bearer, or of the dialect's own. */
export function tokenInHeader(header: string, ways: SignIn | undefined): string | undefined {
  if (ways?.looseBearer === true && /^bearer/i.test(header)) return header.slice('bearer'.length).trim();
  const space = header.indexOf(' ');
  const scheme = header.slice(0, space).toLowerCase();
  const rest = header.slice(space + 1);
  if (scheme === 'bearer') return rest;
  if (scheme !== ways?.scheme) return undefined;
  const token = /^\s*token\s*=\s*(.*?)\s*$/i.exec(rest)?.[1];
  return token?.replace(/^(["'])(.*)\1$/, '$2');
}

/** The first token in the query under one of the names the dialect knows. */
export const tokenInQuery = (query: unknown, ways: SignIn | undefined): string | undefined =>
  tokenUnder(ways?.query, query);

/** The token in a form that was read. */
export const tokenInForm = (body: unknown, ways: SignIn | undefined): string | undefined =>
  tokenUnder(ways?.form, body);

/** Whether a request that brings no credential elsewhere may have one in its body. */
export const mayBeInForm = ({ headers, query }: FastifyRequest, ways: SignIn | undefined): boolean =>
  ways?.form !== undefined &&
  headers.authorization === undefined &&
  tokenInQuery(query, ways) === undefined &&
  /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '');

function tokenUnder(names: readonly string[] | undefined, values: unknown): string | undefined {
  if (names === undefined || typeof values !== 'object' || values === null) return undefined;
  for (const name of names) {
    const value: unknown = Object.hasOwn(values, name) ? Reflect.get(values, name) : undefined;
    const token: unknown = Array.isArray(value) ? value[0] : value;
    if (typeof token === 'string' && token !== '') return token;
  }
  return undefined;
}
