import type { FastifyInstance } from 'fastify';
import type { Dialect, DialectContext } from '../../../dialect.ts';
import { readForms } from '../../../http/forms.ts';
import { fail } from '../../../model/errors.ts';
import { beanValidator } from '../bean-validation.ts';
import { serviceSignIn } from '../sign-in.ts';
import { serviceErrorDocument, serviceErrorWire } from './error-wire.ts';
import type { Format } from './format.ts';

export const SERVICES_TAG = 'Services';

/**
 * What all services have in common: a root of their own each, tokens in header, query and form, a challenge for Basic
 * (clients send their password only after it), forms, errors in the services' shape, and a slash at the end that means
 * nothing (reference sections 1.2, 2.1, 2.2, 10). `format`: of answers to clients that want none.
 */
export const service = (
  name: string,
  prefix: string,
  register: (scope: FastifyInstance, context: DialectContext) => Promise<void> | void,
  { format }: { format?: Format } = {},
): Dialect => ({
  name,
  prefix,
  title: 'FME Flow services',
  description: 'The services of FME Flow: workspaces that are run by one address.',
  tags: [{ name: SERVICES_TAG, description: 'Run a workspace by one address; files in and out.' }],
  slashes: 'ignored',
  documentPath: '/fmeapiv4/docs/openapi.json',
  pagesPath: '/fmeapiv4/docs',
  signIn: serviceSignIn,
  errorDocument: serviceErrorDocument,
  errorWire: (problem, request) => serviceErrorWire(problem, request, format),
  async register(scope, context) {
    scope.setValidatorCompiler(beanValidator);
    readForms(scope);
    refuseBorrowedPasswords(scope);
    await register(scope, context);
  },
});

/**
 * A GET runs a workspace here, and a browser that knows the password sends it along with whatever a page of another site
 * asks for. Such a page may use a token, which it must have been given; never the password, unless its site is allowed.
 */
function refuseBorrowedPasswords(scope: FastifyInstance): void {
  scope.addHook('onRequest', ({ headers }, reply, done) => {
    const site = headers['sec-fetch-site'];
    const foreign = site !== undefined && site !== 'same-origin' && site !== 'none';
    // The server has set it for sites that may call it.
    const allowed = reply.hasHeader('access-control-allow-origin');
    const borrowed = foreign && !allowed && /^basic /i.test(headers.authorization ?? '');
    done(
      borrowed ? fail('cross-site', `The browser says that the request is ${String(site).slice(0, 40)}.`) : undefined,
    );
  });
}
