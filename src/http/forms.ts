import { parse } from 'node:querystring';
import type { FastifyInstance } from 'fastify';

/** Fields a form may have; what comes after is passed over, as it is in a query. */
const MOST_FIELDS = 1_000;

/** Lets the routes of a scope take urlencoded forms: an object of texts, with a list where a name came several times. */
export function readForms(scope: FastifyInstance): void {
  scope.addContentTypeParser<string>(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, { ...parse(body, '&', '=', { maxKeys: MOST_FIELDS }) }),
  );
}
