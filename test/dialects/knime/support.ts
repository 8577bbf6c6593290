import { type DialectServer, header, startDialectServer } from '../server.ts';

export const rest = '/knime/rest';
export const v4 = `${rest}/v4`;

/** Workflows the tests run. */
export const definitions: Record<string, string> = {
  'Users/guest/echo.yaml': `${header('echo')}do:\n  - echo:\n      set:\n        got: \${ . }\n`,
  'Users/guest/My Workflow.yaml': `${header('mine')}do:\n  - done:\n      set: { ok: true }\n`,
};

/** The whole server on folders of its own, with `more` files and settings. */
export const startServer = (
  more: Record<string, string> = {},
  environment: Record<string, string> = {},
): Promise<DialectServer> =>
  startDialectServer({ definitions: { ...definitions, ...more }, document: `${rest}/openapi-3.1.json`, environment });
