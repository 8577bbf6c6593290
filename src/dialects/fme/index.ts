import type { FastifyInstance } from 'fastify';
import type { Dialect, DialectContext } from '../../dialect.ts';
import { fail } from '../../model/errors.ts';
import { addAccounts } from './accounts.ts';
import { beanValidator } from './bean-validation.ts';
import { addEngines } from './engine-routes.ts';
import { errorDocument, errorWire } from './error-wire.ts';
import { addHealth } from './health.ts';
import { addItems } from './item-routes.ts';
import { addJobActions } from './job-actions.ts';
import { addJobList } from './job-list.ts';
import { addJobLog } from './job-log.ts';
import { addJobRequest } from './job-request.ts';
import { addJobResult } from './job-result.ts';
import { addJobs } from './jobs.ts';
import { addQueues } from './queue-routes.ts';
import { addRepositories } from './repository-routes.ts';
import { addResourceUpload } from './resource-upload.ts';
import { addResources } from './resources.ts';
import { addSchedules } from './schedules.ts';
import { services } from './services/index.ts';
import { restSignIn, v3SignIn } from './sign-in.ts';
import { addTokenService } from './token-service.ts';
import { addTokens } from './tokens.ts';
import { addV3, v3Tags } from './v3/index.ts';
import { addVersion } from './version.ts';
import { addWorkspaceParameters } from './workspace-parameters.ts';
import { addWorkspaces } from './workspace-routes.ts';

/** What all roots of FME Flow have in common; each is a dialect value of its own, so that its errors stay below it. */
const root = (
  name: string,
  prefix: string,
  title: string,
  register: (scope: FastifyInstance, context: DialectContext) => Promise<void> | void,
  { slashes = 'counted', signIn = restSignIn }: Pick<Dialect, 'slashes' | 'signIn'> = {},
): Dialect => ({
  name,
  prefix,
  title,
  description,
  tags: [...tags, ...v3Tags],
  slashes,
  documentPath: '/fmeapiv4/docs/openapi.json',
  pagesPath: '/fmeapiv4/docs',
  signIn,
  errorDocument,
  errorWire,
  async register(scope, context) {
    scope.setValidatorCompiler(beanValidator);
    if (slashes === 'counted') refuseTrailingSlash(scope);
    await register(scope, context);
  },
});

const description = `The REST API V4 of FME Flow over this server's workflows: repositories are folders, workspaces are workflow
files, engines are the places for runs.

Sign in with \`Authorization: fmetoken token=<token>\`, with the token from \`POST /fmeapiv4/tokens\`, or with Basic.

Errors are \`{"message": …}\` and, for fields that do not fit, \`"details"\` with one text each:
400 a field, 401 no or bad credentials, 403 not granted, 404 not there or hidden, 409 name taken, 415 wrong media type,
422 not possible in this state or published parameters that do not fit, 503 stopping or not ready.`;

const tags = [
  { name: 'Jobs', description: 'Submit workspaces, wait for results, cancel, read logs.' },
  { name: 'Repositories', description: 'Folders with workspaces.' },
  { name: 'Workspaces', description: 'Workspaces and their published parameters.' },
  { name: 'Engines', description: 'Places for runs.' },
  { name: 'Queues', description: 'Lines of jobs.' },
  { name: 'Schedules', description: 'Workspaces by the clock.' },
  { name: 'Accounts', description: 'Users.' },
  { name: 'Resources', description: 'Shared files: upload, list, download, delete.' },
  { name: 'Tokens', description: 'API tokens.' },
  { name: 'Health Check', description: 'For load balancers and probes.' },
  { name: 'Info', description: 'The version of the server.' },
];

/** An address with a slash at its end is another one, and there is nothing. */
function refuseTrailingSlash(scope: FastifyInstance): void {
  scope.addHook('onRequest', (request, _reply, done) => {
    const path = (request.raw.url ?? '').split('?', 1)[0]!;
    done(path.endsWith('/') ? fail('not-found', `There is no ${request.method} ${path.slice(0, 200)}.`) : undefined);
  });
}

/** FME Flow's REST APIs V4 and V3, and what stands beside them. */
export const fme: readonly Dialect[] = [
  root('fme', '/fmeapiv4', 'FME Flow REST API V4', async (scope, context) => {
    addJobs(scope, context);
    addJobResult(scope, context);
    addJobList(scope, context);
    await addJobActions(scope, context);
    addJobLog(scope, context);
    addJobRequest(scope, context);
    addRepositories(scope, context);
    addWorkspaces(scope, context);
    await addItems(scope, context);
    addWorkspaceParameters(scope, context);
    addEngines(scope, context);
    addQueues(scope, context);
    addAccounts(scope, context);
    addResources(scope, context);
    await addSchedules(scope, context);
    addTokens(scope, context);
    addHealth(scope, context);
    return addResourceUpload(scope, context);
  }),
  root('fme-info', '/fmeinfo', 'FME Flow', addVersion),
  root('fme-token', '/fmetoken', 'FME Flow', addTokenService),
  root('fme-v3', '/fmerest/v3', 'FME Flow REST API V3', addV3, { slashes: 'ignored', signIn: v3SignIn }),
  ...services,
];
