import type { SignIn } from '../../dialect.ts';

const places = { scheme: 'fmetoken', query: ['token', 'fmetoken'] };

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
export const restSignIn: SignIn = { ...places, challenge: 'fmetoken', schemes };

/** For the transformation services, whose clients wait for a Basic challenge and send tokens in forms too. */
export const serviceSignIn: SignIn = {
  ...places,
  form: ['token', 'fmetoken'],
  challenge: 'Basic realm="FME Flow"',
  schemes,
};
