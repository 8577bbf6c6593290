import type { Config } from '../../config.ts';
import type { Dialect } from '../../dialect.ts';
import { parseJson } from '../../http/json-text.ts';
import { CONTEXT, PAGES, ROOT, readAddress } from './addresses.ts';
import { addGroups } from './admin/groups.ts';
import { addPermissions } from './admin/permissions.ts';
import { addServerLog } from './admin/server-log.ts';
import { addUsers } from './admin/users.ts';
import { errorDocument, errorWire } from './error-wire.ts';
import { addItemChanges } from './items/item-changes.ts';
import { addItemDownload } from './items/item-download.ts';
import { addItemPages } from './items/item-pages.ts';
import { addItemReads } from './items/item-read.ts';
import { addItemUpload } from './items/item-upload.ts';
import { addJobRoutes } from './jobs/index.ts';
import { MASON_TYPE } from './mason.ts';
import { addRoot } from './root.ts';
import { addSchedules } from './schedules/schedules.ts';
import { addSession } from './session.ts';
import { signIn } from './sign-in.ts';

/** KNIME Server's REST API, version 4. */
export const knime = (settings: Config['knime']): Dialect => ({
  name: 'knime',
  prefix: ROOT,
  title: 'KNIME Server REST API',
  description,
  tags,
  documentPath: `${ROOT}/openapi.json`,
  documentBase: CONTEXT,
  pagesPath: PAGES,
  signIn,
  readAddress,
  errorDocument,
  errorWire,
  async register(scope, context) {
    scope.addContentTypeParser<string>(MASON_TYPE, { parseAs: 'string' }, (_request, body, done) => {
      try {
        done(null, body === '' ? undefined : parseJson(body));
      } catch (error) {
        done(error as Error);
      }
    });
    addRoot(scope, context);
    addItemReads(scope, context);
    addItemDownload(scope, context);
    addItemPages(scope, context);
    await addItemUpload(scope, context);
    await addItemChanges(scope, context);
    await addJobRoutes(scope, context, settings);
    await addSchedules(scope, context);
    addUsers(scope, context);
    addGroups(scope, context);
    addPermissions(scope, context);
    addServerLog(scope, context);
    addSession(scope, context, settings.tokenSeconds);
  },
});

const description = `The REST API of KNIME Server 4 over this server's workflows: items are folders, workflow files and plain files.

Sign in with Basic, or with \`Authorization: Bearer\` and a token from \`GET /rest/v4/auth/jwt\`.

\`POST /rest/v4/repository/{path}:execution\` runs a workflow in one step; \`POST /rest/v4/repository/{path}:jobs\` loads a
job that \`POST /rest/v4/jobs/{uuid}\` runs as often as wanted.`;

const tags = [
  { name: 'Repository', description: 'Workflows, folders and files.' },
  { name: 'Jobs', description: 'Load, run, read and discard jobs.' },
  { name: 'Execution', description: 'Run a workflow in one step.' },
  { name: 'Schedules', description: 'Runs by the clock.' },
  { name: 'Administration', description: 'Users, groups and logs.' },
  { name: 'Authentication', description: 'Tokens.' },
  { name: 'Server', description: 'The root document and this description.' },
];
