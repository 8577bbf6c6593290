import type { SignIn } from '../../dialect.ts';

const schemes = {
  fmetoken: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: '`fmetoken token=<token>` with a token from `POST /fmeapiv4/tokens`.',
  },
  fmetokenQuery: { type: 'apiKey', in: 'query', name: 'token', description: 'The same token in the address.' },
};

/** For the REST APIs: the challenge keeps browsers from opening a password box. */
export const restSignIn: SignIn = { scheme: 'fmetoken', query: ['token', 'fmetoken'], challenge: 'fmetoken', schemes };

/** For V3, whose clients send it in forms too. */
export const v3SignIn: SignIn = { ...restSignIn, form: ['token', 'fmetoken'] };

/** For the services: old clients send their password only once they are asked for it. */
export const serviceSignIn: SignIn = {
  scheme: 'fmetoken',
  query: ['token', 'fmetoken'],
  form: ['token', 'fmetoken'],
  challenge: 'Basic realm="FME Flow"',
  schemes,
};
