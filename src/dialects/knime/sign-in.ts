import type { SignIn } from '../../dialect.ts';

/** Basic, or a token from `/auth/jwt` with the blank after `Bearer` or without it (reference section 3). */
export const signIn: SignIn = {
  looseBearer: true,
  challenge: 'Basic realm="KNIME Server", charset="UTF-8"',
  schemes: {
    // First: importers take the first scheme for a whole collection.
    basic: { type: 'http', scheme: 'basic' },
    bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'A token from `/rest/v4/auth/jwt`.' },
  },
};
